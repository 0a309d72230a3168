import { expect, it, vi } from 'vitest';

import { createBench, FRESH_MS, keyOf, PATIENT_MS, requestOf } from './fixture.ts';

const DOWN = new Error('site is down');

it('serves the invalidated list when upstream fails', async () => {
  const { cache, upstream, fill } = createBench();
  await fill('["old"]');
  await cache.invalidate(keyOf());

  const got = cache.get(requestOf(), PATIENT_MS);
  (await upstream.next()).fail(DOWN);
  expect(await got).toMatchObject({ kind: 'list', age: 'stale', error: DOWN, list: { tools: '["old"]' } });
});

it('serves the invalidated list when upstream is late', async () => {
  const { cache, fill } = createBench();
  await fill('["old"]');
  await cache.invalidate(keyOf());

  expect(await cache.get(requestOf(), 5)).toMatchObject({ age: 'stale', list: { tools: '["old"]' } });
});

it('goes upstream with the next get although the list was fresh', async () => {
  const { cache, upstream, fill } = createBench();
  await fill('["old"]');
  await cache.invalidate(keyOf());
  expect(cache.peek(keyOf())).toMatchObject({ fresh: false, tools: '["old"]' });

  const got = cache.get(requestOf(), PATIENT_MS);
  (await upstream.next()).succeed('["new"]');
  expect(await got).toMatchObject({ age: 'fresh', list: { tools: '["new"]' } });
  expect(cache.peek(keyOf())).toMatchObject({ fresh: true });
});

it('goes upstream with the next get although the last load has just failed', async () => {
  const { cache, upstream } = createBench();
  const first = cache.get(requestOf(), PATIENT_MS);
  (await upstream.next()).fail(DOWN);
  await first;
  await cache.invalidate(keyOf());

  const got = cache.get(requestOf(), PATIENT_MS);
  (await upstream.next()).succeed('["new"]');
  expect(await got).toMatchObject({ age: 'fresh' });
});

it('wins over a load that was running: everybody who waits gets the list of a second one', async () => {
  const { cache, upstream, events } = createBench();
  const before = cache.get(requestOf(), PATIENT_MS);
  const first = await upstream.next();
  await cache.invalidate(keyOf());
  const after = cache.get(requestOf(), PATIENT_MS);
  (await upstream.next()).succeed('["new"]');

  expect(await before).toMatchObject({ age: 'fresh', list: { tools: '["new"]' } });
  expect(await after).toMatchObject({ age: 'fresh', list: { tools: '["new"]' } });
  expect(first.signal.reason).toMatchObject({ code: 'load_overtaken' });
  expect(events.filter((event) => event.type === 'load-failed')).toEqual([]);
  expect(upstream.count()).toBe(2);
});

it('wins over a running refresh although its caller has been answered', async () => {
  const { cache, clock, upstream, fill } = createBench();
  await fill('["old"]');
  clock.pass(FRESH_MS);
  await cache.get(requestOf(), 0);
  await upstream.next();
  await cache.invalidate(keyOf());

  const got = cache.get(requestOf(), PATIENT_MS);
  (await upstream.next()).succeed('["new"]');
  expect(await got).toMatchObject({ age: 'fresh', list: { tools: '["new"]' } });
});

it('keeps the answer of the second load, as stale, when the site changes all the time', async () => {
  const { cache, upstream } = createBench();
  const got = cache.get(requestOf(), PATIENT_MS);
  await upstream.next();
  await cache.invalidate(keyOf());
  const second = await upstream.next();
  await cache.invalidate(keyOf());
  second.succeed('["new"]');

  expect(await got).toMatchObject({ age: 'stale', list: { tools: '["new"]' } });
  expect(second.signal.aborted).toBe(false);
  expect(upstream.count()).toBe(2);
  expect(cache.peek(keyOf())).toMatchObject({ fresh: false });
});

it('wins in the same millisecond, from within a listener and without a list', async () => {
  const bench = createBench({
    onEvent: (event) => {
      if (event.type === 'loaded' && event.list.tools === '["old"]') void bench.cache.invalidate(keyOf());
    },
  });
  const { cache, upstream } = bench;
  await cache.invalidate(keyOf());
  await bench.fill('["old"]');
  await vi.waitFor(() => expect(cache.peek(keyOf())).toMatchObject({ fresh: false }));

  const got = cache.get(requestOf(), PATIENT_MS);
  (await upstream.next()).succeed('["new"]');
  expect(await got).toMatchObject({ age: 'fresh', list: { tools: '["new"]' } });
});

it('leaves other keys alone', async () => {
  const { cache, fill } = createBench();
  await fill('["a"]');
  await cache.invalidate(keyOf('two'));

  expect(cache.peek(keyOf())).toMatchObject({ fresh: true });
});
