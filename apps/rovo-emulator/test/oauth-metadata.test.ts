import { describe, expect, it } from 'vitest';

import { startClient } from './emulator-client.ts';
import { startOAuth } from './oauth-client.ts';

const INSERTED = '/.well-known/oauth-authorization-server/emulated';
const APPENDED = '/emulated/.well-known/oauth-authorization-server';

async function issuerPathOf(url: string): Promise<string> {
  const response = await fetch(`${url}/.well-known/oauth-protected-resource/v2/mcp`);
  const document = (await response.json()) as { authorization_servers: string[] };
  return new URL(document.authorization_servers[0] ?? '').pathname;
}

describe('OAuth metadata', () => {
  it.each([
    '/.well-known/oauth-protected-resource',
    '/.well-known/oauth-protected-resource/v1/mcp',
    '/.well-known/oauth-protected-resource/v2',
    '/.well-known/openid-configuration',
  ])('there is none at %s', async (path) => {
    const oauth = await startOAuth();

    expect((await fetch(oauth.url + path)).status).toBe(404);
  });

  it.each([
    ['/v2/mcp', 'read:jira:agent-interface'],
    ['/v1/mcp/authv2', 'read:jira-work'],
    ['/lane-1/v2/mcp', 'read:jira:agent-interface'],
  ])('the resource %s names itself, its scopes and the path-scoped issuer', async (path, scope) => {
    const oauth = await startOAuth();

    const response = await fetch(`${oauth.url}/.well-known/oauth-protected-resource${path}`);

    const document = (await response.json()) as Record<string, unknown>;
    expect(document).toMatchObject({
      resource: oauth.url + path,
      authorization_servers: [`${oauth.url}/emulated`],
    });
    expect(document['scopes_supported']).toContain(scope);
  });

  it('a challenge of the endpoint leads to the document', async () => {
    const oauth = await startOAuth();
    const { headers } = await oauth.post({ jsonrpc: '2.0', id: 1, method: 'initialize' }, { auth: null });

    const [, url = ''] = /resource_metadata="([^"]+)"/.exec(headers.get('www-authenticate') ?? '') ?? [];

    expect((await fetch(url)).status).toBe(200);
  });

  it.each([
    ['both', 200, 200],
    ['inserted', 200, 404],
    ['appended', 404, 200],
  ] as const)('the issuer is described at: %s', async (oauthMetadataPlace, inserted, appended) => {
    const oauth = await startOAuth({ settings: { oauthMetadataPlace } });

    expect((await fetch(oauth.url + INSERTED)).status).toBe(inserted);
    expect((await fetch(oauth.url + APPENDED)).status).toBe(appended);
  });

  it('the path of the issuer is random where none is given', async () => {
    const [one, other] = await Promise.all([startClient(), startClient()]);
    expect(await issuerPathOf(one.url)).not.toBe(await issuerPathOf(other.url));
  });

  it('the current server says what it can do', async () => {
    const oauth = await startOAuth();

    const metadata = await oauth.metadata();

    expect(metadata).toMatchObject({
      issuer: `${oauth.url}/emulated`,
      authorization_endpoint: `${oauth.url}/authorize`,
      token_endpoint: `${oauth.url}/oauth/token`,
      registration_endpoint: `${oauth.url}/emulated/dcr/register`,
      revocation_endpoint: `${oauth.url}/oauth/revoke`,
      code_challenge_methods_supported: ['S256'],
      client_id_metadata_document_supported: true,
      authorization_response_iss_parameter_supported: true,
    });
    expect(metadata['scopes_supported']).toHaveLength(32);
  });

  it('the old server names an issuer that is not where its metadata lies', async () => {
    const oauth = await startOAuth();

    const metadata = await oauth.metadata('old');

    expect(metadata['issuer']).not.toBe(oauth.url);
    expect(metadata).not.toHaveProperty('scopes_supported');
    expect(metadata).toMatchObject({ token_endpoint: `${oauth.url}/v1/token` });
  });

  it.each([
    ['right', '/emulated', true],
    ['wrong', '/another-issuer', true],
    ['absent', null, false],
  ] as const)('iss in the callback: %s', async (oauthCallbackIssuer, path, isPromised) => {
    const oauth = await startOAuth({ settings: { oauthCallbackIssuer } });

    const callback = await oauth.callback(await oauth.client());

    expect(callback.get('iss')).toBe(path === null ? null : oauth.url + path);
    expect((await oauth.metadata())['authorization_response_iss_parameter_supported']).toBe(isPromised);
  });
});
