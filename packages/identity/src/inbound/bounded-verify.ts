import type { Credential } from '@switchyard/catalogue';

import type { AuthCause, Verification } from './auth-outcome.ts';

/** Asks upstream about a credential. Given by the application; may reject. */
export type Verify = (credential: Credential, signal: AbortSignal) => Promise<Verification>;

/** An answer that always comes; `unreachable` says why. */
export type Answer =
  | Exclude<Verification, { kind: 'unreachable' }>
  | { readonly kind: 'unreachable'; readonly cause: AuthCause };

/** `verify` with a bound in number and in time. */
export interface BoundedVerify {
  ask(credential: Credential): Promise<Answer>;
  /** Aborts what runs: those who wait get `unreachable` at once, and so does everyone later. */
  close(): void;
}

/** Never rejects, never waits longer than `verifyTimeoutMs`, even for a `verify` that ignores its signal (I9). */
export function createBoundedVerify(options: {
  readonly verify: Verify;
  readonly verifyTimeoutMs: number;
  readonly maxVerifying: number;
}): BoundedVerify {
  const running = new Set<AbortController>();
  let closed = false;

  async function ask(credential: Credential): Promise<Answer> {
    if (closed) return unreachable('closed');
    if (running.size >= options.maxVerifying) return unreachable('busy');
    const controller = new AbortController();
    running.add(controller);
    const timer = setTimeout(() => controller.abort(), options.verifyTimeoutMs);
    const answer = await Promise.race([attempt(credential, controller.signal), aborted(controller.signal)]);
    clearTimeout(timer);
    running.delete(controller);
    return answer;
  }

  async function attempt(credential: Credential, signal: AbortSignal): Promise<Answer> {
    try {
      const verification = await options.verify(credential, signal);
      return verification.kind === 'unreachable' ? unreachable('unreachable') : verification;
    } catch {
      // What was thrown may quote the request, so it is not passed on (I5); the application's `verify` logs its own.
      return unreachable('verify_threw');
    }
  }

  function aborted(signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(unreachable(closed ? 'closed' : 'timeout')));
    });
  }

  function close(): void {
    closed = true;
    for (const controller of running) controller.abort();
  }

  return { ask, close };
}

function unreachable(cause: AuthCause): Answer {
  return { kind: 'unreachable', cause };
}
