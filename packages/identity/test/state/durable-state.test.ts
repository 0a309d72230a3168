import { createServer } from 'node:net';

import { Redis } from 'ioredis';
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest';

import { createMemoryState, createRedisState } from '../../src/index.ts';
import { openMemoryStates, openRedisStates } from './open-states.ts';

const SHORT_MS = 30;

describe.each([
  ['memory', openMemoryStates],
  ['Redis', openRedisStates],
])('durable state in %s', (_where, open) => {
  it('knows nothing of what was never written', async () => {
    const { one } = open();

    expect(await one.get('a')).toBeUndefined();
    expect(await one.take('a')).toBeUndefined();
    expect(await one.delete('a')).toBe(false);
    expect(await one.members('a')).toEqual([]);
  });

  it('gives a value back on every replica, with the number of its writes', async () => {
    const { one, other } = open();
    await one.put('a', 'first 日本 \r\n');
    await one.put('a', 'second');

    expect(await other.get('a')).toEqual({ value: 'second', version: 2 });
  });

  it.each([
    ['0 over nothing', 0, undefined, true],
    ['0 over something', 0, 'x', false],
    ['the version that is there', 1, 'x', true],
    ['an older version', 0, 'x', false],
    ['a newer version', 2, 'x', false],
    ['a version over nothing', 1, undefined, false],
  ])('writes under a condition: %s', async (_what, ifVersion, present, written) => {
    const { one, other } = open();
    if (present !== undefined) await one.put('a', present);

    expect(await other.put('a', 'new', { ifVersion })).toBe(written);
    expect((await one.get('a'))?.value).toBe(written ? 'new' : present);
  });

  it('lets one of fifty writers over the same version win', async () => {
    const { one, other } = open();
    await one.put('a', 'start');
    const won = await Promise.all(
      Array.from({ length: 50 }, (_, at) => (at % 2 ? one : other).put('a', `${at}`, { ifVersion: 1 })),
    );

    expect(won.filter(Boolean)).toHaveLength(1);
    expect((await one.get('a'))?.version).toBe(2);
  });

  it('lets one of fifty takers have a value', async () => {
    const { one, other } = open();
    await one.put('code', 'single use');
    const taken = await Promise.all(
      Array.from({ length: 50 }, (_, at) => (at % 2 ? one : other).take('code')),
    );

    expect(taken.filter((each) => each !== undefined)).toEqual(['single use']);
  });

  it('forgets a value when its time is over, and counts its writes from the start again', async () => {
    const { one } = open();
    await one.put('a', 'short', { ttlMs: SHORT_MS });
    await vi.waitFor(async () => expect(await one.get('a')).toBeUndefined());

    expect(await one.put('a', 'new', { ifVersion: 0 })).toBe(true);
  });

  it('keeps a value for ever when the last write named no time', async () => {
    const { one } = open();
    await one.put('a', 'short', { ttlMs: SHORT_MS });
    await one.put('a', 'long');
    await new Promise((resolve) => setTimeout(resolve, 2 * SHORT_MS));

    expect((await one.get('a'))?.value).toBe('long');
  });

  it('keeps sets without duplicates, apart from values of the same name', async () => {
    const { one, other } = open();
    await one.put('a', 'value');
    for (const member of ['x', 'y', 'x', 'z']) await one.addMember('a', member);
    await other.removeMember('a', 'y');

    expect((await other.members('a')).toSorted()).toEqual(['x', 'z']);
    expect((await other.get('a'))?.value).toBe('value');
  });

  it('gives a lock to one, and to the next when it is released or its time is over', async () => {
    const { one, other } = open();
    const lock = await one.lock('row', 60_000);

    expect(await other.lock('row', 60_000)).toBeUndefined();
    await lock?.release();
    expect(await other.lock('row', SHORT_MS)).toBeDefined();
    await vi.waitFor(async () => expect(await one.lock('row', 60_000)).toBeDefined());
  });

  it('does not release the lock of another', async () => {
    const { one, other } = open();
    const late = await one.lock('row', SHORT_MS);
    await vi.waitFor(async () => expect(await other.lock('row', 60_000)).toBeDefined());
    await late?.release();

    expect(await one.lock('row', 60_000)).toBeUndefined();
  });

  it('tells every replica the news of a channel, until it stops listening', async () => {
    const { one, other } = open();
    const heard: string[] = [];
    const stop = one.subscribe('links', (message) => void heard.push(`one ${message}`));
    other.subscribe('links', (message) => void heard.push(`other ${message}`));
    other.subscribe('grants', (message) => void heard.push(`wrong ${message}`));
    await vi.waitFor(async () => {
      await one.publish('links', 'ann');
      expect(new Set(heard)).toEqual(new Set(['one ann', 'other ann']));
    });
    stop();
    heard.length = 0;

    await vi.waitFor(async () => {
      await other.publish('links', 'bob');
      expect(heard).toContain('other bob');
    });
    expect(heard).not.toContain('one bob');
  });
});

describe('durable state that does not answer', () => {
  const refused = { name: 'IdentityError', code: 'state_unavailable' };

  it('refuses everything once memory is closed', async () => {
    const state = createMemoryState();
    await state.put('a', 'secret');
    await state.close();

    await expect(state.get('a')).rejects.toMatchObject(refused);
    await expect(state.put('a', 'b')).rejects.toMatchObject(refused);
    await expect(state.take('a')).rejects.toMatchObject(refused);
    await expect(state.addMember('set', 'b')).rejects.toMatchObject(refused);
    await expect(state.members('set')).rejects.toMatchObject(refused);
  });

  it('refuses in time when Redis accepts and says nothing, without a word of the value (I5)', async () => {
    const mute = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const address = mute.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const redis = new Redis({ port, lazyConnect: true, enableReadyCheck: false, retryStrategy: () => null });
    redis.on('error', () => undefined);
    const state = createRedisState({ redis, operationTimeoutMs: 50 });
    onTestFinished(() => {
      redis.disconnect();
      mute.close();
    });

    const failure: unknown = await state.put('a', 'canary-secret').catch((error: unknown) => error);
    expect(failure).toMatchObject(refused);
    expect(JSON.stringify(failure) + String(failure)).not.toContain('canary-secret');
  });

  it('says that news may have been missed when the connection for them is lost', async () => {
    const redis = openRedisStates();
    let gaps = 0;
    redis.one.subscribe(
      'links',
      () => undefined,
      () => void gaps++,
    );
    const admin = new Redis(inject('redisUrl'));
    onTestFinished(() => admin.disconnect());

    await vi.waitFor(async () => {
      await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      expect(gaps).toBeGreaterThan(0);
    });
  });
});
