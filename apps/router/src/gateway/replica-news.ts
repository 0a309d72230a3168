import type { DurableState } from '@switchyard/identity';

import { createSealer } from './sealer.ts';

/**
 * What replicas tell each other of calls under way. It is sealed under the key that they share: Redis neither reads it
 * nor makes it up. News that cannot be told are lost, and then it is as it would be without the other replicas (I10).
 */
export interface ReplicaNews {
  /** Every replica hears it, this one too. False: it could not be told. Never rejects. */
  tell(channel: string, value: unknown): Promise<boolean>;
  /** Returns the way to stop. A value is what a replica has told on this channel: the sealer vouches for it. */
  hear(channel: string, listener: (value: unknown) => void): () => void;
}

/** What may be on its way at once, in number and each in bytes: Redis ends the connection of a reader that is behind. */
const MAX_TELLING = 500;
const MAX_BYTES = 4 * 1024 * 1024;

/** A process without Redis has nobody to tell anything. */
export const NO_REPLICAS: ReplicaNews = { tell: () => Promise.resolve(false), hear: () => () => {} };

export function createReplicaNews(
  bus: Pick<DurableState, 'publish' | 'subscribe'>,
  commonKey: Uint8Array,
): ReplicaNews {
  const sealer = createSealer(commonKey, 'replica news');
  let telling = 0;

  return {
    async tell(channel, value) {
      const message = sealer.seal(channel, value);
      if (telling >= MAX_TELLING || message.length > MAX_BYTES) return false;
      telling += 1;
      try {
        await bus.publish(channel, message);
        return true;
      } catch {
        return false;
      } finally {
        telling -= 1;
      }
    },
    hear: (channel, listener) =>
      bus.subscribe(channel, (message) => {
        const value = sealer.open(channel, message);
        if (value !== undefined) listener(value);
      }),
  };
}
