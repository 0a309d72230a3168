import { describe, expect, test } from 'vitest';

import { readClientMetadata } from '../../src/authorization-server/client-metadata.ts';
import { createRedirectPolicy, REDIRECT_PRESETS } from '../../src/authorization-server/redirect-policy.ts';

const redirects = createRedirectPolicy([
  ...REDIRECT_PRESETS,
  'https://global.consent.azure-apim.net/redirect/acme',
]);
const CLAUDE = 'https://claude.ai/api/mcp/auth_callback';

/** What the clients register with (facts of their documentation and of reports). */
const SHAPES = [
  {
    client: 'Claude (claude.ai)',
    said: {
      client_name: 'Claude',
      redirect_uris: [CLAUDE],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      scope: 'atl:read atl:write',
    },
    kept: { application_type: 'web', token_endpoint_auth_method: 'none' },
  },
  {
    client: 'Claude (claude.com)',
    said: {
      client_name: 'Claude',
      redirect_uris: ['https://claude.com/api/mcp/auth_callback'],
      token_endpoint_auth_method: 'client_secret_post',
    },
    kept: { application_type: 'web', token_endpoint_auth_method: 'client_secret_post' },
  },
  {
    client: 'Claude Code',
    said: {
      client_name: 'Claude Code (plugin)',
      redirect_uris: ['http://localhost:54545/callback'],
      token_endpoint_auth_method: 'none',
    },
    kept: { application_type: 'native' },
  },
  {
    client: 'ChatGPT',
    said: {
      client_name: 'ChatGPT',
      redirect_uris: ['https://chatgpt.com/connector_platform_oauth_redirect'],
      token_endpoint_auth_method: 'client_secret_basic',
    },
    kept: { application_type: 'web' },
  },
  {
    client: 'VS Code',
    said: {
      client_name: 'Visual Studio Code',
      client_uri: 'https://code.visualstudio.com',
      redirect_uris: [
        'https://insiders.vscode.dev/redirect',
        'https://vscode.dev/redirect',
        'http://127.0.0.1/',
        'http://127.0.0.1:33418/',
      ],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    },
    kept: { application_type: 'native' },
  },
  {
    client: 'Cursor',
    said: {
      client_name: 'Cursor',
      redirect_uris: [
        'cursor://anysphere.cursor-mcp/oauth/callback',
        'https://www.cursor.com/agents/mcp/oauth/callback',
        'http://localhost:8787/callback',
      ],
      token_endpoint_auth_method: 'none',
      application_type: 'web',
    },
    kept: { application_type: 'native' },
  },
  {
    client: 'mcp-remote',
    said: {
      client_name: 'MCP CLI Proxy',
      redirect_uris: ['http://localhost:3334/oauth/callback'],
      token_endpoint_auth_method: 'none',
      software_id: '2e6dc280-f3c3-4e01-99a7-8181dbd1d23d',
      software_version: '0.15.1',
    },
    kept: { application_type: 'native' },
  },
  {
    client: 'Copilot Studio',
    said: {
      client_name: 'Copilot Studio',
      redirect_uris: ['https://global.consent.azure-apim.net/redirect/acme'],
    },
    kept: { application_type: 'web', token_endpoint_auth_method: 'client_secret_basic' },
  },
] as const;

describe('registrations of known clients', () => {
  test.each(SHAPES)('$client', ({ said, kept }) => {
    const read = readClientMetadata(said, { redirects, jwtBearer: false });
    expect(read).toMatchObject({
      ok: true,
      metadata: {
        client_name: said.client_name,
        redirect_uris: said.redirect_uris,
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        ...kept,
      },
    });
  });
});

describe('metadata documents', () => {
  const document = 'https://claude.ai/oauth/claude-code-client-metadata';

  test('Claude Code: addresses without a port, no application_type', () => {
    const said = {
      client_id: document,
      client_name: 'Claude Code',
      redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    };
    expect(readClientMetadata(said, { redirects, jwtBearer: false, document })).toMatchObject({
      ok: true,
      metadata: { application_type: 'native', grant_types: ['authorization_code', 'refresh_token'] },
    });
  });

  test('addresses for other servers are left out, and a document of nothing else is refused', () => {
    const options = { redirects, jwtBearer: false, document };
    expect(
      readClientMetadata({ redirect_uris: ['https://elsewhere.example/cb', CLAUDE] }, options),
    ).toMatchObject({ metadata: { redirect_uris: [CLAUDE] } });
    expect(readClientMetadata({ redirect_uris: ['https://elsewhere.example/cb'] }, options)).toMatchObject({
      ok: false,
      error: 'invalid_redirect_uri',
    });
  });

  test('keys are fetched from the host of the document alone', () => {
    const said = { redirect_uris: [CLAUDE], token_endpoint_auth_method: 'private_key_jwt' };
    const options = { redirects, jwtBearer: false, document };
    expect(readClientMetadata({ ...said, jwks_uri: 'https://claude.ai/jwks.json' }, options)).toMatchObject({
      metadata: { jwks_uri: 'https://claude.ai/jwks.json' },
    });
    expect(
      readClientMetadata({ ...said, jwks_uri: 'https://keys.example/jwks.json' }, options),
    ).toMatchObject({ ok: false });
  });
});

function grantsOf(input: object, jwtBearer: boolean): unknown {
  const read = readClientMetadata(input, { redirects, jwtBearer });
  return read.ok ? read.metadata.grant_types : read;
}

describe('what a client asks for beyond that', () => {
  test('a registration with one address that is not allowed is refused, and says which and whom to ask', () => {
    const read = readClientMetadata(
      { redirect_uris: [CLAUDE, 'https://evil.example/cb'] },
      { redirects, jwtBearer: false },
    );
    expect(read).toEqual({
      ok: false,
      error: 'invalid_redirect_uri',
      description:
        'redirect_uris[1] is not allowed here; an administrator of this server can add it to auth.oauth.redirects',
    });
  });

  test('the grant of assertions is for clients that prove themselves, where it is turned on', () => {
    const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
    const said = {
      redirect_uris: [CLAUDE],
      grant_types: [grant],
      token_endpoint_auth_method: 'client_secret_basic',
    };
    expect(grantsOf(said, true)).toContain(grant);
    expect(grantsOf(said, false)).not.toContain(grant);
    expect(grantsOf({ ...said, token_endpoint_auth_method: 'none' }, true)).not.toContain(grant);
  });

  test.each([
    ['Claude\u202Eedualc', 'Claude edualc'],
    ['  \u0000 ', 'An app without a name'],
    [undefined, 'An app without a name'],
    ['x'.repeat(500), 'x'.repeat(120)],
    ['Claude\r\nSet-Cookie: a=b', 'Claude Set-Cookie: a=b'],
  ])('the name %j is shown as %j', (client_name, shown) => {
    expect(
      readClientMetadata({ redirect_uris: [CLAUDE], client_name }, { redirects, jwtBearer: false }),
    ).toMatchObject({ metadata: { client_name: shown } });
  });
});
