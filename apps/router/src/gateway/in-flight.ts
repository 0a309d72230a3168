import type { CancelSignal } from '@switchyard/upstream';

/** One request under way. */
interface Flight {
  /** Says when the client gives up. */
  readonly signal: CancelSignal;
  cancel(): void;
  /** It is over, however it ended. */
  done(): void;
}

/** Requests under way, so that a client's `notifications/cancelled` finds the one that it means. */
export interface InFlight {
  start(caller: string, idText: string): Flight;
  /**
   * Cancels what runs under this id. Two clients of one caller may use one id at once: then it is
   * not known who is meant, and nobody is cancelled.
   */
  cancel(caller: string, idText: string): void;
}

export function createInFlight(): InFlight {
  const running = new Map<string, Flight | Set<Flight>>();

  function leave(key: string, flight: Flight): void {
    const those = running.get(key);
    if (those === flight) running.delete(key);
    else if (those instanceof Set && those.delete(flight) && those.size === 0) running.delete(key);
  }

  return {
    start(caller, idText) {
      const key = `${caller} ${idText}`;
      const flight = createFlight(() => leave(key, flight));
      const those = running.get(key);
      // One alone is the rule; a set is made only for ids that collide.
      if (those === undefined) running.set(key, flight);
      else if (those instanceof Set) those.add(flight);
      else running.set(key, new Set([those, flight]));
      return flight;
    },
    cancel(caller, idText) {
      const those = running.get(`${caller} ${idText}`);
      if (those === undefined) return;
      const [only, ...others] = those instanceof Set ? those : [those];
      if (others.length === 0) only?.cancel();
    },
  };
}

/** An AbortController costs as much as all the policy of a call; one listener is all that is needed. */
function createFlight(done: () => void): Flight {
  let aborted = false;
  let heard: (() => void) | undefined;
  return {
    signal: {
      get aborted() {
        return aborted;
      },
      addEventListener: (_type, listener) => void (heard = listener),
      removeEventListener: (_type, listener) => void (heard = heard === listener ? undefined : heard),
    },
    cancel() {
      if (aborted) return;
      aborted = true;
      heard?.();
    },
    done,
  };
}
