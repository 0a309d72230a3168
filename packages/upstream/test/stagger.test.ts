import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { createStagger } from '../src/stagger.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Work that writes down which piece it was. */
function startMany(count: number): {
  begun: number[];
  stagger: ReturnType<typeof createStagger>;
  takeBack: (() => void)[];
} {
  const begun: number[] = [];
  const stagger = createStagger();
  const takeBack = Array.from({ length: count }, (_, at) => stagger.begin(() => void begun.push(at)));
  return { begun, stagger, takeBack };
}

describe('work that may wait', () => {
  it('never begins once it was taken back', () => {
    const { begun, takeBack } = startMany(10);
    takeBack[5]?.();
    vi.advanceTimersByTime(60_000);

    expect(begun).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9]);
  });

  it('never begins after the end', () => {
    const { begun, stagger } = startMany(10);
    stagger.close();
    stagger.begin(() => void begun.push(99));
    vi.advanceTimersByTime(60_000);

    expect([begun, vi.getTimerCount()]).toEqual([[0, 1, 2, 3], 0]);
  });

  it('begins at once when there is little of it, the rest one by one after a pause, in order', () => {
    const { begun } = startMany(8);
    expect(begun).toEqual([0, 1, 2, 3]);

    vi.advanceTimersByTime(999);
    expect(begun).toHaveLength(4);
    vi.advanceTimersByTime(1);
    expect(begun).toHaveLength(5);
    vi.advanceTimersByTime(60_000);
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('begins at once again when all of it has begun', () => {
    const { begun, stagger } = startMany(8);
    vi.advanceTimersByTime(60_000);
    stagger.begin(() => void begun.push(8));

    expect(begun).toHaveLength(9);
  });
});
