import { appendFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it, vi } from 'vitest';

import {
  CALL,
  createClock,
  DAY_MS,
  KEY,
  kindsOf,
  logNames,
  openTrail,
  OTHER_KEY,
  readLinesOf,
  temporaryDirectory,
  verify,
  write,
} from './fixture.ts';

it('writes nothing and says why while its directory cannot be had, then goes on by itself', async () => {
  const parent = await temporaryDirectory();
  const directory = join(parent, 'audit');
  await writeFile(directory, 'in the way');
  const { trail, notices } = openTrail(directory);

  expect(await trail.flush()).toBe(false);
  expect(notices).toEqual([{ type: 'state', writable: false, code: expect.stringMatching(/^E/) }]);
  await rm(directory);
  await vi.waitFor(() => expect(trail.ready()).toBe(true));
  await write(trail, 2);
  await trail.close();

  expect(await verify(directory)).toMatchObject({ ok: true, chains: [{ lines: 4 }] });
});

it('loses and doubles nothing when the directory goes away in between', async () => {
  const parent = await temporaryDirectory();
  const directory = join(parent, 'audit');
  const { trail } = openTrail(directory);
  await write(trail, 2);
  await rename(directory, `${directory}-away`);
  await writeFile(directory, 'in the way');
  trail.record({ ...CALL, traceId: 'meanwhile' });
  expect(await trail.flush()).toBe(false);
  expect(trail.ready()).toBe(false);

  await rm(directory);
  await rename(`${directory}-away`, directory);
  await vi.waitFor(() => expect(trail.ready()).toBe(true));
  await write(trail, 1, { ...CALL, tool: 'later' });
  await trail.close();

  const calls = (await readLinesOf(directory)).filter(({ event }) => event === 'call');
  expect(calls.map(({ traceId }) => traceId)).toEqual(['trace-0', 'trace-1', 'meanwhile', 'trace-0']);
  expect(await verify(directory)).toMatchObject({ ok: true });
});

it.each([
  ['whole', ''],
  ['with half of the next line, as on a full disk', '{"v":1,"seq":6,"ts"'],
])(
  'writes nothing twice when lines reached the disk %s and only their head could not be written',
  async (_what, torn) => {
    const directory = await temporaryDirectory();
    const { trail, clock } = openTrail(directory);
    await write(trail, 2);
    const [name = ''] = await logNames(directory);
    const inTheWay = join(directory, 'one.head.tmp');
    await mkdir(inTheWay);
    for (const traceId of ['a', 'b']) trail.record({ ...CALL, traceId });
    expect(await trail.flush()).toBe(false);
    await appendFile(join(directory, name), torn);
    trail.record({ ...CALL, traceId: 'c' });
    clock.pass(1);

    await rm(inTheWay, { recursive: true });
    await vi.waitFor(() => expect(trail.ready()).toBe(true));
    await trail.close();

    const calls = (await readLinesOf(directory)).filter(({ event }) => event === 'call');
    expect(calls.map(({ traceId }) => traceId)).toEqual(['trace-0', 'trace-1', 'a', 'b', 'c']);
    expect(await verify(directory)).toMatchObject({ ok: true, chains: [{ recovered: torn === '' ? 0 : 1 }] });
  },
);

it('goes on in one chain over restarts, in a file of its own each time', async () => {
  const directory = await temporaryDirectory();
  for (const start of [0, 1, 2]) {
    const { trail } = openTrail(directory, { now: createClock(Date.UTC(2026, 10, 21, start)) });
    await write(trail, 3);
    await trail.close();
  }

  expect(await logNames(directory)).toHaveLength(3);
  expect(await verify(directory)).toMatchObject({
    ok: true,
    chains: [{ files: 3, lines: 15, firstSeq: 1, lastSeq: 15, recovered: 0 }],
  });
});

