/** Longer timers fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The value of the promise, or `undefined` after `waitMs` milliseconds; the promise goes on. */
export async function settleWithin<T>(promise: Promise<T>, waitMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.min(waitMs, MAX_TIMER_MS)).unref();
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
