import { expect, it } from 'vitest';

import { createMemoryStore } from '../src/index.ts';
import { createClock, keyOf, storedOf } from './fixture.ts';
import { describeToolListStore } from './tool-list-store.contract.ts';

const BOUNDS = { maxEntries: 10, maxBytes: 1_000_000 };

describeToolListStore('memory', () => {
  const store = createMemoryStore(BOUNDS);
  return { one: store, other: store };
});

it('goes by the clock it is given', async () => {
  const clock = createClock();
  const store = createMemoryStore({ ...BOUNDS, now: clock });
  await store.write(keyOf(), storedOf('[]', 1), 100);
  await store.tryLock(keyOf(), 100);

  clock.pass(99);
  expect(await store.read(keyOf())).toBeDefined();
  expect(await store.tryLock(keyOf(), 100)).toBeUndefined();

  clock.pass(1);
  expect(await store.read(keyOf())).toBeUndefined();
  expect(await store.tryLock(keyOf(), 100)).toBeTypeOf('function');
});

it('holds no more keys than it may', async () => {
  const store = createMemoryStore({ ...BOUNDS, maxEntries: 2 });
  for (const name of ['a', 'b', 'c']) await store.write(keyOf(name), storedOf('[]', 1), 1_000);

  expect(await store.read(keyOf('a'))).toBeUndefined();
  expect(await store.read(keyOf('b'))).toBeDefined();
  expect(await store.read(keyOf('c'))).toBeDefined();
});
