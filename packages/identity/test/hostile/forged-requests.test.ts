import { connect as openSocket } from 'node:net';
import { text } from 'node:stream/consumers';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import {
  authorizeUrl,
  connect,
  register,
  startTestServer,
  type TestServer,
} from '../authorization-server/test-server.ts';
import { tryAll } from './report.ts';

let running: TestServer;
let clientId: string;
beforeAll(async () => {
  running = await startTestServer();
  clientId = String((await register(running)).body['client_id']);
});
afterAll(() => running.close());

/** A request as written, since no client would send these. */
async function raw(path: string, headers: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(running.origin);
  const socket = openSocket(Number(port), hostname);
  socket.write([`GET ${path} HTTP/1.1`, ...headers, 'connection: close', '', ''].join('\r\n'));
  return text(socket);
}

const EVIL = 'evil.example';
const HOSTS = [
  EVIL,
  `${EVIL}:80`,
  '127.0.0.1',
  '127.0.0.1:1',
  'localhost',
  '127.0.0.1.evil.example',
  '',
  ' ',
  '..',
  '[::1]',
  '127.0.0.1:99999',
  'evil.example@127.0.0.1',
  '127.0.0.1@evil.example',
  '127.0.0.1/evil.example',
  '127.0.0.1?evil.example',
  '127.0.0.1#evil.example',
];
const FORWARDING = [
  `x-forwarded-host: ${EVIL}`,
  `x-forwarded-host: ${EVIL}, ${EVIL}`,
  `X-Forwarded-Host: ${EVIL}:443`,
  `forwarded: host=${EVIL};proto=https`,
  'x-forwarded-proto: https',
  'x-forwarded-proto: javascript',
  'x-forwarded-port: 6666',
  `x-forwarded-server: ${EVIL}`,
  'x-forwarded-prefix: /evil.example',
  `x-original-url: http://${EVIL}/`,
  `x-rewrite-url: /${EVIL}`,
  `x-host: ${EVIL}`,
  `x-forwarded-for: ${EVIL}`,
  `via: ${EVIL}`,
  `x-http-host-override: ${EVIL}`,
  `x_forwarded_host: ${EVIL}`,
  `origin: http://${EVIL}`,
  `referer: http://${EVIL}/`,
];
const PLACES = [
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server/mcp',
  '/mcp/.well-known/openid-configuration',
  '/oauth/jwks',
  '/oauth/authorize',
  '/oauth/authorize?client_id=x',
];

describe('a request cannot say where this server is', () => {
  test('a foreign Host is turned away, and no header puts a foreign address into an answer', async () => {
    const own = `host: ${new URL(running.origin).host}`;
    const cases = [
      ...PLACES.flatMap((path) => HOSTS.map((host) => ({ path, headers: [`host: ${host}`] }))),
      ...PLACES.flatMap((path) => FORWARDING.map((header) => ({ path, headers: [own, header] }))),
      ...PLACES.map((path) => ({ path: `http://${EVIL}${path}`, headers: [own] })),
      ...PLACES.map((path) => ({ path, headers: [own, `host: ${EVIL}`] })),
    ];
    await tryAll('Host and X-Forwarded-* headers', {
      cases,
      least: 200,
      passes: async ({ path, headers }) => {
        const answer = (await raw(path, headers)).replace(/^access-control-allow-origin:.*$/gim, '');
        const foreignHost = headers.length === 1 && headers[0] !== own;
        return (
          answer.includes(EVIL) ||
          answer.includes('6666') ||
          (foreignHost && answer.startsWith('HTTP/1.1 200'))
        );
      },
    });
  });
});

