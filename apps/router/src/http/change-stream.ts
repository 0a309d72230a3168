import type { Change, ChangeListener } from '../gateway/change-hub.ts';
import { createOwnerCounts } from '../gateway/owner-counts.ts';
import { openStream } from './event-stream.ts';
import type { Reply } from './reply.ts';

/** Long streams on which clients hear that lists have changed. */
export interface ChangeStreams {
  /** Keeps the response open until the client leaves; undefined: opened, or `full` when there are too many. */
  open(res: Reply, options: ChangeStreamOptions): 'full' | undefined;
  count(): number;
  /**
   * Ends those of callers whose rights rest on what has changed; undefined: on anything that can. Who comes back is let in
   * by the rights of then; that the list of tools may be another one is said first.
   */
  endResting(subject: string | undefined): void;
  /** Ends all of them in order. */
  close(): void;
}

interface ChangeStreamOptions {
  /** Begins to hear of changes; returns the way to stop. */
  readonly listen: (listener: ChangeListener) => () => void;
  /** The caller: streams are bounded for each. */
  readonly owner: string;
  /** What the caller's rights rest on. */
  readonly restsOn?: readonly string[] | undefined;
  /** Sent before anything else. */
  readonly first?: string;
  /** The notification for a change; undefined when this client did not ask for it. */
  readonly write: (change: Change) => string | undefined;
  /** Sent when the stream is ended here. */
  readonly last?: string;
}

const MAX_STREAMS = 5_000;
const MAX_PER_OWNER = 1_200;
/** Changes of many sites that come together are one notification. */
const COALESCE_MS = 200;
const HEARTBEAT_MS = 15_000;
const OTHER_TOOLS: Change = { key: '', method: 'notifications/tools/list_changed' };

interface Stream extends Pick<ChangeStreamOptions, 'write'> {
  readonly res: Reply;
  readonly last: string | undefined;
  readonly restsOn: readonly string[];
}

export function createChangeStreams(): ChangeStreams {
  const streams = new Set<Stream>();
  const owners = createOwnerCounts();
  // One timer for all: proxies cut connections that are silent for a minute.
  const heartbeat = setInterval(() => {
    for (const { res } of streams) res.write(':\n\n');
  }, HEARTBEAT_MS).unref();

  return {
    open(res, { listen, owner, restsOn = [], first, write, last }) {
      if (streams.size >= MAX_STREAMS || owners.of(owner) >= MAX_PER_OWNER) return 'full';
      const stream: Stream = { res, write, last, restsOn };
      const send = createCoalescer(res);
      const leave = listen((change) => {
        const text = write(change);
        if (text !== undefined) send(text);
      });
      streams.add(stream);
      const giveBack = owners.take(owner);
      res.onceClosed(() => {
        leave();
        streams.delete(stream);
        giveBack();
      });
      openStream(res);
      res.write(first === undefined ? ':\n\n' : event(first));
      return undefined;
    },
    count: () => streams.size,
    endResting(subject) {
      for (const stream of streams) {
        const isMeant = subject === undefined ? stream.restsOn.length > 0 : stream.restsOn.includes(subject);
        if (!isMeant) continue;
        const told = stream.write(OTHER_TOOLS);
        if (told !== undefined) stream.res.write(event(told));
        end(stream);
      }
    },
    close() {
      clearInterval(heartbeat);
      for (const stream of streams) end(stream);
    },
  };
}

function end({ res, last }: Stream): void {
  if (last !== undefined) res.write(event(last));
  res.end();
}

/** What may wait for a reader that does not read. */
const MAX_WAITING = 100;

/** Equal notifications that come close together are sent once, after the last of them at the latest. */
function createCoalescer(res: Reply): (text: string) => void {
  const waiting = new Set<string>();
  let due = false;

  function flush(): void {
    // A reader that does not read is told when it does.
    if (res.isFull) return res.onceDrained(flush);
    due = false;
    for (const text of waiting) res.write(event(text));
    waiting.clear();
  }

  return (text) => {
    if (waiting.size < MAX_WAITING) waiting.add(text);
    if (due) return;
    due = true;
    setTimeout(flush, COALESCE_MS).unref();
  };
}

function event(text: string): string {
  return `event: message\ndata: ${text}\n\n`;
}
