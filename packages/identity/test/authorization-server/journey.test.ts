import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import {
  askToken,
  authorizeUrl,
  codeForm,
  consent,
  register,
  signIn,
  startTestServer,
  type TestServer,
} from './test-server.ts';

let running: TestServer;
beforeEach(async () => void (running = await startTestServer()));
afterEach(() => running.close());

describe('a person connects a client', () => {
  test('registration, sign-in, consent, token, refresh, revocation', async () => {
    const clientId = String((await register(running)).body['client_id']);
    const page = await signIn(running, authorizeUrl(running, clientId));
    const answer = await consent(running, page, { cloudIds: ['site-1', 'site-2'] });
    expect(answer.get('state')).toBe('client-state');
    expect(answer.get('iss')).toBe(running.origin);

    const { status, body } = await askToken(running, codeForm(clientId, answer.get('code') ?? ''));
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 600, scope: 'atl:read atl:write' });

    const verdict = await running.server.verify(body['access_token'] ?? '', `${running.origin}/mcp`);
    expect(verdict).toMatchObject({ ok: true, token: { clientId, scopes: ['atl:read', 'atl:write'] } });
    if (!verdict.ok) return;
    expect(verdict.token.person).toMatchObject({ email: 'alice@acme.example', groups: ['eng', 'staff'] });
    expect(verdict.token.picks).toEqual({ cloudIds: new Set(['site-1', 'site-2']) });

    const refreshed = await askToken(running, {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: body['refresh_token'] ?? '',
    });
    expect(refreshed.status).toBe(200);
    expect(refreshed.body['refresh_token']).not.toBe(body['refresh_token']);

    const personId = verdict.token.person?.id ?? '';
    const [connection] = await running.server.connections({ personId });
    expect(connection).toMatchObject({ clientName: 'Claude', redirectHost: 'claude.ai', origin: 'consent' });
    await running.server.revokeConnection(connection?.id ?? '');
    expect(
      await running.server.verify(refreshed.body['access_token'] ?? '', `${running.origin}/mcp`),
    ).toEqual({ ok: false, fault: 'revoked' });
    const dead = await askToken(running, {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: refreshed.body['refresh_token'] ?? '',
    });
    expect(dead).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });
});
