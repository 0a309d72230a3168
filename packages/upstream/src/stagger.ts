/** Starts work that may wait: a few pieces at once, the rest one by one when those who are waited for had their time. */
export interface Stagger {
  /** Returns the way to take the work back while it has not begun. */
  begin(work: () => void): () => void;
  /** What has not begun never will. */
  close(): void;
}

/** So many pieces begin at once before the others must wait. */
const AT_ONCE = 4;
const PAUSE_MS = 1_000;
const EVERY_MS = 10;

/** Whoever begins work bounds how much there is of it. */
export function createStagger(): Stagger {
  const waiting = new Set<() => void>();
  let left = AT_ONCE;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function beginNext(): void {
    timer = undefined;
    const [next] = waiting;
    if (!next) {
      left = AT_ONCE;
      return;
    }
    waiting.delete(next);
    wait(EVERY_MS);
    next();
  }

  function wait(ms: number): void {
    timer ??= setTimeout(beginNext, ms).unref();
  }

  return {
    begin(work) {
      if (isClosed) return () => {};
      if (left > 0) {
        left -= 1;
        work();
      } else {
        waiting.add(work);
      }
      wait(PAUSE_MS);
      return () => void waiting.delete(work);
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      waiting.clear();
    },
  };
}
