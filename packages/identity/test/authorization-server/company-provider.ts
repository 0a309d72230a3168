import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

/** An OpenID provider that signs everybody in at once, and lies as it is told to. */
export interface CompanyProvider {
  readonly issuer: string;
  /** Who signs in next, and what is said about them. */
  claims: JWTPayload;
  /** Changes an ID token before, or its text after, it is signed. */
  forge: {
    claims?: (claims: JWTPayload) => JWTPayload;
    token?: (token: string) => string;
    key?: CryptoKey;
  };
  /** Signs an ID-JAG assertion. */
  assertion(claims: JWTPayload, options?: { typ?: string; key?: CryptoKey }): Promise<string>;
  readonly jwksUri: string;
  close(): Promise<void>;
}

interface Asked {
  readonly nonce: string;
  readonly clientId: string;
}

export async function startCompanyProvider(): Promise<CompanyProvider> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'company-1', alg: 'RS256', use: 'sig' };
  const codes = new Map<string, Asked>();
  const server = createServer((req, res) => void answer(req, res));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function idToken({ nonce, clientId }: Asked): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const claims = { iss: issuer, aud: clientId, iat: now, exp: now + 300, nonce, ...company.claims };
    const said = company.forge.claims?.(claims) ?? claims;
    const token = await new SignJWT(said)
      .setProtectedHeader({ alg: 'RS256', kid: 'company-1' })
      .sign(company.forge.key ?? privateKey);
    return company.forge.token?.(token) ?? token;
  }

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', issuer);
    if (url.pathname === '/.well-known/openid-configuration') return json(res, metadata);
    if (url.pathname === '/jwks') return json(res, { keys: [jwk] });
    if (url.pathname === '/authorize') return authorize(url, res);
    if (url.pathname !== '/token') return json(res, { error: 'not_found' }, 404);
    let body = '';
    for await (const chunk of req) body += String(chunk);
    const code = new URLSearchParams(body).get('code') ?? '';
    const asked = codes.get(code);
    codes.delete(code);
    if (!asked) return json(res, { error: 'invalid_grant' }, 400);
    const tokens = { access_token: randomUUID(), token_type: 'Bearer', expires_in: 300 };
    json(res, { ...tokens, id_token: await idToken(asked) });
  }

  function authorize({ searchParams }: URL, res: ServerResponse): void {
    const code = randomUUID();
    codes.set(code, {
      nonce: searchParams.get('nonce') ?? '',
      clientId: searchParams.get('client_id') ?? '',
    });
    const back = new URL(searchParams.get('redirect_uri') ?? '');
    back.search = new URLSearchParams({
      code,
      state: searchParams.get('state') ?? '',
      iss: issuer,
    }).toString();
    res.writeHead(302, { location: back.href }).end();
  }

  const metadata = {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    authorization_response_iss_parameter_supported: true,
  };
  const company: CompanyProvider = {
    issuer,
    jwksUri: `${issuer}/jwks`,
    claims: ALICE,
    forge: {},
    assertion: (claims, { typ = 'oauth-id-jag+jwt', key = privateKey } = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'company-1', typ }).sign(key),
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
  return company;
}

export const ALICE: JWTPayload = {
  sub: 'alice-1',
  name: 'Alice Example',
  email: 'Alice@acme.example',
  email_verified: true,
  groups: ['eng', 'staff'],
};

export const BOB: JWTPayload = {
  sub: 'bob-1',
  name: 'Bob',
  email: 'bob@acme.example',
  email_verified: true,
  groups: [],
};

function json(res: ServerResponse, body: unknown, status = 200): void {
  res.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  res.end(JSON.stringify(body));
}
