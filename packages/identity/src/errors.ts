/**
 * What was wrong. While something is built: a CIDR of the configuration, a site's service credential, an option of a
 * factory. While requests are served: `state_unavailable`, the store of grants and links does not answer;
 * `provider_unreachable`, the company's identity provider does not;
 * `link_unavailable`, a linked credential has run out and cannot be renewed just now; `egress_refused` and `egress_failed`,
 * a URL that somebody else named may not be asked, or gave no usable answer.
 */
export type IdentityErrorCode =
  | 'invalid_cidr'
  | 'invalid_credential'
  | 'invalid_option'
  | 'state_unavailable'
  | 'provider_unreachable'
  | 'link_unavailable'
  | 'egress_refused'
  | 'egress_failed';

/** The message never holds a credential (I5). */
export class IdentityError extends Error {
  readonly code: IdentityErrorCode;

  constructor(code: IdentityErrorCode, message: string) {
    super(message);
    this.name = 'IdentityError';
    this.code = code;
  }
}
