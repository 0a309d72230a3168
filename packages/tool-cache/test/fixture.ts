// What the tests of this package stand on: a clock that stands still, an upstream that does as told, a Redis of one's own.
import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { inject, onTestFinished } from 'vitest';

import { createToolCache, toolListHash } from '../src/index.ts';
import type {
  StoredToolList,
  ToolCache,
  ToolCacheEvent,
  ToolCacheOptions,
  ToolList,
  ToolListKey,
  ToolListRequest,
} from '../src/index.ts';

export function keyOf(name = 'one'): ToolListKey {
  return { cloudId: `cloud-${name}`, scope: 'scope', endpoint: 'https://mcp.example/v2/mcp' };
}

export function requestOf(name = 'one'): ToolListRequest {
  return { key: keyOf(name), site: name };
}

export function listOf(tools: string, underScoped = false): ToolList {
  return { tools, hash: toolListHash(tools), underScoped };
}

export function storedOf(tools: string, fetchedAt: number): StoredToolList {
  return { ...listOf(tools), fetchedAt };
}

export interface Clock {
  (): number;
  pass(ms: number): void;
}

export function createClock(start = 1_000_000): Clock {
  let time = start;
  return Object.assign(() => time, {
    pass: (ms: number) => {
      time += ms;
    },
  });
}

/** One load that waits for the test to end it. */
interface OpenLoad {
  readonly request: ToolListRequest;
  readonly signal: AbortSignal;
  succeed(tools: string, underScoped?: boolean): void;
  fail(error: Error): void;
}

export interface Upstream {
  readonly load: (request: ToolListRequest, signal: AbortSignal) => Promise<ToolList>;
  /** How many loads have begun. */
  count(): number;
  /** The next load that nobody has ended yet, once it has begun. */
  next(): Promise<OpenLoad>;
}

/** An upstream whose loads end when the test says so, or when they are aborted. */
export function createUpstream(): Upstream {
  const waiting: OpenLoad[] = [];
  const wanted: ((load: OpenLoad) => void)[] = [];
  let count = 0;

  async function load(request: ToolListRequest, signal: AbortSignal): Promise<ToolList> {
    count += 1;
    return new Promise((resolve, reject) => {
      const open: OpenLoad = {
        request,
        signal,
        succeed: (tools, underScoped = false) => resolve(listOf(tools, underScoped)),
        fail: reject,
      };
      signal.addEventListener('abort', () => reject(signal.reason as Error));
      const take = wanted.shift();
      if (take === undefined) waiting.push(open);
      else take(open);
    });
  }

  async function next(): Promise<OpenLoad> {
    const open = waiting.shift();
    return open ?? new Promise((resolve) => void wanted.push(resolve));
  }

  return { load, count: () => count, next };
}

export interface Bench {
  readonly cache: ToolCache<ToolListRequest>;
  readonly clock: Clock;
  readonly upstream: Upstream;
  readonly events: ToolCacheEvent[];
  /** `tier:result` of every lookup so far. */
  readonly lookups: () => string[];
  /** Gets the list that upstream answers with `tools`. */
  readonly fill: (tools: string, underScoped?: boolean) => Promise<void>;
}

export const FRESH_MS = 1_000;
export const STALE_MS = 10_000;
export const PATIENT_MS = 15_000;

/** A cache with round figures that is closed when the test ends. */
export function createBench(options: Partial<ToolCacheOptions<ToolListRequest>> = {}): Bench {
  const clock = createClock();
  const upstream = createUpstream();
  const events: ToolCacheEvent[] = [];
  const cache = createToolCache<ToolListRequest>({
    freshMs: FRESH_MS,
    staleMs: STALE_MS,
    underScopedFreshMs: 100,
    errorMs: 50,
    maxEntries: 100,
    maxBytes: 1_000_000,
    load: upstream.load,
    now: clock,
    onEvent: (event) => void events.push(event),
    ...options,
  });
  onTestFinished(() => cache.close());

  async function fill(tools: string, underScoped = false): Promise<void> {
    const got = cache.get(requestOf(), PATIENT_MS);
    (await upstream.next()).succeed(tools, underScoped);
    await got;
  }

  const lookups = (): string[] =>
    events.flatMap((event) => (event.type === 'lookup' ? [`${event.tier}:${event.result}`] : []));
  return { cache, clock, upstream, events, lookups, fill };
}

/** A connection to the Redis of this run, closed when the test ends. */
export function openRedis(url: string = inject('redisUrl')): Redis {
  const redis = new Redis(url, { maxRetriesPerRequest: 0, retryStrategy: () => 20 });
  // A client without a listener prints every lost connection.
  redis.on('error', () => undefined);
  onTestFinished(() => redis.disconnect());
  return redis;
}

/** In front of every key of one test. */
export function testPrefix(): string {
  return `test:${randomUUID()}:`;
}
