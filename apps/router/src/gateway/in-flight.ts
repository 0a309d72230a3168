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

export function createInFlight(): InFlight {
  const running: Running = new Map();
  return {
    start(caller, idText) {
      const flight = new RunningFlight(running, `${caller} ${idText}`);
      const those = running.get(flight.key);
      // One alone is the rule; a set is made only for ids that collide.
      if (those === undefined) running.set(flight.key, flight);
      else if (those instanceof Set) those.add(flight);
      else running.set(flight.key, new Set([those, flight]));
      return flight;
    },
    cancel(caller, idText) {
      const those = running.get(`${caller} ${idText}`);
      if (those === undefined) return;
      const [only, ...others] = those instanceof Set ? those : [those];
      if (others.length === 0) only?.cancel();
    },
    count(caller, idText) {
      const those = running.get(`${caller} ${idText}`);
      return those instanceof Set ? those.size : Number(those !== undefined);
    },
  };
}

type Running = Map<string, RunningFlight | Set<RunningFlight>>;

/** A class because it is made for every call, and no AbortController, which costs as much as all the policy of one; one listener is the rule. */
class RunningFlight implements Flight, CancelSignal {
  readonly key: string;
  aborted = false;
  readonly #running: Running;
  #heard: (() => void) | undefined;
  /** Of a request that asks several sites. */
  #others: Set<() => void> | undefined;

  constructor(running: Running, key: string) {
    this.#running = running;
    this.key = key;
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
    const those = this.#running.get(this.key);
    if (those === this) this.#running.delete(this.key);
    else if (those instanceof Set && those.delete(this) && those.size === 0) this.#running.delete(this.key);
  }
}
