import type { AuditEntry } from './audit-entry.ts';
import { createAuditKey } from './audit-key.ts';
import type { AuditNotice } from './audit-notice.ts';
import { AuditError } from './errors.ts';
import type { AuditSink } from './file-sink.ts';
import { createLineQueue, type LineQueue } from './line-queue.ts';
import { codeOf } from './read-lines.ts';
import { renderEntry, renderFields } from './render-entry.ts';

/** The audit trail of one process. */
export interface AuditTrail {
  /** Queues one event; it is on disk some 50 ms later. Never throws, never waits. */
  record(entry: AuditEntry): void;
  /** Whether what is done now can be recorded. While it cannot, writes must be refused. */
  ready(): boolean;
  /** Writes what is queued; true when all of it is on disk. The first flush opens the file. */
  flush(): Promise<boolean>;
  /** Writes what is queued and ends the chain in order. Idempotent. */
  close(): Promise<void>;
}

export interface AuditTrailOptions {
  readonly sink: AuditSink;
  /** The secret that digests of arguments are made with: the one that the sink writes with. */
  readonly key: Uint8Array;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** How long events are gathered, so that they share one write and one sync. */
  readonly commitMs?: number;
  /** How long after a failure the sink is tried again. */
  readonly retryMs?: number;
  readonly maxQueued?: number;
  readonly maxQueuedBytes?: number;
  readonly onNotice?: (notice: AuditNotice) => void;
}

const DEFAULTS = { commitMs: 50, retryMs: 1_000, maxQueued: 20_000, maxQueuedBytes: 16_777_216 } as const;

/** Gathers events and hands them to the sink in batches, off the way of the request. */
export function createAuditTrail(options: AuditTrailOptions): AuditTrail {
  const { sink, now = Date.now, onNotice = () => undefined } = options;
  const { commitMs, retryMs, maxQueued, maxQueuedBytes } = { ...DEFAULTS, ...options };
  const { digest } = createAuditKey(options.key);
  const stamped = (members: string): string => `"ts":"${new Date(now()).toISOString()}",${members}`;
  const queue = createLineQueue({
    maxLines: maxQueued,
    maxBytes: maxQueuedBytes,
    lostLine(count) {
      onNotice({ type: 'lost', count });
      return stamped(renderFields({ event: 'lost', count }));
    },
  });
  const writable = createSwitch(onNotice);
  let closing: Promise<void> | undefined;
  const alarm = createAlarm(() => void flush());
  let running: Promise<boolean> | undefined;

  function flush(): Promise<boolean> {
    running ??= Promise.resolve().then(drain);
    return running;
  }

  async function drain(): Promise<boolean> {
    try {
      await writeAll(sink, queue, () => writable.turn(true));
      return true;
    } catch (error) {
      writable.turn(false, error instanceof AuditError ? error.code : codeOf(error));
      alarm.clear();
      if (!closing) alarm.set(retryMs);
      return false;
    } finally {
      // Here and not later: whoever flushes next must get a run that sees what was recorded meanwhile.
      running = undefined;
    }
  }

  async function shutDown(): Promise<void> {
    alarm.clear();
    await running;
    if (!(await flush())) onNotice({ type: 'lost', count: queue.count() });
    await sink.close().catch(() => undefined);
  }

  return {
    record(entry) {
      if (closing) return;
      queue.add(stamped(renderEntry(entry, digest)));
      alarm.set(commitMs);
    },
    ready: () => !closing && writable.isOn() && queue.hasRoom(),
    flush,
    close: () => (closing ??= shutDown()),
  };
}

/** Writes at least once, even nothing: that opens a sink which is not open. */
async function writeAll(sink: AuditSink, queue: LineQueue, onWritten: () => void): Promise<void> {
  do {
    await sink.append(queue.batch());
    queue.written();
    onWritten();
  } while (!queue.isEmpty());
}

/** Rings once; while it is set, another time changes nothing. */
function createAlarm(ring: () => void): { set(delayMs: number): void; clear(): void } {
  let timer: NodeJS.Timeout | undefined;
  function clear(): void {
    clearTimeout(timer);
    timer = undefined;
  }
  return {
    clear,
    set(delayMs) {
      timer ??= setTimeout(() => (clear(), ring()), delayMs);
    },
  };
}

/** Tells of each change, and of the first failure; that it works at first is no news. */
function createSwitch(onNotice: (notice: AuditNotice) => void): {
  isOn(): boolean;
  turn(on: boolean, code?: string): void;
} {
  let on: boolean | undefined;
  return {
    isOn: () => on === true,
    turn(next, code) {
      const isNews = next !== on && (on !== undefined || !next);
      on = next;
      if (isNews) onNotice({ type: 'state', writable: next, ...(code !== undefined && { code }) });
    },
  };
}
