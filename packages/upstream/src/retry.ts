import { setTimeout as delay } from 'node:timers/promises';

import { UpstreamError } from './upstream-error.ts';

/**
 * Tries work again where that cannot write twice (I4): after a lost session, after a request that
 * was never sent, and, for work that only reads, after a broken connection. Each reason counts once.
 */
export async function retrying<T>(
  work: () => Promise<T>,
  options: {
    readonly idempotent: boolean;
    /** Nobody waits any more. */
    readonly isOver: () => boolean;
    readonly onFailure: (error: UpstreamError) => void;
    readonly onRetry: (reason: string) => void;
  },
): Promise<T> {
  const used = new Set<string>();
  for (;;) {
    const outcome = await settle(work);
    if (outcome.ok) return outcome.value;
    options.onFailure(outcome.error);
    const reason = retryReason(outcome.error, options.idempotent);
    if (reason === undefined || used.has(reason) || options.isOver()) throw outcome.error;
    used.add(reason);
    options.onRetry(reason);
    // Jitter keeps the callers of a site that just came back from arriving together.
    if (reason !== 'session_lost') await delay(50 + Math.random() * 100);
  }
}

type Settled<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: UpstreamError };

async function settle<T>(work: () => Promise<T>): Promise<Settled<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (error instanceof UpstreamError) return { ok: false, error };
    throw error;
  }
}

function retryReason(error: UpstreamError, idempotent: boolean): string | undefined {
  if (error.brokenOff) return undefined;
  if (error.code === 'session_lost') return 'session_lost';
  if (error.code !== 'unavailable') return undefined;
  if (!error.mayHaveExecuted) return 'not_sent';
  return idempotent ? 'read_failed' : undefined;
}
