const GOOD = 'https://claude.ai/api/mcp/auth_callback';

/** Metadata that no registration takes. */
export const BAD_REGISTRATIONS: readonly unknown[] = [
  ...[null, true, 0, 1, '', 'x', [], [{}], ['redirect_uris'], {}].map((body) => body),
  ...[
    undefined,
    null,
    '',
    GOOD,
    [],
    {},
    [null],
    [1],
    [[GOOD]],
    [{}],
    [GOOD, null],
    [GOOD, 1],
    { 0: GOOD, length: 1 },
    true,
  ].map((redirect_uris) => ({ redirect_uris })),
  { redirect_uris: Array.from({ length: 17 }, () => GOOD) },
  ...[
    'client_secret_jwt',
    'tls_client_auth',
    'self_signed_tls_client_auth',
    'attest_jwt_client_auth',
    'NONE',
    'none ',
    '',
    0,
    false,
    [],
    ['none'],
    {},
  ].map((token_endpoint_auth_method) => ({ redirect_uris: [GOOD], token_endpoint_auth_method })),
  ...[1, true, [], {}, ['Claude'], { toString: 'x' }].map((client_name) => ({
    redirect_uris: [GOOD],
    client_name,
  })),
  ...['authorization_code', 1, {}, [1], [null], [['x']], true].map((grant_types) => ({
    redirect_uris: [GOOD],
    grant_types,
  })),
  ...badKeys(),
];

/** Keys that no client may be known by. */
function badKeys(): unknown[] {
  const method = { redirect_uris: [GOOD], token_endpoint_auth_method: 'private_key_jwt' };
  const ec = {
    kty: 'EC',
    crv: 'P-256',
    x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
    y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  };
  const keys: unknown[] = [
    undefined,
    null,
    '',
    'x',
    [],
    {},
    { keys: null },
    { keys: {} },
    { keys: 'x' },
    { keys: [null] },
    { keys: ['x'] },
    { keys: [[]] },
    { keys: [{}] },
    { keys: [{ kty: 'oct', k: 'AAAA' }] },
    { keys: [{ ...ec, d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI' }] },
    { keys: [{ kty: 'EC' }] },
    { keys: [{ kty: 'EC', crv: 'P-256' }] },
    { keys: [{ ...ec, x: 1 }] },
    { keys: [{ ...ec, alg: 1 }] },
    { keys: [{ kty: 'RSA', n: 'x' }] },
    { keys: [{ kty: 1 }] },
    { keys: [{ ...ec, x5c: 'x' }] },
    { keys: Array.from({ length: 9 }, () => ec) },
  ];
  const uris = [
    'http://claude.ai/jwks',
    'https://claude.ai/jwks',
    'https://169.254.169.254/jwks',
    'file:///etc/passwd',
    '',
    1,
    null,
    [],
  ];
  return [
    ...keys.map((jwks) => ({ ...method, jwks })),
    ...uris.map((jwks_uri) => ({ ...method, jwks_uri })),
    ...uris.map((jwks_uri) => ({ ...method, jwks: { keys: [ec] }, jwks_uri: jwks_uri ?? 'x' })),
  ];
}

/** Bodies that are no metadata at all. */
export const BAD_BODIES: readonly string[] = [
  '',
  ' ',
  '{',
  '{}x',
  '[1',
  'null,',
  "{'a':1}",
  '\0',
  '{"redirect_uris":',
  'redirect_uris=https://claude.ai',
  '<xml/>',
  '\uFEFF\uFEFF{}',
  `{"redirect_uris":["${GOOD}"],}`,
  `{"a":"${'x'.repeat(20_000)}"}`,
  '['.repeat(10_000),
  `${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}`,
];

/** What stands at a document's address, as a function of that address, and is no client. */
export const BAD_DOCUMENTS: readonly ((url: string) => {
  body: string;
  status?: number;
  headers?: Record<string, string>;
})[] = [
  ...['', '{', 'null', 'true', '[]', '"x"', '1', '<html></html>', '{}'].map((body) => () => ({ body })),
  ...[undefined, null, '', 1, [], {}].map((client_id) => () => document({ client_id })),
  ...['/', '#x', '?x', ' ', '%20', '/../client.json'].map(
    (suffix) => (url: string) => document({ client_id: `${url}${suffix}` }),
  ),
  (url) => document({ client_id: url.toUpperCase() }),
  (url) => document({ client_id: url.replace('https', 'http') }),
  () => document({ client_id: 'https://claude.ai/oauth/claude-code-client-metadata' }),
  ...['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'tls_client_auth', 'x', 1, []].map(
    (token_endpoint_auth_method) => (url: string) => document({ client_id: url, token_endpoint_auth_method }),
  ),
  (url) => document({ client_id: url, client_secret: 'x' }),
  (url) => document({ client_id: url, client_secret_expires_at: 0, client_secret: '' }),
  ...BAD_REGISTRATIONS.filter(
    (each) => typeof each === 'object' && each !== null && !Array.isArray(each),
  ).map((metadata) => (url: string) => ({
    body: JSON.stringify({ ...(metadata as object), client_id: url }),
  })),
  ...[201, 204, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 410, 500, 503].map(
    (status) => (url: string) => ({
      ...document({ client_id: url }),
      status,
      headers: { location: 'http://127.0.0.1/elsewhere' },
    }),
  ),
  (url) => document({ client_id: url, padding: 'x'.repeat(6_000) }),
  (url) => document({ client_id: url, redirect_uris: ['https://evil.example/callback'] }),
  (url) => document({ client_id: url, redirect_uris: ['javascript:alert(1)'] }),
];

function document(said: Record<string, unknown>): { body: string } {
  return {
    body: JSON.stringify({
      client_name: 'X',
      redirect_uris: [GOOD],
      token_endpoint_auth_method: 'none',
      ...said,
    }),
  };
}
