import { describe, expect, it, vi } from 'vitest';

import { createMemoryStore, createRedisStore } from '../src/index.ts';
import type { ToolListStore } from '../src/index.ts';
import type { Bench } from './fixture.ts';
import {
  createBench,
  createClock,
  createUpstream,
  FRESH_MS,
  keyOf,
  openRedis,
  PATIENT_MS,
  requestOf,
  STALE_MS,
  storedOf,
  testPrefix,
} from './fixture.ts';

const STORES: [string, () => () => ToolListStore][] = [
  [
    'Redis',
    () => {
      const prefix = testPrefix();
      return () => createRedisStore({ redis: openRedis(), prefix });
    },
  ],
  [
    'memory',
    () => {
      const store = createMemoryStore({ maxEntries: 100, maxBytes: 1_000_000 });
      return () => store;
    },
  ],
];

describe.each(STORES)('two replicas on one %s store', (_name, openStores) => {
  type Pair = Pick<Bench, 'clock' | 'upstream'> & {
    readonly one: Bench;
    readonly other: Bench;
    store: ToolListStore;
  };

  function createPair(options: { readonly lockMs?: number } = {}): Pair {
    const connect = openStores();
    const clock = createClock();
    const upstream = createUpstream();
    const replica = (): Bench =>
      createBench({ ...options, load: upstream.load, now: clock, shared: connect() });
    return { clock, upstream, one: replica(), other: replica(), store: connect() };
  }

  it('share one failing load only by taking turns, and neither stores the error', async () => {
    const { upstream, one, other, store } = createPair();
    const gets = [one.cache.get(requestOf(), PATIENT_MS), other.cache.get(requestOf(), PATIENT_MS)];
    (await upstream.next()).fail(new Error('down'));
    (await upstream.next()).fail(new Error('down'));

    expect((await Promise.all(gets)).map((got) => got.kind)).toEqual(['failed', 'failed']);
    expect(upstream.count()).toBe(2);
    expect(await store.read(keyOf())).toBeUndefined();
  });

  it('make one upstream discovery when both are asked at the same time', async () => {
    const { upstream, one, other } = createPair();
    const gets = [one, other].flatMap(({ cache }) =>
      Array.from({ length: 10 }, async () => cache.get(requestOf(), PATIENT_MS)),
    );
    (await upstream.next()).succeed('["a"]');

    for (const got of await Promise.all(gets)) {
      expect(got).toMatchObject({ kind: 'list', age: 'fresh', list: { tools: '["a"]' } });
    }
    expect(upstream.count()).toBe(1);
    const counted = [...one.lookups(), ...other.lookups()].filter((lookup) => !lookup.startsWith('memory'));
    expect(counted.sort()).toEqual(['redis:hit', 'redis:miss', 'upstream:hit']);
  });

  it('make one upstream discovery when the second is asked later', async () => {
    const { upstream, one, other, store } = createPair();
    const got = one.cache.get(requestOf(), PATIENT_MS);
    (await upstream.next()).succeed('["a"]');
    await got;
    await vi.waitFor(async () => expect(await store.read(keyOf())).toBeDefined());

    expect(await other.cache.get(requestOf(), PATIENT_MS)).toMatchObject({ age: 'fresh' });
    expect(upstream.count()).toBe(1);
    expect(other.lookups()).toEqual(['memory:miss', 'redis:hit']);
    expect(other.events).toContainEqual(
      expect.objectContaining({ type: 'received', site: 'one', key: keyOf() }),
    );
  });

  it('load without the lock when its holder takes longer than it may', async () => {
    const { upstream, one, store } = createPair({ lockMs: 60 });
    await store.tryLock(keyOf(), 60_000);
    const got = one.cache.get(requestOf(), PATIENT_MS);
    (await upstream.next()).succeed('["a"]');

    expect(await got).toMatchObject({ age: 'fresh' });
  });

  it('take over a fresher list instead of refreshing their own', async () => {
    const { clock, upstream, one, store } = createPair();
    const got = one.cache.get(requestOf(), PATIENT_MS);
    (await upstream.next()).succeed('["old"]');
    await got;
    clock.pass(FRESH_MS);
    await vi.waitFor(async () => expect(await store.read(keyOf())).toBeDefined());
    await store.write(keyOf(), storedOf('["new"]', clock()), 60_000);

    expect(await one.cache.get(requestOf(), 0)).toMatchObject({ age: 'stale', list: { tools: '["old"]' } });
    await vi.waitFor(() => expect(one.cache.peek(keyOf())).toMatchObject({ fresh: true, tools: '["new"]' }));
    expect(upstream.count()).toBe(1);
  });

  it('serve a stale list of the store at once, while they refresh it', async () => {
    const { clock, upstream, one, store } = createPair();
    await store.write(keyOf(), storedOf('["old"]', clock() - FRESH_MS), 60_000);

    expect(await one.cache.get(requestOf(), PATIENT_MS)).toMatchObject({
      age: 'stale',
      list: { tools: '["old"]' },
    });
    (await upstream.next()).succeed('["new"]');
    await vi.waitFor(async () => expect(await store.read(keyOf())).toMatchObject({ tools: '["new"]' }));
    expect(one.lookups()).toEqual(['memory:miss', 'redis:stale', 'upstream:hit']);
  });

  it('do not serve what lies in the store for too long', async () => {
    const { clock, upstream, one, store } = createPair();
    await store.write(keyOf(), storedOf('["old"]', clock() - STALE_MS), 60_000);
    const got = one.cache.get(requestOf(), PATIENT_MS);
    (await upstream.next()).succeed('["new"]');

    expect(await got).toMatchObject({ age: 'fresh', list: { tools: '["new"]' } });
  });

  it('forget the shared list when one of them invalidates it, and take over none that is older', async () => {
    const { clock, upstream, one, store } = createPair();
    await store.write(keyOf(), storedOf('["old"]', clock()), 60_000);
    await one.cache.get(requestOf(), PATIENT_MS);
    clock.pass(10);
    await one.cache.invalidate(keyOf());
    expect(await store.read(keyOf())).toBeUndefined();
    await store.write(keyOf(), storedOf('["begun before"]', clock() - 1), 60_000);

    const got = one.cache.get(requestOf(), PATIENT_MS);
    (await upstream.next()).succeed('["new"]');
    expect(await got).toMatchObject({ age: 'fresh', list: { tools: '["new"]' } });
  });

  it('let the others load at once when one of them closes in the middle of a load', async () => {
    const { upstream, one, other } = createPair({ lockMs: 60_000 });
    void one.cache.get(requestOf(), PATIENT_MS);
    await upstream.next();
    const got = other.cache.get(requestOf(), PATIENT_MS);
    await one.cache.close();
    (await upstream.next()).succeed('["a"]');

    expect(await got).toMatchObject({ age: 'fresh' });
  });
});
