import { expect } from 'vitest';

/** Tries every case and says how many there were; fails when one of them got through, or when there were too few. */
export async function tryAll<T>(
  what: string,
  {
    cases,
    least,
    passes,
  }: { cases: readonly T[]; least: number; passes: (each: T) => boolean | Promise<boolean> },
): Promise<void> {
  const passed: T[] = [];
  for (const each of cases) if (await passes(each)) passed.push(each);
  process.stdout.write(`hostile: ${what}: ${cases.length} tried, ${passed.length} passed\n`);
  expect(passed).toEqual([]);
  expect(cases.length).toBeGreaterThanOrEqual(least);
}
