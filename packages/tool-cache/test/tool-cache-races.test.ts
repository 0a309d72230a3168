// Moments that a real store offers too rarely to wait for them: a store that does something else in between.
import { expect, it, vi } from 'vitest';

import { createMemoryStore } from '../src/index.ts';
import type { ToolListStore } from '../src/index.ts';
import { createBench, createClock, FRESH_MS, keyOf, PATIENT_MS, requestOf, storedOf } from './fixture.ts';

function broken(): never {
  throw new TypeError('a bug');
}

function openStore(): ToolListStore {
  return createMemoryStore({ maxEntries: 10, maxBytes: 10_000, now: createClock() });
}

it('looks into the store again once it has the lock, since the former owner may have written meanwhile', async () => {
  const store = openStore();
  const shared: ToolListStore = {
    ...store,
    tryLock: async (key, ttlMs) => {
      await store.write(key, storedOf('["theirs"]', 1_000_000), 60_000);
      return store.tryLock(key, ttlMs);
    },
  };
  const { cache, upstream } = createBench({ shared });

  expect(await cache.get(requestOf(), PATIENT_MS)).toMatchObject({
    age: 'fresh',
    list: { tools: '["theirs"]' },
  });
  expect(upstream.count()).toBe(0);
  await vi.waitFor(async () => expect(await store.tryLock(keyOf(), 1_000)).toBeTypeOf('function'));
});

it('takes back what it has shared when that was invalidated during the write', async () => {
  const store = openStore();
  const written = vi.fn<() => void>();
  const shared: ToolListStore = {
    ...store,
    write: async (key, list, ttlMs) => {
      await bench.cache.invalidate(key);
      await store.write(key, list, ttlMs);
      written();
    },
  };
  const bench = createBench({ shared });
  await bench.fill('["old"]');

  await vi.waitFor(async () => {
    expect(written).toHaveBeenCalledOnce();
    expect(await store.read(keyOf())).toBeUndefined();
  });
  expect(bench.cache.peek(keyOf())).toMatchObject({ fresh: false });
});

it('makes nobody content with a stale list that was invalidated while its refresh runs', async () => {
  const store = openStore();
  const { cache, clock, upstream } = createBench({ shared: store });
  await store.write(keyOf(), storedOf('["old"]', clock() - FRESH_MS), 60_000);
  expect(await cache.get(requestOf(), PATIENT_MS)).toMatchObject({
    age: 'stale',
    list: { tools: '["old"]' },
  });
  await upstream.next();
  await cache.invalidate(keyOf());

  const got = cache.get(requestOf(), PATIENT_MS);
  (await upstream.next()).succeed('["new"]');
  expect(await got).toMatchObject({ age: 'fresh', list: { tools: '["new"]' } });
});

it('goes on when a store fails in a way that no store should', async () => {
  const shared: ToolListStore = {
    ...openStore(),
    read: broken,
    write: broken,
    tryLock: broken,
    remove: broken,
  };
  const { cache, fill, events } = createBench({ shared });
  await fill('["a"]');
  await cache.invalidate(keyOf());

  expect(cache.peek(keyOf())).toMatchObject({ tools: '["a"]' });
  expect(events.filter((event) => event.type === 'store')).toEqual([
    { type: 'store', available: false, error: new TypeError('a bug') },
  ]);
});
