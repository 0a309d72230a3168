// The token endpoint: a code or a refresh token for a pair of tokens; and revocation.
import { type HttpReply, jsonReply } from '../http-reply.ts';
import { readResource, type RequestCheck } from './authorize-request.ts';
import type { ClientProof, OAuthClients } from './oauth-clients.ts';
import { OAuthError, oauthErrorReply } from './oauth-error.ts';
import type { IssuedTokens, OAuthGrants } from './oauth-grants.ts';

/** A form at the token or revocation endpoint. */
export interface TokenRequest {
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
  readonly check: RequestCheck;
}

/** What the endpoints need. */
export interface TokenParts {
  readonly clients: OAuthClients;
  readonly grants: OAuthGrants;
}

interface ExchangeRequest {
  readonly form: URLSearchParams;
  readonly clientId: string;
  readonly resource: string | undefined;
}

type Exchange = (request: ExchangeRequest, grants: OAuthGrants) => IssuedTokens;

const EXCHANGES: Readonly<Record<string, Exchange>> = {
  authorization_code: ({ form, clientId, resource }, grants) =>
    grants.redeemCode({
      clientId,
      resource,
      code: form.get('code') ?? '',
      redirectUri: form.get('redirect_uri') ?? '',
      verifier: form.get('code_verifier') ?? '',
    }),
  refresh_token: ({ form, clientId, resource }, grants) =>
    grants.refresh({ clientId, resource, refreshToken: form.get('refresh_token') ?? '' }),
};

/** Answers a token request; refusals are OAuth errors as JSON. */
export async function answerToken(
  request: TokenRequest,
  { clients, grants }: TokenParts,
): Promise<HttpReply> {
  return withErrors(async () => {
    const { form, check } = request;
    const client = await clients.authenticate(check.server.kind, clientProof(request));
    const grantType = form.get('grant_type') ?? '';
    const exchange = Object.hasOwn(EXCHANGES, grantType) ? EXCHANGES[grantType] : undefined;
    if (exchange === undefined) {
      throw new OAuthError('unsupported_grant_type', 'Use authorization_code or refresh_token.');
    }
    const { resource } = readResource(form.getAll('resource'), check);
    return exchange({ form, clientId: client.id, resource }, grants);
  });
}

/** Answers a revocation request, unknown tokens with success as RFC 7009 has it. */
export async function answerRevocation(
  request: TokenRequest,
  { clients, grants }: TokenParts,
): Promise<HttpReply> {
  return withErrors(async () => {
    const client = await clients.authenticate(request.check.server.kind, clientProof(request));
    grants.revokeToken(request.form.get('token') ?? '', client.id);
    return {};
  });
}

async function withErrors(answer: () => Promise<unknown>): Promise<HttpReply> {
  try {
    const reply = jsonReply(200, await answer());
    return { ...reply, headers: { ...reply.headers, 'cache-control': 'no-store' } };
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return oauthErrorReply(error);
  }
}

/** The client's id and secret, from the Authorization header or else from the form. */
function clientProof({ form, authorization }: TokenRequest): ClientProof {
  const [, basic] = /^basic +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (basic === undefined) {
    return { clientId: form.get('client_id') ?? '', clientSecret: form.get('client_secret') ?? undefined };
  }
  const text = Buffer.from(basic, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return { clientId: formDecoded(text.slice(0, colon)), clientSecret: formDecoded(text.slice(colon + 1)) };
}

/** RFC 6749 §2.3.1: both halves of the Basic header are form-encoded. */
function formDecoded(text: string): string {
  return new URLSearchParams(`v=${text}`).get('v') ?? '';
}