it('goes on with a new key, and both are needed to verify', async () => {
  const directory = await temporaryDirectory();
  const before = openTrail(directory);
  await write(before.trail, 1);
  await before.trail.close();
  const after = openTrail(directory, { keys: [OTHER_KEY, KEY], now: () => before.clock() + 1 });
  await write(after.trail, 1);
  await after.trail.close();

  expect(await verify(directory, { keys: [OTHER_KEY, KEY] })).toMatchObject({
    ok: true,
    chains: [{ lines: 6 }],
  });
  expect(kindsOf(await verify(directory, { keys: [OTHER_KEY] }))).toContain('header');
});

it('begins a new file each day', async () => {
  const directory = await temporaryDirectory();
  const { trail, clock } = openTrail(directory);
  await write(trail, 1);
  clock.pass(DAY_MS);
  await write(trail, 1);
  await trail.close();

  expect((await logNames(directory)).map((name) => name.slice(4, 12))).toEqual(['20261121', '20261122']);
  expect(await verify(directory)).toMatchObject({ ok: true });
});

it('deletes files that are older than the retention, and says so in the trail', async () => {
  const directory = await temporaryDirectory();
  const { trail, clock } = openTrail(directory, { retentionMs: 2.5 * DAY_MS });
  for (let day = 0; day < 6; day += 1) {
    await write(trail, 1);
    clock.pass(DAY_MS);
  }
  await trail.close();

  expect((await logNames(directory)).map((name) => name.slice(4, 12))).toEqual([
    '20261123',
    '20261124',
    '20261125',
    '20261126',
  ]);
  expect(await verify(directory)).toMatchObject({ ok: true, chains: [{ files: 4, firstSeq: 5 }] });

  await rm(join(directory, (await logNames(directory))[0] ?? ''));
  expect(kindsOf(await verify(directory))).toEqual(['start_missing']);
});

it('does not delete a file because its neighbour was given an old name', async () => {
  const directory = await temporaryDirectory();
  const { trail, clock } = openTrail(directory);
  for (let day = 0; day < 3; day += 1) {
    await write(trail, 1);
    clock.pass(DAY_MS);
  }
  const names = await logNames(directory);
  for (const [at, name] of names.slice(0, 2).entries())
    await rename(
      join(directory, name),
      join(directory, `one.2001010${at + 1}T000000000Z.00000000000${at}.jsonl`),
    );
  await write(trail, 1);
  await trail.close();

  expect(await verify(directory)).toMatchObject({ ok: true, chains: [{ files: 4, firstSeq: 1 }] });
});

it('keeps files and directory from other users', async () => {
  const directory = join(await temporaryDirectory(), 'audit');
  const { trail } = openTrail(directory);
  await write(trail, 1);

  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  for (const name of [...(await logNames(directory)), 'one.head'])
    expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
});

it('writes a chain for each replica into one directory', async () => {
  const directory = await temporaryDirectory();
  const one = openTrail(directory);
  const two = openTrail(directory, { hostId: 'two.cluster.local' });
  await Promise.all([write(one.trail, 3), write(two.trail, 4)]);
  await Promise.all([one.trail.close(), two.trail.close()]);

  expect(await verify(directory)).toMatchObject({
    ok: true,
    chains: [
      { host: 'one', lines: 5 },
      { host: 'two-cluster-local', lines: 6 },
    ],
  });
});

it('stops when a second process takes its name, so that the chain stays one', async () => {
  const directory = await temporaryDirectory();
  const older = openTrail(directory);
  await write(older.trail, 2);
  const newer = openTrail(directory, { now: () => older.clock() + 1 });
  await write(newer.trail, 1);
  older.trail.record(CALL);

  expect(await older.trail.flush()).toBe(false);
  expect(older.trail.ready()).toBe(false);
  expect(older.notices.at(-1)).toEqual({ type: 'state', writable: false, code: 'chain_taken' });
  expect(await older.trail.flush()).toBe(false);
  await write(newer.trail, 1);
  await newer.trail.close();
  expect(await verify(directory)).toMatchObject({ ok: true, chains: [{ files: 2, lines: 7 }] });
});

