import { expect, it } from 'vitest';

import { createRedisStore } from '../src/index.ts';
import type { ToolListStore } from '../src/index.ts';
import { keyOf, openRedis, storedOf, testPrefix } from './fixture.ts';
import { describeToolListStore } from './tool-list-store.contract.ts';

const TTL_MS = 60_000;
const LONG = JSON.stringify(Array.from({ length: 3_000 }, (_, at) => ({ name: `tool-${at}` })));

describeToolListStore('Redis', () => {
  const prefix = testPrefix();
  return {
    one: createRedisStore({ redis: openRedis(), prefix }),
    other: createRedisStore({ redis: openRedis(), prefix }),
  };
});

interface Setup {
  readonly redis: ReturnType<typeof openRedis>;
  readonly store: ToolListStore;
  readonly names: () => Promise<{ readonly blob: string; readonly list: string }>;
}

function setUp(): Setup {
  const redis = openRedis();
  const prefix = testPrefix();
  const name = async (part: string): Promise<string> =>
    (await redis.keys(`${prefix}tools:${part}:*`))[0] ?? 'none';
  return {
    redis,
    store: createRedisStore({ redis, prefix }),
    names: async () => ({ blob: await name('blob'), list: await name('list') }),
  };
}

it.each<[string, (setup: Setup) => Promise<unknown>]>([
  ['its pointer is no JSON', async ({ redis, names }) => redis.set((await names()).list, 'junk')],
  [
    'its pointer is of another version',
    async ({ redis, names }) => redis.set((await names()).list, '{"v":2}'),
  ],
  ['its pointer is no string', async ({ redis, names }) => swap(redis, (await names()).list)],
  ['its text is gone', async ({ redis, names }) => redis.del((await names()).blob)],
  ['its text is empty', async ({ redis, names }) => redis.set((await names()).blob, '')],
  ['its text is cut', async ({ redis, names }) => redis.setrange((await names()).blob, 100, 'cut')],
  ['its text is another one', async ({ redis, names }) => redis.set((await names()).blob, 'p[]')],
  ['its text is no string', async ({ redis, names }) => swap(redis, (await names()).blob)],
])('reads nothing when %s, and mends it with the next write', async (_what, damage) => {
  const setup = setUp();
  const { store } = setup;
  await store.write(keyOf(), storedOf(LONG, 1), TTL_MS);
  await damage(setup);

  expect(await store.read(keyOf())).toBeUndefined();

  await store.write(keyOf(), storedOf(LONG, 2), TTL_MS);
  expect(await store.read(keyOf())).toEqual(storedOf(LONG, 2));
});

async function swap(redis: Setup['redis'], name: string): Promise<void> {
  await redis.del(name);
  await redis.sadd(name, 'member');
}

it('names its keys as documented and gives each a time to live', async () => {
  const redis = openRedis();
  const prefix = testPrefix();
  const store = createRedisStore({ redis, prefix });
  const list = storedOf('["tool"]', 1);
  await store.write(keyOf('a'), list, TTL_MS);
  await store.tryLock(keyOf('a'), TTL_MS);

  const keys = (await redis.keys(`${prefix}*`)).map((key) => key.slice(prefix.length)).sort();
  const suffix = expect.stringMatching(/^cloud-a:scope:[0-9a-f]{16}$/);
  expect(keys.slice(0, 1)).toEqual([`tools:blob:${list.hash}`]);
  expect(keys.slice(1).map((key) => key.replace(/^tools:(list|lock):/, ''))).toEqual([suffix, suffix]);

  const ttl = async (key: string | undefined): Promise<number> => redis.pttl(`${prefix}${key}`);
  expect(await ttl(keys[1])).toBeGreaterThan(TTL_MS - 5_000);
  expect(await ttl(keys[2])).toBeGreaterThan(TTL_MS - 5_000);
  expect(await ttl(keys[0])).toBeGreaterThan(await ttl(keys[1]));
});

it('prefixes its keys with switchyard: unless told otherwise', async () => {
  const redis = openRedis();
  const store = createRedisStore({ redis });
  const key = { ...keyOf(), cloudId: testPrefix().replaceAll(':', '-') };
  await store.write(key, storedOf('[]', 1), 1_000);

  expect(await redis.keys(`switchyard:tools:list:${key.cloudId}:*`)).toHaveLength(1);
});

it('stores a text once and renews its time for every key that points at it', async () => {
  const redis = openRedis();
  const prefix = testPrefix();
  const store = createRedisStore({ redis, prefix });
  const list = storedOf(LONG, 1);
  await store.write(keyOf('a'), list, 1_000);
  await store.write(keyOf('b'), list, TTL_MS);

  expect(await redis.keys(`${prefix}tools:blob:*`)).toHaveLength(1);
  expect(await redis.keys(`${prefix}tools:list:*`)).toHaveLength(2);
  expect(await redis.pttl(`${prefix}tools:blob:${list.hash}`)).toBeGreaterThan(TTL_MS);
});
