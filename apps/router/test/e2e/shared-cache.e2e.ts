import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';

import { type Estate, eventually, said, startEstate } from './estate.ts';
import { freePort, startRedis, stopRedis } from './own-redis.ts';

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).toReversed()) await each.close();
});

async function start(options: Parameters<typeof startEstate>[0]): Promise<Estate> {
  const estate = await startEstate(options);
  opened.push(estate);
  return estate;
}

/** A Redis for this test alone: its keys are counted, and it is flushed. */
async function emptyRedis(): Promise<string> {
  const port = await freePort();
  const server = await startRedis(port);
  opened.push({ close: () => stopRedis(server) });
  return `redis://127.0.0.1:${port}`;
}

function listsAsked(estate: Estate): number {
  return estate.emulator.control.requests().filter(({ method }) => method === 'tools/list').length;
}

describe('the second list', () => {
  it('asks no site at all', async () => {
    const estate = await start({});
    const first = await estate.list();
    estate.emulator.control.clearRequests();

    const second = await estate.list();

    expect(second.names).toEqual(first.names);
    expect(estate.emulator.control.requests()).toEqual([]);
  });

  it('shares one question among sites that one credential reaches at one endpoint', async () => {
    const estate = await start({});
    await estate.list();
    // Four pages of v2 for two sites, one of v1 for the third.
    expect(listsAsked(estate)).toBe(5);
  });

  it('is never shared between callers (I1)', async () => {
    const estate = await start({});
    await estate.list();
    estate.emulator.control.clearRequests();
    await estate.list({ as: basicBob });
    const asked = estate.emulator.control.requests().filter(({ method }) => method === 'tools/list');
    expect(new Set(asked.map(({ account }) => account)).size).toBe(1);
    expect(asked.length).toBeGreaterThan(0);
  });
});

const basicBob = `Basic ${Buffer.from('bob@demo.example:demo-bob-token').toString('base64')}`;

describe('two routers on one Redis', () => {
  it('make one discovery between them', async () => {
    const more = `redis: { url: ${await emptyRedis()} }`;
    const first = await start({ more });
    const upstream = { ...first.emulator, url: first.upstreamUrl };
    const second = await start({ more, upstream });

    const lists = await Promise.all([first.list(), second.list(), first.list(), second.list()]);

    expect(listsAsked(first)).toBe(5);
    expect(new Set(lists.map(({ names }) => names.join())).size).toBe(1);
  });

  it('give every key a time to live and the prefix switchyard:', async () => {
    const url = await emptyRedis();
    const estate = await start({ more: `redis: { url: ${url} }` });
    await estate.list();
    const redis = new Redis(url);
    opened.push({ close: async () => redis.disconnect() });

    // Three sites, two distinct lists: stored once by content.
    await eventually(async () => {
      const stored = await redis.keys('*');
      const kinds = [':list:', ':blob:'].map((kind) => stored.filter((key) => key.includes(kind)).length);
      expect(kinds).toEqual([3, 2]);
    });
    const keys = await redis.keys('*');
    const lives = await Promise.all(keys.map((key) => redis.ttl(key)));

    expect(keys.filter((key) => !key.startsWith('switchyard:'))).toEqual([]);
    expect(lives.filter((seconds) => seconds <= 0)).toEqual([]);
    expect(keys.join(' ')).not.toContain('alice');
  });

  it('survive a FLUSHALL with nothing but latency', async () => {
    const url = await emptyRedis();
    const estate = await start({ more: `redis: { url: ${url} }` });
    const before = await estate.list();
    const redis = new Redis(url);
    opened.push({ close: async () => redis.disconnect() });
    await redis.flushdb();
    expect((await estate.list()).names).toEqual(before.names);
  });
});

describe('Redis killed in the middle', () => {
  it('fails nothing, is reported, and is used again when it is back', async () => {
    const port = await freePort();
    let server = await startRedis(port);
    opened.push({ close: () => stopRedis(server) });
    const estate = await start({
      more: `redis: { url: redis://127.0.0.1:${port} }\ndiscovery: { freshSeconds: 1 }`,
    });
    await eventually(async () => expect(await degraded(estate)).toEqual([]));
    const before = await estate.list();

    await stopRedis(server);

    await eventually(async () => expect(await degraded(estate)).toEqual(['redis']));
    expect((await estate.list()).names).toEqual(before.names);
    expect(JSON.stringify(said(await estate.call('eng__getJiraIssue', { issueIdOrKey: 'ENG-1' })))).toContain(
      'ENG-1',
    );
    expect(await metric(estate, 'switchyard_redis_up')).toBe('0');

    server = await startRedis(port);

    const redis = new Redis(port, '127.0.0.1', { retryStrategy: () => 50 });
    opened.push({ close: async () => redis.disconnect() });
    await eventually(async () => {
      await estate.list();
      expect(await degraded(estate)).toEqual([]);
      expect((await redis.keys('switchyard:tools:list:*')).length).toBeGreaterThan(0);
    });
    expect(await metric(estate, 'switchyard_redis_up')).toBe('1');
  });

  it('does not keep a router from starting', async () => {
    const estate = await start({ more: `redis: { url: redis://127.0.0.1:${await freePort()} }` });
    expect((await estate.list()).rows.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok']);
    await eventually(async () => expect(await degraded(estate)).toEqual(['redis']));
  });
});

async function degraded(estate: Estate): Promise<unknown> {
  const response = await fetch(`${estate.switchyard.adminUrl}/readyz`);
  expect(response.status).toBe(200);
  return ((await response.json()) as { degraded: unknown }).degraded;
}

async function metric(estate: Estate, name: string): Promise<string | undefined> {
  const text = await (await fetch(`${estate.switchyard.adminUrl}/metrics`)).text();
  return text
    .split('\n')
    .find((line) => line.startsWith(`${name} `))
    ?.split(' ')[1];
}
