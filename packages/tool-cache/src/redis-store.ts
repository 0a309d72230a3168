// Lists in Redis: each text once under its hash, a small pointer per key, short locks. Every key has a TTL, every
// command touches one key, so a cluster works as well.
import { createHash, randomUUID } from 'node:crypto';

import { decodePointer, decodeTools, encodePointer, encodeTools } from './entry-codec.ts';
import { createStoreGuard } from './store-guard.ts';
import type { ReleaseLock, ToolListStore } from './tool-list-store.ts';
import type { StoredToolList, ToolListKey } from './tool-list.ts';

/** The part of an ioredis client (single, Sentinel or Cluster) that the store uses. */
export interface RedisLike {
  get(key: string): Promise<string | null>;
  getBuffer(key: string): Promise<Buffer | null>;
  set(...args: [key: string, value: string | Buffer, unit: 'PX', ttlMs: number]): Promise<unknown>;
  set(
    ...args: [key: string, value: string | Buffer, unit: 'PX', ttlMs: number, only: 'NX']
  ): Promise<unknown>;
  pexpire(key: string, ttlMs: number): Promise<number>;
  del(key: string): Promise<number>;
  eval(...args: [script: string, keyCount: number, key: string, argument: string]): Promise<unknown>;
}

/** What a Redis store needs. */
export interface RedisStoreOptions {
  /** Made, configured and closed by the caller. */
  readonly redis: RedisLike;
  /** In front of every key; default `switchyard:`. */
  readonly prefix?: string;
  /** How long one command may take, in ms; default 250. */
  readonly operationTimeoutMs?: number;
  /** How long Redis is left alone after a failure, in ms; default 500. */
  readonly pauseMs?: number;
}

/** A text outlives its pointers, so that a pointer read a moment before its end still finds it. */
const TEXT_TTL_MARGIN_MS = 60_000;
const DELETE_IF_MINE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`;

/** A store in Redis. A reader gets exactly what was written or nothing: texts are checked against their hash. */
export function createRedisStore(options: RedisStoreOptions): ToolListStore {
  const { redis, prefix = 'switchyard:', operationTimeoutMs = 250, pauseMs = 500 } = options;
  const guard = createStoreGuard({ timeoutMs: operationTimeoutMs, pauseMs });
  const textName = (hash: string): string => `${prefix}tools:blob:${hash}`;
  const pointerName = (key: ToolListKey): string => `${prefix}tools:list:${keyName(key)}`;

  async function read(key: ToolListKey, newerThan = -Infinity): Promise<StoredToolList | undefined> {
    const text = await guard.run(() => redis.get(pointerName(key)).catch(absentIfWrongType));
    const pointer = text === null ? undefined : decodePointer(text);
    if (pointer === undefined || pointer.fetchedAt <= newerThan) return undefined;
    const tools = await readTools(pointer.hash);
    return tools === undefined ? undefined : { tools, ...pointer };
  }

  async function readTools(hash: string): Promise<string | undefined> {
    const name = textName(hash);
    const stored = await guard.run(() => redis.getBuffer(name).catch(wrongTypeAsEmpty));
    if (stored === null) return undefined;
    const tools = await decodeTools(stored, hash);
    // A text is written only when absent, so a damaged one must go or it would stay for ever.
    if (tools === undefined) await guard.run(() => redis.del(name));
    return tools;
  }

  async function write(key: ToolListKey, list: StoredToolList, ttlMs: number): Promise<void> {
    const name = textName(list.hash);
    const textTtlMs = wholeMs(ttlMs) + TEXT_TTL_MARGIN_MS;
    const isThere = await guard.run(() => redis.pexpire(name, textTtlMs));
    if (isThere === 0) {
      const stored = await encodeTools(list.tools);
      if (stored === undefined) return;
      await guard.run(() => redis.set(name, stored, 'PX', textTtlMs, 'NX'));
    }
    await guard.run(() => redis.set(pointerName(key), encodePointer(list), 'PX', wholeMs(ttlMs)));
  }

  async function remove(key: ToolListKey): Promise<void> {
    await guard.run(() => redis.del(pointerName(key)));
  }

  async function tryLock(key: ToolListKey, ttlMs: number): Promise<ReleaseLock | undefined> {
    const name = `${prefix}tools:lock:${keyName(key)}`;
    const token = randomUUID();
    const release = async (): Promise<void> => {
      await guard.runAnyway(() => redis.eval(DELETE_IF_MINE, 1, name, token));
    };
    // A client that queues commands while it is offline may take the lock long after nobody waits for it.
    const giveBack = (result: unknown): void => {
      if (result === 'OK') void release().catch(() => undefined);
    };
    const result = await guard.run(() => redis.set(name, token, 'PX', wholeMs(ttlMs), 'NX'), giveBack);
    return result === 'OK' ? release : undefined;
  }

  return { read, write, remove, tryLock, close: async () => guard.close() };
}

/** Escaping keeps different keys different; on UUIDs and hashes it changes nothing. */
function keyName({ cloudId, scope, endpoint }: ToolListKey): string {
  const endpointHash = createHash('sha256').update(endpoint).digest('hex').slice(0, 16);
  return `${encodeURIComponent(cloudId)}:${encodeURIComponent(scope)}:${endpointHash}`;
}

/** Redis takes whole milliseconds and refuses 0. */
function wholeMs(ms: number): number {
  return Math.max(1, Math.ceil(ms));
}

/** A value of another Redis type is an entry that cannot be read; it says nothing about Redis itself. */
function absentIfWrongType(error: unknown): null {
  if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return null;
  throw error;
}

function wrongTypeAsEmpty(error: unknown): Buffer {
  absentIfWrongType(error);
  return Buffer.alloc(0);
}
