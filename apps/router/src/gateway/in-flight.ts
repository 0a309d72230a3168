import type { CancelSignal } from '@switchyard/upstream';

/** Requests under way, so that a client's `notifications/cancelled` finds the one that it means. */
export interface InFlight {
  start(caller: string, idText: string): Flight;
  /**
   * Cancels what runs under this id. Two clients of one caller may use one id at once: then it is
   * not known who is meant, and nobody is cancelled.
   */
  cancel(caller: string, idText: string): void;
  /** How many run under this id. */
  count(caller: string, idText: string): number;
}

/** One request under way. */
interface Flight {
  /** Says when the client gives up. */
  readonly signal: CancelSignal;
  cancel(): void;
  /** It is over, however it ended. */
  done(): void;
}

/** Every request begins and ends here and hardly one is looked for, so they are a ring and not a table. */
export function createInFlight(): InFlight {
  const ring = new RunningFlight('', '');

  function under(caller: string, idText: string): RunningFlight[] {
    const found: RunningFlight[] = [];
    for (let each = ring.after; each !== ring; each = each.after)
      if (each.idText === idText && each.caller === caller) found.push(each);
    return found;
  }

  return {
    start(caller, idText) {
      const flight = new RunningFlight(caller, idText);
      flight.follow(ring);
      return flight;
    },
    cancel(caller, idText) {
      const [only, ...others] = under(caller, idText);
      if (others.length === 0) only?.cancel();
    },
    count: (caller, idText) => under(caller, idText).length,
  };
}

/** A class because it is made for every call, and no AbortController, which costs as much as all the policy of one; one listener is the rule. */
class RunningFlight implements Flight, CancelSignal {
  readonly caller: string;
  readonly idText: string;
  /** Its neighbours in the ring; itself, when it is in none. */
  before: RunningFlight = this;
  after: RunningFlight = this;
  aborted = false;
  #heard: (() => void) | undefined;
  /** Of a request that asks several sites. */
  #others: Set<() => void> | undefined;

  constructor(caller: string, idText: string) {
    this.caller = caller;
    this.idText = idText;
  }

  follow(other: RunningFlight): void {
    this.before = other;
    this.after = other.after;
    other.after.before = this;
    other.after = this;
  }

  get signal(): CancelSignal {
    return this;
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.#heard === undefined) this.#heard = listener;
    else (this.#others ??= new Set()).add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    if (this.#heard === listener) this.#heard = undefined;
    else this.#others?.delete(listener);
  }

  cancel(): void {
    if (this.aborted) return;
    this.aborted = true;
    this.#heard?.();
    for (const listener of this.#others ?? []) listener();
  }

  done(): void {
    this.before.after = this.after;
    this.after.before = this.before;
    this.before = this;
    this.after = this;
  }
}
