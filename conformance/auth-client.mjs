// Plays the client for the official suite's `auth/*` scenarios: plain MCP requests, with Switchyard's own OAuth client
// towards sites for every consent. The suite gives the server's URL as the last argument.
import { env } from 'node:process';

import { Secret } from '@switchyard/catalogue';
import { createAtlassianOauth, createKeyRing, createMemoryState } from '@switchyard/identity';

const CALLBACK = 'http://localhost:3000/callback';
/** What the suite expects for a client id metadata document. */
const DOCUMENT = 'https://conformance-test.local/client-metadata.json';
const BROWSER = ['person', 'browser'];
/** After this many consents for one request, more scopes will not help. */
const MAX_CONSENTS = 2;

const endpoint = process.argv.at(-1) ?? '';
const version = env['MCP_CONFORMANCE_PROTOCOL_VERSION'] ?? '2025-11-25';
const stateless = version >= '2026-07-28';
const context = JSON.parse(env['MCP_CONFORMANCE_CONTEXT'] ?? '{}');
const registered = context.client_id && {
  get: () => ({
    clientId: context.client_id,
    secret: context.client_secret,
    authentication: 'client_secret_basic',
  }),
  has: () => true,
};

const oauth = createAtlassianOauth({
  state: createMemoryState(),
  keys: createKeyRing([{ id: 'k1', secret: new Secret('a key for one run of the conformance suite') }]),
  callbackUrl: CALLBACK,
  documentUrl: DOCUMENT,
  ...(registered && { registered }),
});
const META = {
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientInfo': { name: 'switchyard', version: '0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
let grant;

try {
  if (!stateless) {
    await send('initialize', {
      protocolVersion: version,
      capabilities: {},
      clientInfo: { name: 'switchyard', version: '0' },
    });
    await send('notifications/initialized');
  }
  await send('tools/list', {});
  await send('tools/call', { name: 'test-tool', arguments: {} });
} finally {
  await oauth.close();
}

/** @param {string} method @param {object} [params] */
async function send(method, params) {
  for (let consents = 0; ; consents += 1) {
    const answer = await post(method, params);
    if (answer.ok) return;
    const challenge = readChallenge(answer.headers.get('www-authenticate') ?? '');
    if (![401, 403].includes(answer.status) || consents === MAX_CONSENTS)
      throw new Error(`${method}: HTTP ${answer.status}`);
    await consent(challenge);
  }
}

/** @param {string} method @param {object} [params] */
function post(method, params) {
  const id = method.startsWith('notifications/') ? {} : { id: 1 };
  return fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': version,
      ...(stateless && { 'mcp-method': method, ...(params?.name && { 'mcp-name': params.name }) }),
      ...(grant && { authorization: `Bearer ${grant.accessToken}` }),
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      ...id,
      method,
      ...(params && { params: stateless ? { ...params, _meta: META } : params }),
    }),
  });
}

/** The person's part: goes where it is sent, says yes, and comes back. */
async function consent(challenge) {
  const address = await oauth.begin({
    endpoint,
    cloudId: 'conformance',
    bound: BROWSER,
    challenge,
    scopes: grant?.scopes ?? [],
  });
  const answer = await fetch(address, { redirect: 'manual' });
  const back = new URL(answer.headers.get('location') ?? '');
  ({ grant } = await oauth.finish(back.searchParams, BROWSER));
}

/** @param {string} header */
function readChallenge(header) {
  const parameter = (name) => new RegExp(`[ ,]${name}="([^"]*)"`).exec(header)?.[1];
  const resourceMetadata = parameter('resource_metadata');
  const scope = parameter('scope');
  return { ...(resourceMetadata && { resourceMetadata }), ...(scope && { scopes: scope.split(' ') }) };
}
