import { describe, expect, it } from 'vitest';

import type { Grant } from '../../src/atlassian/grant.ts';
import { createMemoryState } from '../../src/index.ts';
import { begin, DOCUMENT, type FakeAtlassian, openOauth, startAtlassian } from './fixture.ts';

function grantAt({ issuer, origin }: FakeAtlassian, changed: Partial<Grant> = {}): Grant {
  return {
    issuer,
    client: { clientId: 'dcr-client', secret: 'dcr-secret', authentication: 'client_secret_basic' },
    resource: `${origin}/v2/mcp`,
    accessToken: 'access-0',
    refreshToken: 'refresh-0',
    scopes: ['read:me'],
    issuedAt: 0,
    expiresAt: 3_300_000,
    ...changed,
  };
}

describe('refreshing', () => {
  it('presents the client of the grant and gives the new pair', async () => {
    const atlassian = await startAtlassian();
    const oauth = openOauth({ now: () => 5_000 });
    expect(await oauth.refresh(grantAt(atlassian))).toEqual({
      accessToken: 'access-1',
      refreshToken: 'refresh-1',
      scopes: ['read:me'],
      issuedAt: 5_000,
      expiresAt: 3_305_000,
    });
    const [sent] = atlassian.sentTo('/oauth/token');
    expect(Object.fromEntries(new URLSearchParams(sent?.body))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'refresh-0',
      resource: `${atlassian.origin}/v2/mcp`,
    });
    expect(sent?.authorization).toMatch(/^Basic /);
  });

  it('keeps the refresh token where the server does not rotate', async () => {
    const atlassian = await startAtlassian();
    atlassian.token = () => ({ status: 200, body: { access_token: 'access-1', token_type: 'bearer' } });
    expect(await openOauth({ now: () => 0 }).refresh(grantAt(atlassian))).toMatchObject({
      refreshToken: 'refresh-0',
      expiresAt: 3_300_000,
    });
  });

  it.each([
    ['a refresh token that has ended', 400, { error: 'invalid_grant' }],
    ['a refresh token that has ended, as a 403', 403, { error: 'invalid_grant' }],
    [
      'a refresh token that has ended, in other words',
      403,
      { error: 'unauthorized_client', error_description: 'refresh_token is invalid' },
    ],
    ['a client that the server forgot', 401, { error: 'invalid_client' }],
  ])('says that the grant has ended: %s', async (_what, status, body) => {
    const atlassian = await startAtlassian();
    atlassian.token = () => ({ status, body });
    expect(await openOauth().refresh(grantAt(atlassian))).toBe('ended');
  });

  it('says that the grant has ended when there is nothing to ask with', async () => {
    const { refreshToken: _, ...grant } = grantAt(await startAtlassian());
    expect(await openOauth().refresh(grant)).toBe('ended');
  });

  it.each([
    ['trouble', 500, { error: 'server_error' }],
    ['too many requests', 429, { error: 'slow_down' }],
    ['a request that it finds wrong', 400, { error: 'invalid_request' }],
    ['a client that may not, in general', 403, { error: 'unauthorized_client' }],
    ['no JSON object', 200, {}],
  ])('does not end a grant for %s', async (_what, status, body) => {
    const atlassian = await startAtlassian();
    atlassian.token = () => ({ status, body });
    await expect(openOauth().refresh(grantAt(atlassian))).rejects.toMatchObject({ name: 'LinkError' });
  });

  it.each([
    ['a client of somebody’s own making', { clientId: 'by-hand' }],
    ['a client with a metadata document', { clientId: DOCUMENT }],
  ])('does not end all grants for a slip with %s', async (_what, client) => {
    const atlassian = await startAtlassian();
    atlassian.token = () => ({ status: 401, body: { error: 'invalid_client' } });
    const oauth = openOauth({
      documentUrl: DOCUMENT,
      ...(client.clientId === 'by-hand' && { registered: new Map([[atlassian.issuer, client]]) }),
    });
    await expect(oauth.refresh(grantAt(atlassian, { client }))).rejects.toMatchObject({ name: 'LinkError' });
  });

  it('registers anew after the server forgot the client', async () => {
    const atlassian = await startAtlassian();
    const state = createMemoryState();
    await begin(openOauth({ state }), atlassian);
    atlassian.token = () => ({ status: 401, body: { error: 'invalid_client' } });
    await openOauth({ state }).refresh(grantAt(atlassian));
    Object.assign(atlassian.registration.body, { client_id: 'second-client' });
    expect((await begin(openOauth({ state }), atlassian)).get('client_id')).toBe('second-client');
  });

  it('sends the refresh token to nobody when the server now calls itself otherwise', async () => {
    const atlassian = await startAtlassian();
    Object.assign(Object(atlassian.metadata), { issuer: `${atlassian.issuer}/other` });
    await expect(openOauth().refresh(grantAt(atlassian))).rejects.toMatchObject({ code: 'metadata_refused' });
    expect(atlassian.sentTo('/oauth/token')).toEqual([]);
  });

  it('ends with the signal', async () => {
    const atlassian = await startAtlassian();
    await expect(openOauth().refresh(grantAt(atlassian), AbortSignal.abort())).rejects.toMatchObject({
      code: 'unreachable',
    });
  });
});

describe('revoking', () => {
  it('ends the refresh token, with the client of the grant', async () => {
    const atlassian = await startAtlassian();
    await openOauth().revoke(grantAt(atlassian));
    const [sent] = atlassian.sentTo('/oauth/revoke');
    expect(new URLSearchParams(sent?.body).get('token')).toBe('refresh-0');
    expect(sent?.authorization).toMatch(/^Basic /);
  });

  it('is nothing to do where the server offers none', async () => {
    const atlassian = await startAtlassian();
    const { revocation_endpoint: _, ...metadata } = Object(atlassian.metadata) as Record<string, unknown>;
    atlassian.metadata = metadata;
    await openOauth().revoke(grantAt(atlassian));
    expect(atlassian.sentTo('/oauth/revoke')).toEqual([]);
  });
});
