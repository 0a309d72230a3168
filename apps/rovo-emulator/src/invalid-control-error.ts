/** A control request that makes no sense; answered 400 with this message. */
export class InvalidControlError extends Error {
  override readonly name = 'InvalidControlError';
}
