import { expect, it, vi } from 'vitest';

import { createRedisStore } from '../src/index.ts';
import type { ToolListStore } from '../src/index.ts';
import type { Bench } from './fixture.ts';
import {
  createBench,
  FRESH_MS,
  keyOf,
  listOf,
  openRedis,
  PATIENT_MS,
  requestOf,
  storedOf,
} from './fixture.ts';
import type { RedisProcess } from './redis-process.ts';
import { startRedisProcess } from './redis-process.ts';

interface Replica extends Bench {
  readonly store: ToolListStore;
  readonly stores: () => boolean[];
}

function createReplica(server: RedisProcess): Replica {
  const store = createRedisStore({ redis: openRedis(server.url), operationTimeoutMs: 100, pauseMs: 50 });
  let count = 0;
  const load = async (): Promise<ReturnType<typeof listOf>> => listOf(`["list ${(count += 1)}"]`);
  const bench = createBench({ shared: store, load });
  const stores = (): boolean[] =>
    bench.events.flatMap((event) => (event.type === 'store' ? [event.available] : []));
  return { ...bench, store, stores };
}

it('serves on without Redis, says so once, and uses it again by itself when it is back', async () => {
  const server = await startRedisProcess();
  const { cache, clock, store, stores } = createReplica(server);
  expect(await cache.get(requestOf(), PATIENT_MS)).toMatchObject({ list: { tools: '["list 1"]' } });
  await vi.waitFor(async () => expect(await store.read(keyOf())).toMatchObject({ tools: '["list 1"]' }));

  await server.kill();
  clock.pass(FRESH_MS);
  expect(await cache.get(requestOf(), PATIENT_MS)).toMatchObject({
    age: 'stale',
    list: { tools: '["list 1"]' },
  });
  await vi.waitFor(() => expect(cache.peek(keyOf())).toMatchObject({ tools: '["list 2"]' }));
  expect(await cache.get(requestOf('two'), PATIENT_MS)).toMatchObject({ age: 'fresh' });
  expect(stores()).toEqual([false]);

  await server.start();
  await vi.waitFor(() => expect(stores()).toEqual([false, true]), { timeout: 10_000 });
  clock.pass(FRESH_MS);
  await cache.get(requestOf(), PATIENT_MS);
  await vi.waitFor(async () => expect(await store.read(keyOf())).toMatchObject({ tools: '["list 4"]' }));
});

it('does not wait for a Redis that hangs, and holds no lock afterwards', async () => {
  const server = await startRedisProcess();
  const { cache, store, stores } = createReplica(server);
  await store.read(keyOf());

  server.freeze();
  expect(await cache.get(requestOf(), PATIENT_MS)).toMatchObject({
    age: 'fresh',
    list: { tools: '["list 1"]' },
  });
  expect(stores()).toEqual([false]);
  const lockTooLate = store.tryLock(keyOf('two'), 60_000);
  await expect(lockTooLate).rejects.toMatchObject({ code: 'store_unavailable' });

  server.thaw();
  await vi.waitFor(async () => expect(await store.tryLock(keyOf('two'), 60_000)).toBeTypeOf('function'));
});

it('gives back a lock that Redis grants after nobody waits for it', async () => {
  const server = await startRedisProcess();
  const redis = openRedis(server.url);
  const store = createRedisStore({ redis, operationTimeoutMs: 100, pauseMs: 1 });
  await redis.ping();

  server.freeze();
  await expect(store.tryLock(keyOf(), 60_000)).rejects.toMatchObject({ code: 'store_unavailable' });
  server.thaw();

  await vi.waitFor(async () => expect(await redis.keys('*lock*')).toEqual([]));
  await vi.waitFor(async () => expect(await store.tryLock(keyOf(), 60_000)).toBeTypeOf('function'));
});

it('loses nothing but time when Redis is flushed', async () => {
  const server = await startRedisProcess();
  const { cache, clock, store, stores } = createReplica(server);
  await cache.get(requestOf(), PATIENT_MS);
  await openRedis(server.url).flushall();

  expect(await cache.get(requestOf(), 0)).toMatchObject({ age: 'fresh', list: { tools: '["list 1"]' } });
  clock.pass(FRESH_MS);
  await cache.get(requestOf(), 0);
  await vi.waitFor(async () => expect(await store.read(keyOf())).toMatchObject({ tools: '["list 2"]' }));
  expect(stores()).toEqual([]);
});

it('keeps the arguments of a failed command out of the error', async () => {
  const server = await startRedisProcess();
  const redis = openRedis(server.url);
  const store = createRedisStore({ redis });
  await redis.config('SET', 'maxmemory', '1');

  const error: unknown = await store
    .write(keyOf(), storedOf('["secret"]', 1), 1_000)
    .catch((reason: unknown) => reason);

  expect(error).toMatchObject({ name: 'StoreUnavailable', message: expect.stringContaining('OOM') });
  expect(error).not.toHaveProperty('cause');
});