describe('requests that begin no sign-in', () => {
  test('no PKCE, other methods, other answers, other places, unsafe scopes', async () => {
    const verifier = 'v'.repeat(43);
    const changes: Record<string, string | undefined>[] = [
      { code_challenge: undefined, code_challenge_method: undefined },
      { code_challenge_method: undefined },
      ...['plain', 'PLAIN', 's256', 'S512', '', 'none'].map((code_challenge_method) => ({
        code_challenge_method,
      })),
      { code_challenge_method: 'plain', code_challenge: verifier },
      ...['', 'x', 'a'.repeat(42), 'a'.repeat(129), `${'a'.repeat(42)}!`].map((code_challenge) => ({
        code_challenge,
      })),
      ...['token', 'id_token', 'code token', 'code id_token', 'none', '', 'CODE', undefined].map(
        (response_type) => ({ response_type }),
      ),
      ...['fragment', 'form_post', 'query.jwt', 'jwt', 'web_message', 'x'].map((response_mode) => ({
        response_mode,
      })),
      ...[
        'https://evil.example/mcp',
        `${running.origin}/mcp/../admin`,
        `${running.origin}/other`,
        `${running.origin}/mcp#x`,
        'mcp',
        'urn:x',
        `${running.origin}@evil.example/mcp`,
      ].map((resource) => ({ resource })),
      ...['', 'unknown', '../x', '__proto__', 'constructor', 'null'].map((client_id) => ({ client_id })),
      ...[
        'http://claude.ai/x.json',
        'https://169.254.169.254/x.json',
        'https://localhost/',
        'https://user@claude.ai/x',
        'https://claude.ai/../x',
        'https://claude.ai/x#y',
        'https://[::1]/x.json',
        'ftp://claude.ai/x',
      ].map((client_id) => ({ client_id })),
      { prompt: 'none' },
      { prompt: 'create' },
      { request: 'eyJhbGciOiJub25lIn0.e30.' },
      { request_uri: 'https://evil.example/r' },
      { registration: '{}' },
      { id_token_hint: 'x' },
    ];
    await tryAll('authorization requests', {
      cases: changes,
      least: 50,
      passes: async (change) => {
        const response = await fetch(authorizeUrl(running, clientId, change), { redirect: 'manual' });
        await response.text();
        return (response.headers.get('location') ?? '').includes('/oauth/interaction/');
      },
    });
  });
});

describe('text of strangers', () => {
  test('in names, states, scopes and errors it comes back escaped, or not at all', async () => {
    const texts = MARKUP;
    await tryAll('markup and CRLF', {
      cases: texts,
      least: 100,
      passes: async (payload) => {
        const registered = await fetch(`${running.origin}/oauth/register`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            client_name: payload,
            redirect_uris: ['https://claude.ai/api/mcp/auth_callback'],
          }),
        });
        const { client_name: name = '' } = (await registered.json()) as { client_name?: string };
        const answers = await Promise.all([
          fetch(authorizeUrl(running, clientId, { state: payload, prompt: 'none' }), { redirect: 'manual' }),
          fetch(authorizeUrl(running, payload), { redirect: 'manual' }),
          fetch(authorizeUrl(running, clientId, { scope: payload, response_type: payload }), {
            redirect: 'manual',
          }),
        ]);
        const heads = answers.map(({ headers }) => JSON.stringify([...headers]));
        const injected = answers.some(
          ({ headers }) =>
            headers.has('x-injected') || headers.getSetCookie().some((each) => each.startsWith('injected')),
        );
        for (const answer of answers) await answer.text();
        return injected || /[\p{C}]/u.test(name) || heads.some((head) => head.includes('<script'));
      },
    });
  });

  test('a token in the query opens nothing, and stands in no answer', async () => {
    const { accessToken } = await connect(running);
    const response = await fetch(`${running.origin}/oauth/authorize?access_token=${accessToken}`);
    const answer = await response.text();
    expect(response.status).toBe(400);
    expect(answer).not.toContain(accessToken);
  });
});

const BREAKS = ['\r\n', '\n', '\r', '%0d%0a', '\u2028', '\u2029', '\u0085', '\v', '\f', '\\r\\n', '嘊嘍'];
const MARKUP: readonly string[] = [
  ...BREAKS.flatMap((each) => [
    `x${each}x-injected: 1`,
    `x${each}set-cookie: injected=1`,
    `x${each}${each}<script>alert(1)</script>`,
  ]),
  ...[
    '<script>alert(1)</script>',
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    '<svg/onload=alert(1)>',
    '</title><script>',
    '</textarea><script>',
    '<!--',
    ']]>',
    '<iframe src=javascript:alert(1)>',
    '<a href="javascript:alert(1)">x</a>',
    '<meta http-equiv=refresh content=0>',
    '<base href=//evil.example>',
    '<form action=//evil.example>',
    '<style>@import"//evil.example"</style>',
    '<math><mtext></mtext></math>',
    '{{7*7}}',
    '${7*7}',
    '<%= 7*7 %>',
    '#{7*7}',
    '[x](javascript:alert(1))',
  ].flatMap((each) => [each, each.toUpperCase(), `Claude ${each}`]),
  ...[
    '\u202E',
    '\u2066',
    '\u200B',
    '\u200D',
    '\uFEFF',
    '\0',
    '\u0007',
    '\u001b[31m',
    '\u009b',
    '\u{E0001}',
    '\uD800',
    '\u061C',
  ].flatMap((each) => [`Cl${each}aude`, each.repeat(50)]),
];
