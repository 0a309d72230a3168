import type { CircuitState } from './target.ts';

/** Stops asking a site that fails every time, and lets one request through now and then to see whether it is back. */
export interface Circuit {
  /** Whether a request may go out now. */
  admits(): boolean;
  succeeded(): void;
  failed(): void;
}

export interface CircuitOptions {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long it stays open the first time; doubled at each failed trial up to `maxOpenMs`. */
  readonly openMs: number;
  readonly maxOpenMs: number;
  readonly now: () => number;
  readonly onChange: (state: CircuitState) => void;
}

export function createCircuit(options: CircuitOptions): Circuit {
  let state: CircuitState = 'closed';
  let failures = 0;
  let openMs = options.openMs;
  let trialAt = 0;

  function change(next: CircuitState): void {
    if (next === state) return;
    state = next;
    options.onChange(next);
  }

  return {
    admits() {
      if (state === 'closed') return true;
      if (options.now() < trialAt) return false;
      // The next trial waits its turn, so that a trial without an outcome cannot hold the circuit for ever.
      trialAt = options.now() + openMs;
      change('half-open');
      return true;
    },
    succeeded() {
      failures = 0;
      openMs = options.openMs;
      change('closed');
    },
    failed() {
      failures += 1;
      if (state === 'closed' && failures < options.failures) return;
      if (state === 'half-open') openMs = Math.min(openMs * 2, options.maxOpenMs);
      trialAt = options.now() + openMs;
      change('open');
    },
  };
}
