/** Why nobody was let in: a closed set, and the `reason` label of the failure metric (I8). */
export type AuthReason =
  | 'none'
  | 'disabled'
  | 'malformed'
  | 'bad_credential'
  | 'wrong_kind'
  | 'disabled_upstream'
  | 'ip_refused_upstream'
  | 'unreachable'
  | 'no_site'
  | 'bad_token'
  | 'state_unavailable'
  | 'rate_limited'
  | 'switched_off';

/** What the client is told. `text` is a constant: it can hold nothing that the request contained (I5). */
export interface AuthRefusal {
  readonly status: 401 | 403 | 429 | 503;
  readonly reason: AuthReason;
  readonly text: string;
  readonly retryAfterSeconds?: number;
}

// One text for all four: told apart, they would say which part of a guess was right.
const NOT_RECOGNISED =
  'No valid Atlassian credential came in the Authorization header. Send one of two. ' +
  'A personal API token: Basic base64(email:token), a scoped token made for the Rovo MCP server, encoded without a ' +
  "trailing newline (printf, not echo). A service account's API key: Bearer <key>. Bearer is only for service " +
  'account keys; organization admin API keys and classic tokens are not supported, and tokens expire. Create a ' +
  'token at https://id.atlassian.com/manage-profile/security/api-tokens?autofillToken&expiryDays=max&appId=mcp&selectedScopes=all';

const UNREACHABLE_RETRY_SECONDS = 5;

/** Every refusal there is; the HTTP status, the text and the metric label all come from here. */
export const refusals: Readonly<Record<AuthReason, AuthRefusal>> = {
  /** No Authorization header: also the first request of every OAuth client. */
  none: { status: 401, reason: 'none', text: NOT_RECOGNISED },
  /** `auth.apiToken.enabled` is false; the credential was not looked at. */
  disabled: {
    status: 401,
    reason: 'disabled',
    text:
      'API token authentication is turned off on this Switchyard. An administrator of Switchyard can turn it on ' +
      'with `auth.apiToken.enabled: true` in its configuration.',
  },
  /** The header is no credential of a known form. */
  malformed: { status: 401, reason: 'malformed', text: NOT_RECOGNISED },
  /** Atlassian does not know the credential, or it has expired. */
  bad_credential: { status: 401, reason: 'bad_credential', text: NOT_RECOGNISED },
  /** Atlassian knows the credential, but it is of a kind that opens no tool (classic, admin key, wrong scheme). */
  wrong_kind: { status: 401, reason: 'wrong_kind', text: NOT_RECOGNISED },
  /** The Atlassian organization has API tokens for the Rovo MCP server turned off. */
  disabled_upstream: {
    status: 401,
    reason: 'disabled_upstream',
    text:
      "API token authentication is turned off on Atlassian's side. An organization admin can turn it on at " +
      'admin.atlassian.com: Admin → Rovo → Rovo MCP server → Authentication.',
  },
  /** The organization's IP allowlist does not hold the address that Switchyard calls from. */
  ip_refused_upstream: {
    status: 403,
    reason: 'ip_refused_upstream',
    text:
      "Atlassian's IP allowlist refused Switchyard's address. An organization admin must add the address that " +
      'Switchyard calls Atlassian from to the IP allowlist.',
  },
  /** No configured site answered in time, so nobody can say whether the credential is good. */
  unreachable: {
    status: 503,
    reason: 'unreachable',
    text: 'Atlassian could not be asked about your credential just now. Try again in a few seconds.',
    retryAfterSeconds: UNREACHABLE_RETRY_SECONDS,
  },
  /** A valid Atlassian account of somewhere else is nobody here. */
  no_site: {
    status: 403,
    reason: 'no_site',
    text:
      'Your Atlassian account reaches none of the sites behind this Switchyard. Ask its administrator which sites ' +
      'it serves, and an admin of that site for access.',
  },
  /** An access token or an enrolled token that opens nothing here: one text for every why. */
  bad_token: {
    status: 401,
    reason: 'bad_token',
    text:
      'The access token is not valid here: it has expired, was revoked, or was issued for another URL. Sign in again, ' +
      'or ask the administrator of Switchyard for a new token.',
  },
  /** The store of grants and links does not answer, so nobody can say whether the token is still good. */
  state_unavailable: {
    status: 503,
    reason: 'state_unavailable',
    text: 'Your sign-in cannot be checked just now. Try again in a few seconds.',
    retryAfterSeconds: UNREACHABLE_RETRY_SECONDS,
  },
  /** More requests than the configuration lets one caller or client make. */
  rate_limited: {
    status: 429,
    reason: 'rate_limited',
    text: 'Too many requests; wait a moment before the next one.',
    retryAfterSeconds: 10,
  },
  /** An administrator has stopped this client, or everything. */
  switched_off: {
    status: 403,
    reason: 'switched_off',
    text: 'An administrator of Switchyard has stopped this connection. Ask them when it will be back.',
  },
};
