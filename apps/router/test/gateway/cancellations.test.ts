import { createMemoryState } from '@switchyard/identity';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { type Cancellations, createCancellations } from '../../src/gateway/cancellations.ts';
import { createInFlight, type InFlight } from '../../src/gateway/in-flight.ts';
import { createReplicaNews, NO_REPLICAS, type ReplicaNews } from '../../src/gateway/replica-news.ts';

interface Replica {
  readonly inFlight: InFlight;
  readonly cancellations: Cancellations;
}

function replica(news: ReplicaNews): Replica {
  const inFlight = createInFlight();
  return { inFlight, cancellations: createCancellations(inFlight, news) };
}

/** Three on one Redis, or whatever stands for it. */
function three(): [Replica, Replica, Replica] {
  const news = createReplicaNews(createMemoryState(), Buffer.from('a key that replicas share'));
  return [replica(news), replica(news), replica(news)];
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(2_000);

describe('a cancellation that reaches another replica', () => {
  it.each([
    ['of another id', 'alice', '8'],
    ['of another caller (I1)', 'bob', '7'],
    ['without an id', 'alice', ''],
  ])('%s ends nothing', async (_, caller, idText) => {
    const [first, second] = three();
    const { signal } = first.inFlight.start('alice', '7');

    second.cancellations.cancel(caller, idText);
    await settle();

    expect(signal.aborted).toBe(false);
  });

  it('ends what runs there', async () => {
    const [first, second] = three();
    const { signal } = first.inFlight.start('alice', '7');

    second.cancellations.cancel('alice', '7');
    await settle();

    expect(signal.aborted).toBe(true);
  });

  it.each([
    ['on one replica', [0, 0]],
    ['on two', [0, 1]],
  ])('ends neither of two %s: it is not known which is meant', async (_, places) => {
    const all = three();
    const flights = places.map((place) => all[place]?.inFlight.start('alice', '7'));

    all[2].cancellations.cancel('alice', '7');
    await settle();

    expect(flights.map((flight) => flight?.signal.aborted)).toEqual([false, false]);
  });

  it('ends nothing without Redis, and nothing fails (I10)', async () => {
    const [first, second] = [replica(NO_REPLICAS), replica(NO_REPLICAS)];
    const { signal } = first.inFlight.start('alice', '7');

    second.cancellations.cancel('alice', '7');
    await settle();
    expect(signal.aborted).toBe(false);

    first.cancellations.cancel('alice', '7');
    expect(signal.aborted).toBe(true);
  });

  it('is dropped where too many are being asked for', async () => {
    const [first, second] = three();
    for (let id = 0; id < 500; id += 1) second.cancellations.cancel('bob', String(id));
    const { signal } = first.inFlight.start('alice', '7');

    second.cancellations.cancel('alice', '7');
    await settle();
    expect(signal.aborted).toBe(false);

    second.cancellations.cancel('alice', '7');
    await settle();
    expect(signal.aborted).toBe(true);
  });
});
