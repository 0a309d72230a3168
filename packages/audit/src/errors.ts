/**
 * `invalid_option`: what a factory was given cannot be used. `chain_taken`: another process writes the same chain.
 * `unreadable`: a file of the trail cannot be read.
 */
export type AuditErrorCode = 'invalid_option' | 'chain_taken' | 'unreadable';

/** An error of this package; `code` is stable. The message holds no key and no line. */
export class AuditError extends Error {
  override readonly name = 'AuditError' as const;
  readonly code: AuditErrorCode;

  constructor(code: AuditErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