it('goes on after a line that a crash cut off, and accounts for its bytes', async () => {
  const directory = await temporaryDirectory();
  const crashed = openTrail(directory);
  await write(crashed.trail, 2);
  const [name = ''] = await logNames(directory);
  await appendFile(join(directory, name), '{"v":1,"seq":4,"ts":"2026-11-2');
  expect(await verify(directory)).toMatchObject({ ok: true, chains: [{ unfinishedBytes: 30 }] });

  const next = openTrail(directory, { now: () => crashed.clock() + 1 });
  await write(next.trail, 1);
  await next.trail.close();

  expect(next.notices).toContainEqual({ type: 'recovered', bytes: 30 });
  expect(await verify(directory)).toMatchObject({ ok: true, chains: [{ recovered: 1, unfinishedBytes: 0 }] });
  const text = await readFile(join(directory, name), 'utf8');
  await writeFile(join(directory, name), text.slice(0, -3));
  expect(kindsOf(await verify(directory))).toEqual(['unfinished_gone']);
});

it.each([
  ['nothing', ''],
  ['half a line', '{"v":1,"seq":4'],
])('removes a file of which a crash left %s', async (_what, text) => {
  const directory = await temporaryDirectory();
  const crashed = openTrail(directory);
  await write(crashed.trail, 2);
  await writeFile(join(directory, 'one.20261121T110000000Z.000000000004.jsonl'), text);
  expect(await verify(directory)).toMatchObject({ ok: true });

  const next = openTrail(directory, { now: () => crashed.clock() + 1 });
  await write(next.trail, 1);
  await next.trail.close();

  expect(await logNames(directory)).toHaveLength(2);
  expect(await verify(directory)).toMatchObject({ ok: true });
});

/** What somebody does while the process is down, hoping that its next start covers it up. */
const WHILE_DOWN: readonly (readonly [string, string, (path: string, head: string) => Promise<unknown>])[] = [
  [
    'lines were cut off',
    'lines',
    async (path) => writeFile(path, (await readFile(path, 'utf8')).split('\n').slice(0, 2).join('\n') + '\n'),
  ],
  [
    'a line was changed',
    'lines',
    async (path) => writeFile(path, (await readFile(path, 'utf8')).replace('alice', 'mallo')),
  ],
  ['the file was deleted', 'lines', async (path) => rm(path)],
  ['the file was emptied', 'lines', async (path) => writeFile(path, '')],
  ['a foreign line was added', 'tail', async (path) => appendFile(path, '{"event":"call"}\n')],
  ['half a foreign line was added', 'tail', async (path) => appendFile(path, '{"event":"ca')],
  ['the head was deleted', 'head', async (_path, head) => rm(head)],
  [
    'the head was changed',
    'head',
    async (_path, head) => writeFile(head, (await readFile(head, 'utf8')).replace('"seq":', '"seq":1')),
  ],
  [
    'lines were cut off and the head deleted',
    'head',
    async (path, head) => {
      await writeFile(path, (await readFile(path, 'utf8')).split('\n').slice(0, 2).join('\n') + '\n');
      await rm(head);
    },
  ],
  ['everything was deleted but the head', 'lines', async (path) => rm(path)],
];

it.each(WHILE_DOWN)('stays visibly damaged over restarts when %s', async (_what, damage, change) => {
  const directory = await temporaryDirectory();
  const before = openTrail(directory);
  await write(before.trail, 4);
  const [name = ''] = await logNames(directory);
  await change(join(directory, name), join(directory, 'one.head'));
  for (const later of [1, 2]) {
    const { trail, notices } = openTrail(directory, { now: () => before.clock() + later });
    await write(trail, 2);
    expect(notices.filter(({ type }) => type === 'damaged')).toEqual(
      later === 1 ? [{ type: 'damaged', damage }] : [],
    );
    await trail.close();
  }

  const report = await verify(directory);
  expect(report.ok).toBe(false);
  expect(kindsOf(report)).toContain('damaged');
});
