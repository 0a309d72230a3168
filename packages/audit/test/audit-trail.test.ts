import { expect, it, onTestFinished, vi } from 'vitest';

import {
  type AuditNotice,
  type AuditSink,
  type AuditTrail,
  type AuditTrailOptions,
  createAuditTrail,
} from '../src/index.ts';
import { CALL, createClock, KEY } from './fixture.ts';

interface Bench {
  readonly trail: AuditTrail;
  readonly notices: AuditNotice[];
  /** The batches that reached the sink, also those that it refused. */
  readonly batches: (readonly string[])[];
  fail(code: string): void;
  mend(): void;
}

/** A disk that a test may fill up. */
function openBench(options: Partial<AuditTrailOptions> = {}): Bench {
  const notices: AuditNotice[] = [];
  const batches: (readonly string[])[] = [];
  const disk: { fault: Error | undefined } = { fault: undefined };
  const sink: AuditSink = {
    async append(lines) {
      batches.push(lines);
      if (disk.fault) throw disk.fault;
    },
    close: async () => undefined,
  };
  const trail = createAuditTrail({
    sink,
    key: KEY,
    now: createClock(),
    commitMs: 1,
    retryMs: 1,
    onNotice: (notice) => void notices.push(notice),
    ...options,
  });
  onTestFinished(() => trail.close());
  return {
    trail,
    notices,
    batches,
    fail: (code) => void (disk.fault = Object.assign(new Error('write failed'), { code })),
    mend: () => void (disk.fault = undefined),
  };
}

function linesOf({ batches }: Bench): string[] {
  return batches.flat();
}

it('is not ready before its file was opened once', async () => {
  const { trail } = openBench();

  expect(trail.ready()).toBe(false);
  expect(await trail.flush()).toBe(true);
  expect(trail.ready()).toBe(true);
});

it.each(['ENOSPC', 'EACCES', 'EIO', 'EROFS'])(
  'is not ready while the disk says %s, and is again by itself',
  async (code) => {
    const bench = openBench();
    await bench.trail.flush();
    bench.fail(code);
    bench.trail.record(CALL);

    expect(await bench.trail.flush()).toBe(false);
    expect(bench.trail.ready()).toBe(false);
    bench.mend();
    await vi.waitFor(() => expect(bench.trail.ready()).toBe(true));

    expect(bench.notices).toEqual([
      { type: 'state', writable: false, code },
      { type: 'state', writable: true },
    ]);
  },
);

it('tries again though nothing was recorded meanwhile', async () => {
  const bench = openBench();
  bench.fail('ENOENT');
  await bench.trail.flush();
  bench.mend();

  await vi.waitFor(() => expect(bench.trail.ready()).toBe(true));
});

it('hands a batch that failed to the sink again as it was, and what came later after it', async () => {
  const bench = openBench({ retryMs: 60_000 });
  bench.fail('ENOSPC');
  bench.trail.record({ ...CALL, traceId: 'first' });
  await bench.trail.flush();
  bench.trail.record({ ...CALL, traceId: 'second' });
  bench.mend();
  await bench.trail.flush();

  const [failed, again, later] = bench.batches;
  expect(again).toEqual(failed);
  expect(again).toEqual([expect.stringContaining('"traceId":"first"')]);
  expect(later).toEqual([expect.stringContaining('"traceId":"second"')]);
});

it.each<[string, Partial<AuditTrailOptions>]>([
  ['in number', { maxQueued: 3 }],
  ['in bytes', { maxQueuedBytes: 2_300 }],
])(
  'holds what waits within bounds %s, refuses before they are reached, and says how much it lost (I9)',
  async (_what, bounds) => {
    const bench = openBench({ ...bounds, commitMs: 60_000, retryMs: 60_000 });
    await bench.trail.flush();
    const ready = Array.from({ length: 10 }, () => (bench.trail.record(CALL), bench.trail.ready()));

    expect(await bench.trail.flush()).toBe(true);

    const lines = linesOf(bench);
    expect(lines).toHaveLength(4);
    expect(lines.at(-1)).toBe('"ts":"2026-11-21T10:00:00.000Z","event":"lost","count":7');
    expect(bench.notices).toEqual([{ type: 'lost', count: 7 }]);
    expect(ready.slice(0, 4)).toEqual([true, true, false, false]);
    expect(bench.trail.ready()).toBe(true);
  },
);

it('gathers what comes within a moment into one write', async () => {
  const bench = openBench({ commitMs: 10 });
  for (let count = 0; count < 100; count += 1) bench.trail.record(CALL);

  await vi.waitFor(() => expect(linesOf(bench)).toHaveLength(100));
  expect(bench.batches.filter(({ length }) => length > 0)).toHaveLength(1);
});

it('cuts a long queue into batches of bounded size', async () => {
  const bench = openBench({ commitMs: 60_000 });
  for (let count = 0; count < 2_000; count += 1) bench.trail.record(CALL);
  await bench.trail.flush();

  expect(linesOf(bench)).toHaveLength(2_000);
  expect(Math.max(...bench.batches.map((lines) => lines.join('').length))).toBeLessThanOrEqual(262_144);
});

it('flushes what was recorded while a flush was under way', async () => {
  const bench = openBench();
  const early = bench.trail.flush();
  bench.trail.record(CALL);
  await early;
  await bench.trail.flush();

  expect(linesOf(bench)).toHaveLength(1);
});

it('writes what is left when it is closed, and takes nothing afterwards', async () => {
  const bench = openBench({ commitMs: 60_000 });
  bench.trail.record(CALL);
  await Promise.all([bench.trail.close(), bench.trail.close()]);
  bench.trail.record(CALL);
  await bench.trail.close();

  expect(linesOf(bench)).toHaveLength(1);
  expect(bench.trail.ready()).toBe(false);
});

it('says what is lost when it is closed while it cannot be written, and goes on no longer', async () => {
  const bench = openBench({ commitMs: 60_000 });
  bench.fail('ENOSPC');
  bench.trail.record(CALL);
  await bench.trail.close();

  expect(bench.notices.at(-1)).toEqual({ type: 'lost', count: 1 });
});
