import { expect, it, vi } from 'vitest';

import { createToolCache } from '../src/index.ts';
import { createBench, FRESH_MS, keyOf, listOf, PATIENT_MS, requestOf, STALE_MS } from './fixture.ts';

const DOWN = new Error('site is down');

it.each([
  ['freshMs', { freshMs: 0 }],
  ['staleMs', { staleMs: Number.NaN }],
  ['staleMs', { freshMs: 10, staleMs: 9 }],
  ['maxEntries', { maxEntries: -1 }],
  ['maxBytes', { maxBytes: Infinity }],
  ['maxLoads', { maxLoads: 1.5 }],
])('refuses to be built with a bad %s', (name, bad) => {
  const good = { freshMs: 1, staleMs: 2, maxEntries: 1, maxBytes: 1, load: async () => listOf('[]') };

  expect(() => createToolCache({ ...good, ...bad })).toThrow(RangeError);
  expect(() => createToolCache({ ...good, ...bad })).toThrow(name);
});

it('says why there is no list', async () => {
  const { cache, upstream, lookups } = createBench();
  const got = cache.get(requestOf(), PATIENT_MS);
  (await upstream.next()).fail(DOWN);

  expect(await got).toEqual({ kind: 'failed', error: DOWN });
  expect(lookups()).toEqual(['memory:miss', 'upstream:miss']);
});

it('does not reject when the load throws before it returns a promise', async () => {
  const { cache } = createBench({
    load: () => {
      throw DOWN;
    },
  });

  expect(await cache.get(requestOf(), PATIENT_MS)).toEqual({ kind: 'failed', error: DOWN });
});

it('leaves a failing site alone for a moment and then tries again', async () => {
  const { cache, upstream, clock } = createBench();
  const first = cache.get(requestOf(), PATIENT_MS);
  (await upstream.next()).fail(DOWN);
  await first;

  clock.pass(49);
  expect(await cache.get(requestOf(), PATIENT_MS)).toEqual({ kind: 'failed', error: DOWN });
  expect(upstream.count()).toBe(1);

  clock.pass(1);
  const again = cache.get(requestOf(), PATIENT_MS);
  (await upstream.next()).succeed('["back"]');
  expect(await again).toMatchObject({ kind: 'list', age: 'fresh', list: { tools: '["back"]' } });
});

it('serves the old list with the error while upstream fails, and without it afterwards', async () => {
  const { cache, upstream, clock, fill, events } = createBench();
  await fill('["old"]');
  clock.pass(FRESH_MS);

  await cache.get(requestOf(), PATIENT_MS);
  (await upstream.next()).fail(DOWN);
  await vi.waitFor(() =>
    expect(events.at(-1)).toMatchObject({ type: 'load-failed', site: 'one', error: DOWN }),
  );

  const old = { kind: 'list', age: 'stale', list: { tools: '["old"]' } };
  expect(await cache.get(requestOf(), PATIENT_MS)).toMatchObject({ ...old, error: DOWN });
  expect(upstream.count()).toBe(2);

  clock.pass(50);
  expect(await cache.get(requestOf(), PATIENT_MS)).toMatchObject({ ...old, error: DOWN });
  (await upstream.next()).succeed('["new"]');
  await vi.waitFor(() => expect(cache.peek(keyOf())?.tools).toBe('["new"]'));
  expect(await cache.get(requestOf(), PATIENT_MS)).not.toHaveProperty('error');
});

it('serves nothing that is too old, even when upstream fails', async () => {
  const { cache, upstream, clock, fill } = createBench();
  await fill('["old"]');
  clock.pass(STALE_MS);

  expect(cache.peek(keyOf())).toBeUndefined();
  const got = cache.get(requestOf(), PATIENT_MS);
  (await upstream.next()).fail(DOWN);
  expect(await got).toEqual({ kind: 'failed', error: DOWN });
});

it('ends a load that takes too long, also one that does not heed its signal', async () => {
  let signal: AbortSignal | undefined;
  const { cache } = createBench({
    loadTimeoutMs: 20,
    load: async (_request, given) => {
      signal = given;
      return new Promise(() => undefined);
    },
  });

  const got = await cache.get(requestOf(), PATIENT_MS);

  expect(got).toMatchObject({ kind: 'failed', error: { code: 'load_timeout', retryable: true } });
  expect(got).toHaveProperty('error.message', 'The tools of site "one" were not listed within 20 ms');
  expect(signal?.aborted).toBe(true);
});

it('refuses more loads than it may have in flight, and remembers no failure for it', async () => {
  const { cache, upstream } = createBench({ maxLoads: 1 });
  const first = cache.get(requestOf('one'), PATIENT_MS);
  const busy = await cache.get(requestOf('two'), PATIENT_MS);
  expect(busy).toMatchObject({ kind: 'failed', error: { code: 'cache_busy' } });

  (await upstream.next()).succeed('[]');
  await first;
  const second = cache.get(requestOf('two'), PATIENT_MS);
  (await upstream.next()).succeed('[]');
  expect(await second).toMatchObject({ kind: 'list' });
});

it('is not harmed by a listener that throws', async () => {
  const { cache, upstream } = createBench({
    onEvent: () => {
      throw DOWN;
    },
  });
  const got = cache.get(requestOf(), PATIENT_MS);
  (await upstream.next()).succeed('[]');

  expect(await got).toMatchObject({ kind: 'list', age: 'fresh' });
});

it('aborts its loads when it is closed, answers whoever waits, and closes twice', async () => {
  const { cache, upstream, events } = createBench();
  const got = cache.get(requestOf(), PATIENT_MS);
  const load = await upstream.next();

  await Promise.all([cache.close(), cache.close()]);

  const closed = { kind: 'failed', error: { code: 'cache_closed', retryable: false } };
  expect(await got).toMatchObject(closed);
  expect(load.signal.aborted).toBe(true);
  expect(await cache.get(requestOf(), PATIENT_MS)).toMatchObject(closed);
  expect(upstream.count()).toBe(1);
  expect(events.map((event) => event.type)).not.toContain('load-failed');
});
