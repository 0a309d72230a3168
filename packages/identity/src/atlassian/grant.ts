/** How Switchyard is known to one authorization server. */
export interface OauthClient {
  readonly clientId: string;
  readonly secret?: string;
  /** Absent: none is presented. */
  readonly authentication?: 'client_secret_basic' | 'client_secret_post';
}

/** What a token endpoint gave. Times are milliseconds since 1970. */
export interface GrantTokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly scopes: readonly string[];
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** One person's consent for one site. It carries its client: a refresh token is of no use with another one. */
export interface Grant extends GrantTokens {
  readonly issuer: string;
  readonly client: OauthClient;
  /** The endpoint that the tokens are for, without its query (RFC 8707). */
  readonly resource: string;
}

/** What the vault asks of an authorization server. */
export interface Grants {
  /** `ended`: the grant will never give tokens again. Rejects when nobody could tell. */
  refresh(grant: Grant, signal?: AbortSignal): Promise<GrantTokens | 'ended'>;
  /** Rejects when the server did not take it. */
  revoke(grant: Grant): Promise<void>;
}
