import type { Caller, Credential, Secret } from '@switchyard/catalogue';

import type { AuthMethod, AuthorizationFault } from './parse-authorization.ts';
import type { AuthReason, AuthRefusal } from './refusals.ts';

/** What one real tool call upstream showed about a credential. */
export type Verification =
  | {
      readonly kind: 'verified';
      readonly accountId?: string;
      readonly email?: string;
      readonly displayName?: string;
      readonly cloudIds: readonly string[];
    }
  | {
      readonly kind: 'refused';
      readonly reason: 'bad_credential' | 'wrong_kind' | 'disabled_upstream' | 'ip_refused_upstream';
    }
  | { readonly kind: 'unreachable' };

/**
 * A verified caller together with what opens sites for it: the two never travel apart (I1). Whoever came with a token
 * of Switchyard's own has links instead of a credential: that token never goes upstream (I6).
 */
export interface Identified {
  readonly ok: true;
  readonly caller: Caller;
  /** The caller's own Atlassian credential, which is passed through. */
  readonly credential?: Credential;
  /** What the person linked, by cloudId. */
  readonly links: ReadonlyMap<string, readonly SiteLink[]>;
  /** What the caller's state is sealed with: `secret` lasts as long as the right to be here, `id` names it. */
  readonly seal: { readonly id: string; readonly secret: Secret };
  /** What the right to be here rests on (`connection:…`, `person:…`, `client:…`, `token:…`): it ends or changes with any of them. */
  readonly restsOn?: readonly string[];
}

/** One way into a site that a person has set up. */
export interface SiteLink {
  readonly kind: 'oauth' | 'token';
  readonly credential: Credential;
}

/** Verified with a credential that Atlassian itself knows. */
export interface PassedThrough extends Identified {
  readonly credential: Credential;
}

/** What became of one request's Authorization header. */
export type AuthOutcome = Identified | { readonly ok: false; readonly refusal: AuthRefusal };

/** The reason in full, for the log: a closed set as well. */
export type AuthCause = AuthReason | AuthorizationFault | 'busy' | 'timeout' | 'closed' | 'verify_threw';

/** One refused request, for metrics (`method`, `reason`) and the log (`cause`). */
export interface AuthFailure {
  readonly method: AuthMethod;
  readonly reason: AuthReason;
  readonly cause: AuthCause;
}

/** Something worth a log line about a caller who was let in. */
export interface AuthNotice {
  readonly method: AuthMethod;
  readonly cause: 'email_differs';
}

/** What verification decided, before policy: it can be remembered because it depends on the credential alone. */
export type Verdict = PassedThrough | Rejected;

/** The credential opens nothing, or nobody could tell. Holds no credential. */
export interface Rejected {
  readonly ok: false;
  readonly reason: Exclude<AuthReason, 'none' | 'disabled' | 'malformed' | 'no_site'>;
  readonly cause: AuthCause;
}
