import { createHmac, createPublicKey } from 'node:crypto';

import {
  base64url,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createSigningKeys } from '../../src/authorization-server/signing-keys.ts';
import { connect, KEYS, startTestServer, type TestServer } from '../authorization-server/test-server.ts';
import { tryAll } from './report.ts';

let running: TestServer;
let good: { accessToken: string; refreshToken: string };
let resource: string;
let sign: (claims: JWTPayload, header?: Record<string, unknown>) => Promise<string>;
let signElsewhere: typeof sign;
let publicPem: string;

beforeAll(async () => {
  running = await startTestServer();
  resource = `${running.origin}/mcp`;
  good = await connect(running);
  const keys = await createSigningKeys({
    state: running.options.state,
    keys: KEYS,
    now: Date.now,
    publishMs: 0,
    retireMs: 0,
  });
  const [jwk] = keys.current().keys;
  if (!jwk) throw new Error('no key');
  publicPem = createPublicKey({ key: jwk as never, format: 'jwk' })
    .export({ type: 'spki', format: 'pem' })
    .toString();
  const own = jwk;
  sign = (claims, header = {}) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: own.kid ?? '', typ: 'at+jwt', ...header })
      .sign(own);
  const { privateKey } = await generateKeyPair('ES256');
  signElsewhere = (claims, header = {}) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: own.kid ?? '', typ: 'at+jwt', ...header })
      .sign(privateKey);
});
afterAll(() => running.close());

const passes = async (token: string): Promise<boolean> => (await running.server.verify(token, resource)).ok;

describe('only a token of this server, for this place, of a living connection', () => {
  test('the token that all others are made from is good, and so is its copy', async () => {
    expect(await passes(good.accessToken)).toBe(true);
    expect(await passes(await sign(decodeJwt(good.accessToken)))).toBe(true);
  });

  test('every claim changed, every header changed, every byte changed', async () => {
    const claims = decodeJwt(good.accessToken);
    const cases = [
      ...(await changedClaims(claims)),
      ...(await changedHeaders(claims)),
      ...forged(good.accessToken),
      ...flipped(good.accessToken),
      ...NO_TOKENS,
      good.refreshToken,
    ];
    await tryAll('access tokens', { cases: [...new Set(cases)], least: 300, passes });
  });

  test('a token for one place is of no use at another', async () => {
    const places = ['/mcp/sites/eng', '/mcp/views/triage', '/admin', '', '/', '/mcp/', '/v1/mcp'].map(
      (path) => running.origin + path,
    );
    await tryAll('places', {
      cases: places,
      least: 7,
      passes: async (place) => (await running.server.verify(good.accessToken, place)).ok,
    });
  });
});

async function changedClaims(claims: JWTPayload): Promise<string[]> {
  const now = Math.floor(Date.now() / 1_000);
  const odd: unknown[] = [
    undefined,
    null,
    '',
    0,
    -1,
    true,
    [],
    {},
    [claims.iss],
    'x',
    { toString: 'x' },
    '\0',
  ];
  const names = ['iss', 'aud', 'sub', 'exp', 'jti', 'client_id', 'sid', 'iat'];
  const replaced = names.flatMap((name) => odd.map((value) => ({ ...claims, [name]: value })));
  // What identifies a token is not compared with anything, so any text will do there.
  const meant = replaced.filter(
    ({ jti }) => jti === undefined || typeof jti !== 'string' || jti === claims.jti,
  );
  const chosen: JWTPayload[] = [
    ...meant,
    ...[`${running.origin}/`, `${running.origin}x`, 'https://evil.example', running.company.issuer].map(
      (iss) => ({ ...claims, iss }),
    ),
    ...[[resource], [resource, 'https://evil.example'], ['https://evil.example', resource]].map((aud) => ({
      ...claims,
      aud,
    })),
    ...['/mcp/', '/mcp/sites/eng', '/admin', '', '/v1/mcp', '/MCP'].map((path) => ({
      ...claims,
      aud: running.origin + path,
    })),
    ...[now - 1, now - 60, now - 86_400].map((exp) => ({ ...claims, exp })),
    { ...claims, nbf: now + 600 },
    ...['someone-else', claims['client_id'], `${String(claims.sub)} `].map((sub) => ({
      ...claims,
      sub: String(sub),
    })),
    ...['other', `${String(claims['sid'])}x`, String(claims['sid']).toUpperCase()].map((sid) => ({
      ...claims,
      sid,
    })),
    { ...claims, client_id: 'other' },
    { ...claims, sid: undefined, sub: String(claims['client_id']) },
  ];
  // Undefined leaves a claim out, as JSON does.
  const same = JSON.stringify(claims);
  const changed = chosen
    .map((each) => JSON.parse(JSON.stringify(each)) as JWTPayload)
    .filter((each) => JSON.stringify(each) !== same);
  const own = await Promise.all(changed.filter(isSignable).map((each) => sign(each)));
  return [...own, await signElsewhere(claims)];
}

