/** What was wrong: a CIDR of the configuration, a site's service credential, or an option of a factory. */
export type IdentityErrorCode = 'invalid_cidr' | 'invalid_credential' | 'invalid_option';

/** Thrown while something is being built, never while a request is served. The message never holds a credential (I5). */
export class IdentityError extends Error {
  readonly code: IdentityErrorCode;

  constructor(code: IdentityErrorCode, message: string) {
    super(message);
    this.name = 'IdentityError';
    this.code = code;
  }
}
