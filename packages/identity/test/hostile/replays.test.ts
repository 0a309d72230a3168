import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createBrowser } from '../authorization-server/browser.ts';
import {
  askToken,
  authorizeUrl,
  codeForm,
  connect,
  consent,
  register,
  signIn,
  startTestServer,
  type TestServer,
} from '../authorization-server/test-server.ts';

let running: TestServer;
beforeAll(async () => void (running = await startTestServer()));
afterAll(() => running.close());

const FIFTY = Array.from({ length: 50 }, (_each, index) => index);

async function newCode(): Promise<{ clientId: string; code: string }> {
  const clientId = String((await register(running)).body['client_id']);
  const answer = await consent(running, await signIn(running, authorizeUrl(running, clientId)));
  return { clientId, code: answer.get('code') ?? '' };
}

describe('whatever is good once', () => {
  test('a code: of 50 that come at once, one wins', async () => {
    const { clientId, code } = await newCode();
    const answers = await Promise.all(FIFTY.map(() => askToken(running, codeForm(clientId, code))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ body }) => body['error'] === 'invalid_grant')).toHaveLength(49);
  });

  test('a code that comes again ends what it opened', async () => {
    const { clientId, code } = await newCode();
    const first = await askToken(running, codeForm(clientId, code));
    const again = await askToken(running, codeForm(clientId, code));
    expect(again.body['error']).toBe('invalid_grant');
    const verdict = await running.server.verify(first.body['access_token'] ?? '', `${running.origin}/mcp`);
    expect(verdict).toEqual({ ok: false, fault: 'revoked' });
  });

  test('the answer of the identity provider: of 50 that come at once, one wins', async () => {
    const clientId = String((await register(running)).body['client_id']);
    const browser = createBrowser();
    const { url } = await browser.follow(authorizeUrl(running, clientId), [running.origin]);
    const toProvider = await browser.post(`${url}/continue`, {});
    const { location = '' } = await browser.follow(toProvider.headers.get('location') ?? '', [
      running.company.issuer,
    ]);
    const answers = await Promise.all(FIFTY.map(() => browser.get(location)));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(49);
  });

  test('the answer to a request: of 50 clicks, one wins, and makes one connection', async () => {
    const clientId = String((await register(running)).body['client_id']);
    const { browser, page } = await signIn(running, authorizeUrl(running, clientId));
    const answers = await Promise.all(FIFTY.map(() => browser.post(page, {})));
    const winners = answers.filter(({ status }) => status === 303);
    expect(winners).toHaveLength(1);
    expect(await running.server.connections({ clientId })).toHaveLength(1);

    const resume = winners[0]?.headers.get('location') ?? '';
    const resumed = await Promise.all(FIFTY.map(() => browser.get(resume)));
    const codes = resumed.filter((each) => each.headers.get('location')?.includes('code='));
    expect(codes).toHaveLength(1);
  });
});

function refresh(clientId: string, token: string): ReturnType<typeof askToken> {
  return askToken(running, { grant_type: 'refresh_token', client_id: clientId, refresh_token: token });
}

describe('a refresh token that was used', () => {
  test('50 at once are 50 tool calls of one client: all get a living pair', async () => {
    const { clientId, refreshToken } = await connect(running);
    const answers = await Promise.all(FIFTY.map(() => refresh(clientId, refreshToken)));
    expect(answers.map(({ status }) => status)).toEqual(FIFTY.map(() => 200));
    const next = await Promise.all(answers.map(({ body }) => refresh(clientId, body['refresh_token'] ?? '')));
    expect(next.every(({ status }) => status === 200)).toBe(true);
    for (const { body } of next) {
      expect((await running.server.verify(body['access_token'] ?? '', `${running.origin}/mcp`)).ok).toBe(
        true,
      );
    }
  });

  test('after two minutes it was stolen: the whole connection ends', async () => {
    const { clientId, refreshToken } = await connect(running);
    const { body } = await refresh(clientId, refreshToken);
    running.clock.aheadMs += 60_000;
    expect((await refresh(clientId, refreshToken)).status).toBe(200);
    running.clock.aheadMs += 61_000;
    expect((await refresh(clientId, refreshToken)).body['error']).toBe('invalid_grant');
    expect((await refresh(clientId, body['refresh_token'] ?? '')).body['error']).toBe('invalid_grant');
    expect(await running.server.verify(body['access_token'] ?? '', `${running.origin}/mcp`)).toMatchObject({
      ok: false,
    });
    running.clock.aheadMs = 0;
  });

  test('it is of no use to another client', async () => {
    const { refreshToken } = await connect(running);
    const other = await connect(running);
    expect((await refresh(other.clientId, refreshToken)).body['error']).toBe('invalid_grant');
  });
});
