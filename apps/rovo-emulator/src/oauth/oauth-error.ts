// Refusals of the OAuth endpoints.
import { type HttpReply, jsonReply } from '../http-reply.ts';

/** Error codes of RFC 6749, 7591 and 8707 that are in use. */
export type OAuthErrorCode =
  | 'access_denied'
  | 'invalid_client'
  | 'invalid_client_metadata'
  | 'invalid_grant'
  | 'invalid_redirect_uri'
  | 'invalid_request'
  | 'invalid_scope'
  | 'invalid_target'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type';

/** A request that is refused; the description never repeats a secret. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: OAuthErrorCode;

  constructor(code: OAuthErrorCode, description: string) {
    super(description);
    this.code = code;
  }
}

/** The refusal as JSON: 401 for an unknown client, else 400. */
export function oauthErrorReply({ code, message }: OAuthError): HttpReply {
  const reply = jsonReply(code === 'invalid_client' ? 401 : 400, {
    error: code,
    error_description: message,
  });
  const challenge = code === 'invalid_client' ? { 'www-authenticate': 'Basic realm="OAuth"' } : {};
  return { ...reply, headers: { ...reply.headers, ...challenge, 'cache-control': 'no-store' } };
}
