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
  return new RunningDeadline({ what, timeoutMs, caller });
}

interface DeadlineOptions {
  readonly what: string;
  readonly timeoutMs: number;
  readonly caller: CancelSignal | undefined;
}

/** A class because it is made for every call. */
class RunningDeadline implements Deadline {
  reason: UpstreamError | undefined;
  #listener: ((reason: UpstreamError) => void) | undefined;
  readonly #caller: CancelSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #giveUp = (): void => this.#end(new UpstreamError('cancelled', 'the caller gave up'));

  constructor({ what, timeoutMs, caller }: DeadlineOptions) {
    this.#timer = setTimeout(
      () => this.#end(new UpstreamError('timeout', `${what} did not answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    this.#caller = caller;
    if (caller?.aborted) this.#giveUp();
    caller?.addEventListener('abort', this.#giveUp);
  }

  listen(next: ((reason: UpstreamError) => void) | undefined): void {
    this.#listener = next;
    if (this.reason && next) this.#end(this.reason);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#listener = undefined;
    this.#caller?.removeEventListener('abort', this.#giveUp);
  }

  #end(why: UpstreamError): void {
    this.reason ??= why;
    const heard = this.#listener;
    this.#listener = undefined;
    heard?.(this.reason);
  }
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
