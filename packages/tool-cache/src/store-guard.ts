// Keeps a store that is down from costing time: every operation has a limit, and after a failure the store is left
// alone for a moment. Then one operation probes it while the others still fail at once.
import { StoreUnavailable } from './errors.ts';

/** Limits of a guard, in milliseconds. */
export interface StoreGuardOptions {
  readonly timeoutMs: number;
  readonly pauseMs: number;
}

/** Runs operations of one store. */
export interface StoreGuard {
  /** Rejects with `StoreUnavailable` only. `onTooLate` gets a result that arrived after the limit. */
  run<T>(operation: () => Promise<T>, onTooLate?: (result: T) => void): Promise<T>;
  /** Like `run`, but also while the store is left alone: for giving back what others wait for. */
  runAnyway<T>(operation: () => Promise<T>): Promise<T>;
  /** From now on every operation fails. */
  close(): void;
}

/** A guard that trusts its store until the first failure. */
export function createStoreGuard({ timeoutMs, pauseMs }: StoreGuardOptions): StoreGuard {
  let refusal: StoreUnavailable | undefined;
  let pausedUntil = 0;
  let probing = false;
  let closed = false;

  function assertUsable(): void {
    if (closed) throw new StoreUnavailable('it is closed');
    if (refusal !== undefined && (probing || performance.now() < pausedUntil)) throw refusal;
  }

  async function run<T>(operation: () => Promise<T>, onTooLate?: (result: T) => void): Promise<T> {
    assertUsable();
    const isProbe = refusal !== undefined;
    if (isProbe) probing = true;
    try {
      const result = await withTimeout({ operation, onTooLate, timeoutMs });
      refusal = undefined;
      return result;
    } catch (error) {
      refusal = asUnavailable(error);
      pausedUntil = performance.now() + pauseMs;
      throw refusal;
    } finally {
      if (isProbe) probing = false;
    }
  }

  async function runAnyway<T>(operation: () => Promise<T>): Promise<T> {
    return withTimeout({ operation, onTooLate: undefined, timeoutMs }).catch((error: unknown) => {
      throw asUnavailable(error);
    });
  }

  return {
    run,
    runAnyway,
    close: () => {
      closed = true;
    },
  };
}

interface Timed<T> {
  readonly operation: () => Promise<T>;
  readonly onTooLate: ((result: T) => void) | undefined;
  readonly timeoutMs: number;
}

async function withTimeout<T>({ operation, onTooLate, timeoutMs }: Timed<T>): Promise<T> {
  const running = operation();
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new StoreUnavailable(`no answer within ${timeoutMs} ms`));
      // A failure that comes too late has been reported as a timeout already.
      void running.then(onTooLate, () => undefined);
    }, timeoutMs);
    timer.unref();
  });
  try {
    return await Promise.race([running, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function asUnavailable(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error;
  return new StoreUnavailable(error instanceof Error ? error.message : String(error));
}
