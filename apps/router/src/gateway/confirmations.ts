import { randomUUID } from 'node:crypto';

import type { DurableState } from '@switchyard/identity';
import type { CancelSignal } from '@switchyard/upstream';

import type { Consent } from './confirm.ts';
import { PARKED_MS } from './parked-calls.ts';

/** News between replicas: the answer may reach another one than the call waits on. */
type Bus = Pick<DurableState, 'publish' | 'subscribe'>;

/** Calls that wait on an open stream until the person has said yes or no. Each is answered once. */
export interface Confirmations {
  /** A new question; undefined when too many wait already. The answer is no when time is up or nobody waits any more. */
  open(signal: CancelSignal): { readonly id: string; readonly answer: Promise<Consent> } | undefined;
  settle(id: string, consent: Consent): void;
  close(): void;
}

const MAX_WAITING = 1_000;

const CHANNEL = 'confirmations';

export function createConfirmations(bus: Bus): Confirmations {
  const waiting = new Map<string, (consent: Consent) => void>();

  function settleHere(id: string, consent: Consent): boolean {
    const answer = waiting.get(id);
    waiting.delete(id);
    answer?.(consent);
    return answer !== undefined;
  }

  const leave = bus.subscribe(CHANNEL, (message) => {
    const { id, consent } = JSON.parse(message) as { id: string; consent: Consent };
    settleHere(id, consent);
  });

  return {
    open(signal) {
      if (waiting.size >= MAX_WAITING) return undefined;
      const id = randomUUID();
      const answer = new Promise<Consent>((resolve) => {
        const cancel = (): void => void settleHere(id, 'no');
        const timer = setTimeout(cancel, PARKED_MS);
        signal.addEventListener('abort', cancel);
        waiting.set(id, (consent) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', cancel);
          resolve(consent);
        });
        if (signal.aborted) cancel();
      });
      return { id, answer };
    },
    settle(id, consent) {
      if (settleHere(id, consent)) return;
      // Who cannot be told waits until the time is up, and that is a no.
      bus.publish(CHANNEL, JSON.stringify({ id, consent })).catch(() => {});
    },
    close() {
      leave();
      for (const id of waiting.keys()) settleHere(id, 'no');
    },
  };
}
