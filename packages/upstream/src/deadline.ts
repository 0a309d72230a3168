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
  /** An answer has begun to go on: from now on the time for the site counts anew, and only while it is the site that is waited for. */
  awaitSite(): void;
  /** The reader of the answer is waited for, at most so long. */
  awaitReader(maxMs: number): void;
  /** The caller gave up. */
  giveUp(): void;
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
  readonly #options: DeadlineOptions;
  #timer: NodeJS.Timeout;
  /** Of the time for an answer that goes on, and since when it counts. */
  #leftMs: number | undefined;
  #since = 0;
  readonly giveUp = (): void => this.#end(new UpstreamError('cancelled', 'the caller gave up'));

  constructor(options: DeadlineOptions) {
    const { timeoutMs, caller } = options;
    this.#options = options;
    this.#timer = setTimeout(this.#late, timeoutMs);
    if (caller?.aborted) this.giveUp();
    caller?.addEventListener('abort', this.giveUp);
  }

  listen(next: ((reason: UpstreamError) => void) | undefined): void {
    this.#listener = next;
    if (this.reason && next) this.#end(this.reason);
  }

  awaitSite(): void {
    this.#leftMs ??= this.#options.timeoutMs;
    this.#since = performance.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#late, this.#leftMs);
  }

  awaitReader(maxMs: number): void {
    if (this.#leftMs !== undefined) this.#leftMs -= performance.now() - this.#since;
    clearTimeout(this.#timer);
    const sentence = `its reader took nothing of the answer for ${maxMs} ms`;
    this.#timer = setTimeout(() => this.#end(new UpstreamError('cancelled', sentence)), maxMs);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#listener = undefined;
    this.#options.caller?.removeEventListener('abort', this.giveUp);
  }

  readonly #late = (): void => {
    const { what, timeoutMs } = this.#options;
    this.#end(new UpstreamError('timeout', `${what} did not answer within ${timeoutMs} ms`));
  };

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
