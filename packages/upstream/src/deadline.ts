import { UpstreamError } from './upstream-error.ts';

/** A signal that ends with an UpstreamError: the time is over, or the caller gave up. */
export interface Deadline {
  readonly signal: AbortSignal;
  clear(): void;
}

export function startDeadline(what: string, timeoutMs: number, caller?: AbortSignal): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new UpstreamError('timeout', `${what} did not answer within ${timeoutMs} ms`));
  }, timeoutMs);
  const give = (): void => controller.abort(new UpstreamError('cancelled', 'the caller gave up'));
  if (caller?.aborted) give();
  caller?.addEventListener('abort', give, { once: true });
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer);
      caller?.removeEventListener('abort', give);
    },
  };
}

/** Waits for shared work at most until the signal: one caller that gives up must not end it for the others. */
export function waitWithin<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      const reason: unknown = signal.reason;
      reject(reason instanceof Error ? reason : new UpstreamError('cancelled', 'the caller gave up'));
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
