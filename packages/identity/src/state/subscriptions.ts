import type { Redis } from 'ioredis';

import type { DurableState } from './durable-state.ts';

interface Listener {
  onMessage(message: string): void;
  onGap(): void;
}

/** Redis wants a connection of its own for subscriptions: it is opened with the first one. */
export function createSubscriptions(
  redis: Redis,
  prefix: string,
): Pick<DurableState, 'subscribe'> & { close(): void } {
  const listeners = new Map<string, Set<Listener>>();
  let connection: Redis | undefined;

  function connect(): Redis {
    const opened = redis.duplicate({ enableOfflineQueue: true, maxRetriesPerRequest: null });
    opened.on('message', (channel: string, message: string) => {
      for (const { onMessage } of listeners.get(channel) ?? []) onMessage(message);
    });
    // What was published while nobody listened is lost.
    opened.on('close', () => {
      for (const { onGap } of [...listeners.values()].flatMap((each) => [...each])) onGap();
    });
    // Without a listener the client would write to the console; the first connection reports what is wrong with Redis.
    opened.on('error', () => undefined);
    return opened;
  }

  return {
    subscribe(channel, onMessage, onGap = () => undefined) {
      connection ??= connect();
      const name = `${prefix}${channel}`;
      const listener = { onMessage, onGap };
      const known = listeners.get(name) ?? new Set();
      if (known.size === 0) void connection.subscribe(name).catch(() => undefined);
      listeners.set(name, known.add(listener));
      return () => {
        known.delete(listener);
        if (known.size === 0) void connection?.unsubscribe(name).catch(() => undefined);
      };
    },
    close() {
      listeners.clear();
      connection?.disconnect();
      connection = undefined;
    },
  };
}
