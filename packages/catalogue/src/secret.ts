/**
 * A value that must never be printed (I5). Every way of turning it into text gives `[redacted]`;
 * only `reveal()` gives the value, so that a search for that word finds every use.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself: for an outgoing header or a keyed hash, never for a log, an error or a URL. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[redacted]';
  }

  toJSON(): string {
    return '[redacted]';
  }
}

// Node's inspector walks past toString and toJSON; the symbol is global, so no Node import is needed here.
Object.defineProperty(Secret.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value: () => '[redacted]',
});