/** The library refuses to make some of them itself. */
function isSignable({ exp, iat, nbf }: JWTPayload): boolean {
  return [exp, iat, nbf].every((time) => time === undefined || typeof time === 'number');
}

async function changedHeaders(claims: JWTPayload): Promise<string[]> {
  const { publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  const headers: Record<string, unknown>[] = [
    ...['JWT', 'jwt', 'at+JWTx', 'id+jwt', '', 'oauth-id-jag+jwt', 'dpop+jwt'].map((typ) => ({ typ })),
    ...['', 'unknown', '../../etc/passwd', "' or 1=1", 'x'.repeat(500)].map((kid) => ({ kid })),
  ];
  const planted: Record<string, unknown>[] = [
    { jwk },
    { jku: 'https://evil.example/jwks' },
    { x5u: 'https://evil.example/x' },
    { jwk, kid: 'x' },
    { jku: 'https://evil.example', kid: 'x' },
  ];
  const own = await Promise.all(headers.map((header) => sign(claims, header)));
  const foreign = await Promise.all(planted.map((header) => signElsewhere(claims, header)));
  const noType = await sign(claims, { typ: undefined });
  return [...own, ...foreign, noType];
}

/** Made by hand, since no library would. */
function forged(token: string): string[] {
  const [, payload = '', signature = ''] = token.split('.');
  const header = decodeProtectedHeader(token);
  const head = (changes: Record<string, unknown>): string =>
    base64url.encode(JSON.stringify({ ...header, ...changes }));
  const algs = [
    'none',
    'None',
    'NONE',
    'nOnE',
    '',
    'HS256',
    'HS384',
    'HS512',
    'RS256',
    'PS256',
    'ES384',
    'ES512',
    'EdDSA',
    'ES256K',
    'dir',
    null,
    1,
    ['ES256'],
  ];
  const secrets = [publicPem, publicPem.trim(), '', 'secret', JSON.stringify(header)];
  const confused = secrets.map((secret) => {
    const text = `${head({ alg: 'HS256' })}.${payload}`;
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  });
  return [
    ...algs.flatMap((alg) => [
      `${head({ alg })}.${payload}.${signature}`,
      `${head({ alg })}.${payload}.`,
      `${head({ alg })}.${payload}`,
    ]),
    ...confused,
    `${head({ crit: ['exp'] })}.${payload}.${signature}`,
    `${head({ b64: false, crit: ['b64'] })}.${payload}.${signature}`,
    `${head({ zip: 'DEF' })}.${payload}.${signature}`,
  ];
}

function flipped(token: string): string[] {
  const step = Math.ceil(token.length / 120);
  const changes: string[] = [];
  for (let at = 0; at < token.length; at += step) {
    const letter = token[at] === 'A' ? 'B' : 'A';
    if (token[at] !== '.') changes.push(`${token.slice(0, at)}${letter}${token.slice(at + 1)}`);
  }
  const [head = '', payload = '', signature = ''] = token.split('.');
  return [
    ...changes,
    `${head}.${payload}`,
    `${head}.${payload}.`,
    `.${payload}.${signature}`,
    `${head}..${signature}`,
    `${token}.`,
    `${token}.x`,
    `.${token}`,
    `${token}=`,
    `${token} `,
    ` ${token}`,
    `${token}\n`,
    `${payload}.${head}.${signature}`,
    `${head}.${payload}.${signature}${signature}`,
    `${head}.${payload}.${signature.slice(0, -2)}`,
    token.slice(0, -10),
    token.toLowerCase(),
    token.replaceAll('-', '+'),
    `${token},${token}`,
  ].filter((each) => each !== token);
}

const NO_TOKENS = [
  '',
  '.',
  '..',
  '...',
  'null',
  'undefined',
  'Bearer',
  'a.b.c',
  'eyJhbGciOiJub25lIn0.e30.',
  '{}',
  '[]',
  'x'.repeat(5_000),
  '\0',
  'é.é.é',
  `${'a'.repeat(2_000)}.${'b'.repeat(2_000)}.c`,
  'ATSTT-service-account-key',
  'YWxpY2VAYWNtZS5leGFtcGxlOnRva2Vu',
];
