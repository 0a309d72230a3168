// The switches of Atlassian's OAuth side: what they are, their defaults and their checks.
import { isObject } from '../json-value.ts';
import { FLAG, oneOf, type SettingCheck, TEXTS, wholeFrom } from '../setting-check.ts';

/** Who consents, and to which site, without anybody at a page. */
export interface AutoApproval {
  /** accountId or e-mail; by default the request's `login_hint`, else the first account with an e-mail. */
  readonly account?: string;
  /** The site that is picked; by default the account's first. */
  readonly cloudId?: string;
}

/** How the token endpoint fails; only `answer-lost` happens after the tokens were exchanged. */
export type TokenFailure = 'none' | 'unavailable' | 'rate-limited' | 'reset' | 'answer-lost' | 'hang';

/** Behaviour of the OAuth side that can be switched while the emulator runs. */
export interface OAuthSettings {
  /** Consent without a page. */
  oauthAutoApprove: AutoApproval | null;
  /** The cloudId that every grant is bound to, whatever is picked; the page then asks for no site. */
  oauthSilentSite: string | null;
  /** Scopes that consent leaves out of the grant. */
  oauthDroppedScopes: readonly string[];
  /** Where the metadata of the path-scoped issuer lies: RFC 8414's place, below the issuer, or at both. */
  oauthMetadataPlace: 'both' | 'inserted' | 'appended';
  /** The RFC 9207 `iss` of the callback. */
  oauthCallbackIssuer: 'right' | 'absent' | 'wrong';
  /** Dynamic client registration (RFC 7591). */
  oauthRegistration: boolean;
  /** Registration answers with a secret, and expects it, though `none` was asked. */
  oauthSecretDespiteNone: boolean;
  /** Client-id metadata documents. */
  oauthClientMetadata: boolean;
  /** Refuse requests without `resource`. A wrong one is always refused. */
  oauthResourceRequired: boolean;
  /** Patterns with protocol and `/**`; `*` stands for any port or any part of a host name. */
  oauthRedirectDomains: readonly string[];
  /** Host names that the admin has blocked; they beat the allowlist. */
  oauthBlockedDomains: readonly string[];
  /** 3300, or 28800 as others report. */
  oauthAccessTokenSeconds: number;
  /** For how long a used refresh token still answers with a live pair; after that its use kills the grant. */
  oauthRefreshGraceSeconds: number;
  oauthTokenFailure: TokenFailure;
  oauthTokenDelayMs: number;
}

/** As Atlassian was seen to behave. */
export const DEFAULT_OAUTH_SETTINGS: Readonly<OAuthSettings> = {
  oauthAutoApprove: null,
  oauthSilentSite: null,
  oauthDroppedScopes: [],
  oauthMetadataPlace: 'both',
  oauthCallbackIssuer: 'right',
  oauthRegistration: true,
  oauthSecretDespiteNone: true,
  oauthClientMetadata: true,
  oauthResourceRequired: false,
  oauthRedirectDomains: [
    'http://localhost:*/**',
    'http://127.0.0.1:*/**',
    'https://claude.ai/**',
    'https://claude.com/**',
    'https://chatgpt.com/**',
    'https://vscode.dev/**',
    'https://insiders.vscode.dev/**',
    'https://www.cursor.com/**',
  ],
  oauthBlockedDomains: [],
  oauthAccessTokenSeconds: 3300,
  oauthRefreshGraceSeconds: 0,
  oauthTokenFailure: 'none',
  oauthTokenDelayMs: 0,
};

/** The check of each setting. */
export const OAUTH_SETTING_CHECKS: Readonly<Record<keyof OAuthSettings, SettingCheck>> = {
  oauthAutoApprove: {
    expects: 'null or {"account"?: string, "cloudId"?: string}',
    accepts: (value) => value === null || isAutoApproval(value),
  },
  oauthSilentSite: {
    expects: 'null or a cloudId',
    accepts: (value) => value === null || typeof value === 'string',
  },
  oauthDroppedScopes: TEXTS,
  oauthMetadataPlace: oneOf('both', 'inserted', 'appended'),
  oauthCallbackIssuer: oneOf('right', 'absent', 'wrong'),
  oauthRegistration: FLAG,
  oauthSecretDespiteNone: FLAG,
  oauthClientMetadata: FLAG,
  oauthResourceRequired: FLAG,
  oauthRedirectDomains: TEXTS,
  oauthBlockedDomains: TEXTS,
  oauthAccessTokenSeconds: wholeFrom(0),
  oauthRefreshGraceSeconds: wholeFrom(0),
  oauthTokenFailure: oneOf('none', 'unavailable', 'rate-limited', 'reset', 'answer-lost', 'hang'),
  oauthTokenDelayMs: wholeFrom(0),
};

function isAutoApproval(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.entries(value).every(
      ([name, item]) => (name === 'account' || name === 'cloudId') && typeof item === 'string',
    )
  );
}
