import fc from 'fast-check';
import { expect, it } from 'vitest';

import { createMemoryStore, createToolCache } from '../src/index.ts';
import type { ToolCache, ToolList, ToolListOutcome, ToolListRequest } from '../src/index.ts';
import { createClock, FRESH_MS, keyOf, listOf, requestOf, STALE_MS } from './fixture.ts';

const ERROR_MS = 50;

type Step =
  | { readonly do: 'get' | 'invalidate' | 'succeed' | 'fail'; readonly name: string }
  | { readonly do: 'pass'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('get', 'get', 'invalidate', 'succeed', 'fail'),
      name: fc.constantFrom('a', 'b'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('pass'),
      ms: fc.constantFrom(1, ERROR_MS, FRESH_MS, STALE_MS - 1, STALE_MS),
    }),
  },
);

/** Upstream in a model: its lists are numbered, and change with every invalidation. */
interface World {
  readonly cache: ToolCache<ToolListRequest>;
  run(step: Step): Promise<void>;
  finish(): Promise<void>;
}

interface Running {
  readonly succeed: () => void;
  readonly fail: () => void;
}

function createWorld(withStore: boolean): World {
  const clock = createClock();
  const versions = new Map<string, number>();
  const running = new Map<string, Running>();
  const checks: Promise<void>[] = [];
  let overlaps = 0;
  const version = (name: string): number => versions.get(name) ?? 0;

  async function load({ site }: ToolListRequest, signal: AbortSignal): Promise<ToolList> {
    overlaps += running.has(site) ? 1 : 0;
    const tools = JSON.stringify([site, version(site)]);
    try {
      return await new Promise<ToolList>((resolve, reject) => {
        running.set(site, { succeed: () => resolve(listOf(tools)), fail: () => reject(new Error('down')) });
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    } finally {
      running.delete(site);
    }
  }

  const store = createMemoryStore({ maxEntries: 10, maxBytes: 10_000, now: clock });
  const cache = createToolCache<ToolListRequest>({
    freshMs: FRESH_MS,
    staleMs: STALE_MS,
    errorMs: ERROR_MS,
    maxEntries: 10,
    maxBytes: 10_000,
    now: clock,
    load,
    shared: withStore ? store : undefined,
  });

  async function check(name: string): Promise<void> {
    const asked = version(name);
    const outcome: ToolListOutcome = await cache.get(requestOf(name), Infinity);
    if (outcome.kind !== 'list') return;
    const [site, shown] = JSON.parse(outcome.list.tools) as [string, number];
    expect(site, 'never the list of another key').toBe(name);
    if (outcome.age === 'fresh') expect(shown, 'fresh is not from before').toBeGreaterThanOrEqual(asked);
  }

  async function run(next: Step): Promise<void> {
    if (next.do === 'pass') clock.pass(next.ms);
    else if (next.do === 'get') checks.push(check(next.name));
    else if (next.do === 'invalidate') {
      versions.set(next.name, version(next.name) + 1);
      await cache.invalidate(keyOf(next.name));
    } else running.get(next.name)?.[next.do]();
    await new Promise(setImmediate);
    for (const name of ['a', 'b']) {
      const peeked = cache.peek(keyOf(name));
      if (peeked === undefined) continue;
      expect(clock() - peeked.fetchedAt, 'never older than staleMs').toBeLessThan(STALE_MS);
      if (peeked.fresh) expect(clock() - peeked.fetchedAt).toBeLessThan(FRESH_MS);
      if (peeked.fresh) expect(JSON.parse(peeked.tools)).toEqual([name, version(name)]);
    }
  }

  async function finish(): Promise<void> {
    await cache.close();
    await Promise.all(checks);
    expect(overlaps, 'one load per key at a time').toBe(0);
    expect(running.size, 'nothing runs after the end').toBe(0);
  }

  return { cache, run, finish };
}

it.each([
  ['memory alone', false],
  ['a shared store', true],
])('keeps its promises with %s, whatever happens in whatever order', async (_where, withStore) => {
  let served = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      const world = createWorld(withStore);
      for (const next of steps) await world.run(next);
      served += ['a', 'b'].filter((name) => world.cache.peek(keyOf(name)) !== undefined).length;
      await world.finish();
    }),
    { numRuns: 150 },
  );
  expect(served, 'the run looked at lists at all').toBeGreaterThan(0);
});
