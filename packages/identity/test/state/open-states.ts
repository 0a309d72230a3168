import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';
import { inject, onTestFinished } from 'vitest';

import { createMemoryState, createRedisState, type DurableState } from '../../src/index.ts';

/** Two replicas' states over the same data. */
export interface OpenStates {
  readonly one: DurableState;
  readonly other: DurableState;
}

export function openMemoryStates(): OpenStates {
  const state = createMemoryState();
  onTestFinished(() => state.close());
  return { one: state, other: state };
}

export function openRedisStates(): OpenStates {
  const prefix = `test:${randomUUID()}:`;
  const open = (): DurableState => {
    const redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: 1 });
    const state = createRedisState({ redis, prefix });
    onTestFinished(async () => {
      await state.close();
      redis.disconnect();
    });
    return state;
  };
  return { one: open(), other: open() };
}
