import { randomUUID } from 'node:crypto';

import type { CancelSignal } from '@switchyard/upstream';

import { createOwnerCounts } from './owner-counts.ts';
import type { ReplicaNews } from './replica-news.ts';

/** What a client said to a question: the JSON text of its result, that it could not, or nothing in time. */
export type Answer =
  | { readonly kind: 'result'; readonly text: string }
  | { readonly kind: 'error' }
  | { readonly kind: 'none' };

/** Questions that wait for their answer on this replica, whichever replica it reaches. Each is answered once. */
export interface Questions {
  /** Undefined when too many wait already. There is no answer when time is up or nobody waits any more. */
  open(question: Asked): { readonly id: string; readonly answer: Promise<Answer> } | undefined;
  /** The answer of a caller; of another than the one that was asked it is nothing. */
  settle(owner: string, id: string, answer: Answer): void;
  close(): void;
}

interface Asked {
  /** The caller. */
  readonly owner: string;
  readonly signal: CancelSignal;
  readonly waitMs: number;
}

/** What a site may ask while it works on one request. */
export const MAX_QUESTIONS = 32;

const MAX_WAITING = 1_000;
const MAX_PER_OWNER = 100;
const CHANNEL = 'answers';
const NONE: Answer = { kind: 'none' };

interface Settled {
  readonly owner: string;
  readonly id: string;
  readonly answer: Answer;
}

interface Waiting {
  readonly owner: string;
  readonly settle: (answer: Answer) => void;
}

export function createQuestions(news: ReplicaNews): Questions {
  const waiting = new Map<string, Waiting>();
  const owners = createOwnerCounts();

  function settleHere({ owner, id, answer }: Settled): boolean {
    const question = waiting.get(id);
    if (question?.owner !== owner) return false;
    waiting.delete(id);
    question.settle(answer);
    return true;
  }

  const leave = news.hear(CHANNEL, (value) => void settleHere(value as Settled));

  function wait(id: string, { owner, signal, waitMs }: Asked): Promise<Answer> {
    return new Promise((resolve) => {
      const giveBack = owners.take(owner);
      const giveUp = (): void => void settleHere({ owner, id, answer: NONE });
      const timer = setTimeout(giveUp, waitMs);
      signal.addEventListener('abort', giveUp);
      const settle = (answer: Answer): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        giveBack();
        resolve(answer);
      };
      waiting.set(id, { owner, settle });
      if (signal.aborted) giveUp();
    });
  }

  return {
    open(asked) {
      if (waiting.size >= MAX_WAITING || owners.of(asked.owner) >= MAX_PER_OWNER) return undefined;
      const id = randomUUID();
      return { id, answer: wait(id, asked) };
    },
    settle(owner, id, answer) {
      const settled = { owner, id, answer };
      // Who cannot be told waits until the time is up, and that is no answer.
      if (!settleHere(settled)) void news.tell(CHANNEL, settled);
    },
    close() {
      leave();
      for (const [id, { owner }] of waiting) settleHere({ owner, id, answer: NONE });
    },
  };
}
