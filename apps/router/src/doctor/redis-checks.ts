import type { Secret } from '@switchyard/catalogue';
import { Redis } from 'ioredis';

import { type Finding, findingOf } from './check.ts';

const TIMEOUT_MS = 3_000;
const SLOW_MS = 20;
const PINGS = 5;

/** Whether Redis answers, how fast, and whether it keeps what must be kept. The address is never shown: it may hold a password. */
export async function checkRedis(url: Secret | undefined): Promise<Finding[]> {
  const finding = findingOf('redis');
  if (!url) return [finding('skipped', 'not configured: one replica, and what it knows ends with it')];
  const redis = new Redis(url.reveal(), {
    lazyConnect: true,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  const refusal: { error?: Error } = {};
  redis.on('error', (error: Error) => void (refusal.error ??= error));
  try {
    await redis.connect();
    return [finding('ok', 'answers'), await latency(redis), await eviction(redis)];
  } catch (error) {
    return [unusable(refusal.error ?? error)];
  } finally {
    redis.disconnect();
  }
}

function unusable(error: unknown): Finding {
  const finding = findingOf('redis');
  const text = error instanceof Error ? error.message : '';
  if (/NOAUTH|WRONGPASS|NOPERM/.test(text))
    return finding('failed', 'does not take the user or password of redis.url', 'Correct redis.url.');
  return finding(
    'unreachable',
    'cannot be reached',
    'Look at redis.url and the network. A running Switchyard serves on from memory meanwhile; what people linked is out of reach.',
  );
}

async function latency(redis: Redis): Promise<Finding> {
  const finding = findingOf('redis-latency');
  const times: number[] = [];
  for (let count = 0; count < PINGS; count += 1) {
    const startedAt = performance.now();
    await redis.ping();
    times.push(performance.now() - startedAt);
  }
  const best = Math.min(...times);
  const says = `${best.toFixed(1)} ms for a round trip`;
  return best < SLOW_MS
    ? finding('ok', says)
    : finding(
        'warning',
        says,
        'Run Redis near the replicas: sign-ins and the first list of a caller wait for it.',
      );
}

async function eviction(redis: Redis): Promise<Finding> {
  const finding = findingOf('redis-eviction');
  const policy = /maxmemory_policy:(\S+)/.exec(await redis.info('memory'))?.[1];
  if (policy === undefined) return finding('skipped', 'this Redis does not say what it evicts');
  if (!policy.startsWith('allkeys')) return finding('ok', policy);
  return finding(
    'failed',
    `${policy}: a full Redis throws away grants, links and approvals`,
    'Set maxmemory-policy to volatile-lru or noeviction: what may go has a TTL.',
  );
}
