import { randomUUID } from 'node:crypto';

import type { Redis } from 'ioredis';

import { IdentityError } from '../errors.ts';
import type { DurableState, StateLock } from './durable-state.ts';
import { createSubscriptions } from './subscriptions.ts';

/** `redis` is made, configured and closed by the caller; `prefix` goes before every key. */
export interface RedisStateOptions {
  readonly redis: Redis;
  readonly prefix?: string;
  /** How long one command may take, in ms. */
  readonly operationTimeoutMs?: number;
}

const OPERATION_TIMEOUT_MS = 2_000;

// A value is a hash of its text and its version: a condition is checked where the value is, in one step.
const PUT = `
local version = tonumber(redis.call('hget', KEYS[1], 'n') or '0')
if ARGV[3] ~= '' and tonumber(ARGV[3]) ~= version then return 0 end
redis.call('hset', KEYS[1], 'v', ARGV[1], 'n', version + 1)
if ARGV[2] == '' then redis.call('persist', KEYS[1]) else redis.call('pexpire', KEYS[1], ARGV[2]) end
return 1`;
const TAKE = `
local value = redis.call('hget', KEYS[1], 'v')
if value then redis.call('del', KEYS[1]) end
return value`;
const DELETE_IF_MINE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`;

/** Durable state in Redis, shared by all replicas. Every command touches one key, so a cluster works as well. */
export function createRedisState({
  redis,
  prefix = 'switchyard:state:',
  operationTimeoutMs = OPERATION_TIMEOUT_MS,
}: RedisStateOptions): DurableState {
  const subscriptions = createSubscriptions(redis, `${prefix}news:`);
  const run = <T>(command: Promise<T>): Promise<T> => answered(command, operationTimeoutMs);
  const valueName = (key: string): string => `${prefix}${key}`;

  async function lock(key: string, ttlMs: number): Promise<StateLock | undefined> {
    const name = `${prefix}lock:${key}`;
    const owner = randomUUID();
    const taken = await run(redis.set(name, owner, 'PX', ttlMs, 'NX'));
    if (taken !== 'OK') return undefined;
    return { release: async () => void (await run(redis.eval(DELETE_IF_MINE, 1, name, owner))) };
  }

  return {
    async get(key) {
      const [value, version] = await run(redis.hmget(valueName(key), 'v', 'n'));
      if (typeof value !== 'string') return undefined;
      return { value, version: Number(version) };
    },
    async put(key, value, { ttlMs, ifVersion } = {}) {
      const ttl = ttlMs === undefined ? '' : String(Math.max(1, Math.ceil(ttlMs)));
      const condition = ifVersion === undefined ? '' : String(ifVersion);
      return (await run(redis.eval(PUT, 1, valueName(key), value, ttl, condition))) === 1;
    },
    delete: async (key) => (await run(redis.del(valueName(key)))) === 1,
    async take(key) {
      const value = await run(redis.eval(TAKE, 1, valueName(key)));
      return typeof value === 'string' ? value : undefined;
    },
    async addMember(set, member, ttlMs) {
      const name = `${prefix}set:${set}`;
      await run(redis.sadd(name, member));
      await run(ttlMs === undefined ? redis.persist(name) : redis.pexpire(name, Math.ceil(ttlMs)));
    },
    removeMember: async (set, member) => void (await run(redis.srem(`${prefix}set:${set}`, member))),
    members: (set) => run(redis.smembers(`${prefix}set:${set}`)),
    lock,
    publish: async (channel, message) => void (await run(redis.publish(`${prefix}news:${channel}`, message))),
    subscribe: subscriptions.subscribe,
    close: async () => subscriptions.close(),
  };
}

/** Errors of a Redis client hold the arguments of the command, and those are secrets: they are not passed on. */
async function answered<T>(command: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('late')), timeoutMs);
  });
  try {
    return await Promise.race([command, tooLate]);
  } catch {
    throw new IdentityError('state_unavailable', 'The store of grants and links does not answer.');
  } finally {
    clearTimeout(timer);
  }
}
