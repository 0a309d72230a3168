import { UpstreamError } from './upstream-error.ts';

/** How a caller gives up: an AbortSignal, or anything as small that says the same. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** When a request must be over: its time has run out, or the caller gave up. One listener at a time. */
export interface Deadline {
  /** Why it is over; undefined while it is not. */
  readonly reason: UpstreamError | undefined;
  /** Called once when it is over; replaces the listener before. */
  listen(listener: ((reason: UpstreamError) => void) | undefined): void;
  clear(): void;
}

export function startDeadline(what: string, timeoutMs: number, caller?: CancelSignal): Deadline {
  let reason: UpstreamError | undefined;
  let listener: ((reason: UpstreamError) => void) | undefined;

  function end(why: UpstreamError): void {
    reason ??= why;
    const heard = listener;
    listener = undefined;
    heard?.(reason);
  }
  const timer = setTimeout(
    () => end(new UpstreamError('timeout', `${what} did not answer within ${timeoutMs} ms`)),
    timeoutMs,
  );
  const give = (): void => end(new UpstreamError('cancelled', 'the caller gave up'));
  if (caller?.aborted) give();
  caller?.addEventListener('abort', give);

  return {
    get reason() {
      return reason;
    },
    listen(next) {
      listener = next;
      if (reason && next) end(reason);
    },
    clear() {
      clearTimeout(timer);
      listener = undefined;
      caller?.removeEventListener('abort', give);
    },
  };
}

/** Waits for shared work at most until the deadline: one caller that gives up must not end it for the others. */
export function waitWithin<T>(work: Promise<T>, deadline: Deadline): Promise<T> {
  return new Promise((resolve, reject) => {
    deadline.listen(reject);
    work.then(
      (value) => {
        deadline.listen(undefined);
        resolve(value);
      },
      (error: unknown) => {
        deadline.listen(undefined);
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
