import type { Telemetry } from '@switchyard/telemetry';
import type { Redis } from 'ioredis';

import type { Config } from './config/config.ts';

/** The process's one connection to Redis. */
export interface RedisLink {
  readonly redis: Redis;
  isUp(): boolean;
  /** Resolves when Redis answers, or after a moment without it. */
  settled(): Promise<void>;
  close(): void;
}

const CONNECT_TIMEOUT_MS = 2_000;
const LONGEST_PAUSE_MS = 1_000;
/** A start waits this long at most: lists that were loaded a moment too early would not be shared. */
const SETTLE_MS = 500;

/** Connects in the background and for ever: no request waits for Redis (I10). */
export async function connectRedis(config: Config, telemetry: Telemetry): Promise<RedisLink | undefined> {
  if (!config.redisUrl) return undefined;
  // Loaded when it is wanted: a process without Redis does not carry its client.
  const { Redis } = await import('ioredis');
  const redis = new Redis(config.redisUrl.reveal(), {
    // A command for a Redis that is away fails at once instead of waiting for its return.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (times) => Math.min(50 * times, LONGEST_PAUSE_MS),
  });
  let wasUp = true;
  function report(up: boolean, error?: Error): void {
    if (up === wasUp) return;
    wasUp = up;
    telemetry.emit({ type: 'redis', up });
    if (up) telemetry.log.info({}, 'redis is back');
    else telemetry.log.warn({ error }, 'redis is away, serving from memory');
  }
  redis.on('ready', () => report(true));
  redis.on('close', () => report(false));
  redis.on('error', (error: Error) => report(false, error));
  return {
    redis,
    isUp: () => redis.status === 'ready',
    settled: () =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, SETTLE_MS);
        for (const event of ['ready', 'error']) redis.once(event, () => (clearTimeout(timer), resolve()));
      }),
    close: () => redis.disconnect(),
  };
}
