import { createDeferred } from './deferred.ts';
import type { ToolListAnswer, ToolListFailure } from './flight-plan.ts';

/** The word that everybody who waits for a flight is given. */
export interface Answer {
  /** Never rejects. */
  wait(): Promise<ToolListAnswer | ToolListFailure>;
  /** The first one after the start or a renewal counts. */
  give(outcome: ToolListAnswer | ToolListFailure): void;
  /** What was given is no longer true: whoever asks from now on waits for the next one. */
  renew(): void;
}

/** An answer that is not known yet. */
export function createAnswer(): Answer {
  let isGiven = false;
  let current = createDeferred<ToolListAnswer | ToolListFailure>();

  return {
    wait: () => current.promise,
    give: (outcome) => {
      isGiven = true;
      current.resolve(outcome);
    },
    renew: () => {
      if (isGiven) current = createDeferred();
      isGiven = false;
    },
  };
}
