import { expect, it, vi } from 'vitest';

import { createBench, FRESH_MS, keyOf, listOf, PATIENT_MS, requestOf, STALE_MS } from './fixture.ts';

it('answers late when upstream takes longer than the caller waits, and keeps what comes then', async () => {
  const { cache, upstream, events } = createBench();

  expect(await cache.get(requestOf(), 5)).toEqual({ kind: 'late' });
  expect(await cache.get(requestOf(), 0)).toEqual({ kind: 'late' });

  (await upstream.next()).succeed('["a"]');
  await vi.waitFor(() => expect(cache.peek(keyOf())?.tools).toBe('["a"]'));
  expect(upstream.count()).toBe(1);
  expect(events.at(-1)).toMatchObject({ type: 'loaded', site: 'one', key: keyOf(), list: listOf('["a"]') });
});

it('waits without end when told so', async () => {
  const { cache, upstream } = createBench();
  const got = cache.get(requestOf(), Infinity);
  (await upstream.next()).succeed('[]');

  expect(await got).toMatchObject({ kind: 'list' });
});

it('asks upstream once for everybody who wants the same list', async () => {
  const { cache, upstream } = createBench();
  const gets = Array.from({ length: 50 }, async () => cache.get(requestOf(), PATIENT_MS));
  (await upstream.next()).succeed('["a"]');

  const outcomes = await Promise.all(gets);
  expect(new Set(outcomes.map((got) => got.kind === 'list' && got.list.tools))).toEqual(new Set(['["a"]']));
  expect(upstream.count()).toBe(1);
});

it('never lets one key wait for another', async () => {
  const { cache, upstream } = createBench();
  const slow = cache.get(requestOf('slow'), PATIENT_MS);
  const slowLoad = await upstream.next();
  const quick = cache.get(requestOf('quick'), PATIENT_MS);
  (await upstream.next()).succeed('["quick"]');

  expect(await quick).toMatchObject({ list: { tools: '["quick"]' } });
  slowLoad.succeed('["slow"]');
  expect(await slow).toMatchObject({ list: { tools: '["slow"]' } });
});

it('answers from memory while the list is fresh', async () => {
  const { cache, clock, upstream, fill, lookups } = createBench();
  await fill('["a"]');
  clock.pass(FRESH_MS - 1);

  expect(await cache.get(requestOf(), 0)).toEqual({
    kind: 'list',
    age: 'fresh',
    list: { ...listOf('["a"]'), fetchedAt: 1_000_000 },
  });
  expect(cache.peek(keyOf())).toEqual({ ...listOf('["a"]'), fetchedAt: 1_000_000, fresh: true });
  expect(upstream.count()).toBe(1);
  expect(lookups()).toEqual(['memory:miss', 'upstream:hit', 'memory:hit']);
});

it('gives a fresh list without a promise, and counts that as it counts any answer', async () => {
  const { cache, clock, upstream, fill, lookups } = createBench();
  expect(cache.fresh(requestOf())).toBeUndefined();
  await fill('["a"]');

  expect(cache.fresh(requestOf())).toEqual({ ...listOf('["a"]'), fetchedAt: 1_000_000 });
  clock.pass(FRESH_MS);
  expect(cache.fresh(requestOf())).toBeUndefined();
  expect(upstream.count()).toBe(1);
  expect(lookups()).toEqual(['memory:miss', 'upstream:hit', 'memory:hit']);
});

it('gives no list that was invalidated as a fresh one', async () => {
  const { cache, fill } = createBench();
  await fill('["a"]');
  await cache.invalidate(keyOf());

  expect(cache.fresh(requestOf())).toBeUndefined();
  expect(cache.peek(keyOf())).toMatchObject({ fresh: false, tools: '["a"]' });
});

it('dates a list from the beginning of its load', async () => {
  const { cache, clock, upstream } = createBench();
  const got = cache.get(requestOf(), PATIENT_MS);
  const load = await upstream.next();
  clock.pass(300);
  load.succeed('[]');

  expect(await got).toMatchObject({ list: { fetchedAt: 1_000_000 } });
});

it('serves an ageing list at once while one refresh runs', async () => {
  const { cache, clock, upstream, fill, events } = createBench();
  await fill('["old"]');
  clock.pass(FRESH_MS);

  for (let count = 0; count < 3; count += 1) {
    expect(await cache.get(requestOf(), 0)).toMatchObject({ age: 'stale', list: { tools: '["old"]' } });
  }
  expect(cache.peek(keyOf())).toMatchObject({ fresh: false, tools: '["old"]' });
  (await upstream.next()).succeed('["new"]');

  await vi.waitFor(() => expect(cache.peek(keyOf())).toMatchObject({ fresh: true, tools: '["new"]' }));
  expect(upstream.count()).toBe(2);
  expect(events.at(-1)).toMatchObject({
    type: 'loaded',
    previous: { tools: '["old"]' },
    list: { tools: '["new"]' },
  });
});

it('waits for upstream when the list is too old', async () => {
  const { cache, clock, upstream, fill } = createBench();
  await fill('["old"]');
  clock.pass(STALE_MS);

  const got = cache.get(requestOf(), PATIENT_MS);
  (await upstream.next()).succeed('["new"]');
  expect(await got).toMatchObject({ age: 'fresh', list: { tools: '["new"]' } });
});

it('asks again soon when the credential saw too little', async () => {
  const { cache, clock, upstream, fill } = createBench();
  await fill('["little"]', true);

  clock.pass(99);
  expect(await cache.get(requestOf(), 0)).toMatchObject({ age: 'fresh', list: { underScoped: true } });
  clock.pass(1);
  expect(await cache.get(requestOf(), 0)).toMatchObject({ age: 'stale', list: { underScoped: true } });
  (await upstream.next()).succeed('["much"]');
  await vi.waitFor(() => expect(cache.peek(keyOf())).toMatchObject({ fresh: true, underScoped: false }));
});

it('peeks without asking anybody', async () => {
  const { cache, upstream, events } = createBench();

  expect(cache.peek(keyOf())).toBeUndefined();
  expect(upstream.count()).toBe(0);
  expect(events).toEqual([]);
});

it('still answers with a list that is too long to keep', async () => {
  const { cache, upstream } = createBench({ maxBytes: 10 });
  const got = cache.get(requestOf(), PATIENT_MS);
  (await upstream.next()).succeed('["much too long"]');

  expect(await got).toMatchObject({ age: 'fresh', list: { tools: '["much too long"]' } });
  expect(cache.peek(keyOf())).toBeUndefined();
});

it('is not fooled by a clock that was set back', async () => {
  const { cache, clock, upstream, fill } = createBench();
  await fill('["old"]');
  clock.pass(-3_600_000);

  expect(await cache.get(requestOf(), 0)).toMatchObject({ age: 'stale' });
  (await upstream.next()).succeed('["new"]');
  await vi.waitFor(() => expect(cache.peek(keyOf())).toMatchObject({ fresh: true, tools: '["new"]' }));
});
