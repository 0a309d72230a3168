/** Why a sign-in did not happen: words of a closed set, for the page, the log and the metrics. */
export type SignInProblem =
  | 'unknown_state'
  | 'other_browser'
  | 'denied_by_provider'
  | 'provider_unreachable'
  | 'bad_answer'
  | 'no_subject'
  | 'claim_required'
  | 'disabled';

/** Why nothing is known of a person's groups: the provider left them out, said elsewhere, or sent something else. */
export type GroupsNotice = 'absent' | 'overage' | 'malformed';

/**
 * What happens in the authorization server, for metrics, log and audit. Reasons are words of closed sets (error codes of
 * OAuth among them); ids are our own, or those of clients that were checked. No event holds a credential (I5).
 */
export type AuthorizationEvent =
  | {
      readonly kind: 'sign_in';
      readonly outcome: 'ok' | 'refused';
      readonly personId?: string;
      readonly reason?: SignInProblem;
      readonly groups?: GroupsNotice;
    }
  | {
      readonly kind: 'consent';
      readonly outcome: 'granted' | 'denied';
      readonly personId: string;
      readonly clientId: string;
      readonly audience: string;
      readonly grantId?: string;
    }
  | {
      readonly kind: 'token';
      readonly outcome: 'issued' | 'refused';
      readonly grantType: string;
      readonly reason?: string;
      readonly clientId?: string;
      readonly personId?: string;
      readonly grantId?: string;
    }
  | {
      readonly kind: 'registration';
      readonly outcome: 'accepted' | 'refused';
      readonly clientId?: string;
      readonly reason?: string;
    }
  | { readonly kind: 'revoked'; readonly what: RevokedKind; readonly id?: string }
  | { readonly kind: 'keys_rotated' }
  | { readonly kind: 'failure'; readonly where: 'authorize' | 'token' | 'keys' | 'other' };

/** What lost its rights: one connection, all of a client or a person, or everything. */
type RevokedKind = 'connection' | 'client' | 'person' | 'everything';
