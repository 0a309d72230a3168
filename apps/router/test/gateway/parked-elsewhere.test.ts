import { createMemoryState, type DurableState } from '@switchyard/identity';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { createParkedCalls, type ParkedCall, type ParkedCalls } from '../../src/gateway/parked-calls.ts';
import { createParkedElsewhere, type ParkedElsewhere } from '../../src/gateway/parked-elsewhere.ts';
import { createReplicaNews } from '../../src/gateway/replica-news.ts';
import { createSealer } from '../../src/gateway/sealer.ts';

const sealer = createSealer('key', 'alice');
const ANSWER = { pieces: [Buffer.from('{"a":'), Buffer.from('"é\xff"}', 'latin1')], status: 200 };

interface Replica {
  readonly parked: ParkedCalls;
  readonly elsewhere: ParkedElsewhere;
}

function replicas(state: DurableState = createMemoryState()): [Replica, Replica] {
  const replica = (): Replica => {
    const parked = createParkedCalls();
    const news = createReplicaNews(state, Buffer.from('a key that replicas share'));
    return { parked, elsewhere: createParkedElsewhere({ news, state, parked }) };
  };
  return [replica(), replica()];
}

function park(
  { parked }: Replica,
  {
    goOn = () => Promise.resolve({ ...ANSWER, errorType: 'tool_error' }),
    abandon = () => {},
  }: Partial<ParkedCall>,
): string {
  return parked.park({ owner: 'alice', sealer, goOn, abandon }) ?? '';
}

const silent = (): AbortSignal => new AbortController().signal;

function takeUp({ elsewhere }: Replica, id: string, more: object = {}): ReturnType<ParkedElsewhere['goOn']> {
  const next = { idText: '2', responsesText: '{"q1":{}}' };
  return elsewhere.goOn({ id, owner: 'alice', sealer, next, signal: silent(), waitMs: 60_000, ...more });
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('a call that another replica has parked', () => {
  it.each<[string, object, string | undefined]>([
    ['unknown', {}, 'another id'],
    ['of another caller (I1)', { owner: 'bob' }, undefined],
  ])('is not taken up when it is %s', async (_, more, other) => {
    const [here, there] = replicas();
    const id = park(there, {});
    const taken = takeUp(here, other ?? id, more);
    await vi.advanceTimersByTimeAsync(3_000);

    expect(await taken).toBeUndefined();
    expect(there.parked.take(id, 'alice')).toBeDefined();
  });

  it('goes on there with what was answered here, once, and brings its bytes back as they were (I7)', async () => {
    const [here, there] = replicas();
    const nexts: unknown[] = [];
    const id = park(there, {
      goOn: async (next) => {
        nexts.push(next);
        return { ...ANSWER, errorType: 'tool_error' };
      },
    });

    const answer = await takeUp(here, id);
    const again = takeUp(here, id);
    await vi.advanceTimersByTimeAsync(3_000);

    expect(nexts).toEqual([{ idText: '2', responsesText: '{"q1":{}}' }]);
    expect(answer).toEqual({ pieces: [Buffer.concat(ANSWER.pieces)], status: 200, errorType: 'tool_error' });
    expect(await again).toBeUndefined();
  });

  it('ends when the client leaves', async () => {
    const [here, there] = replicas();
    const caller = new AbortController();
    const ended = { abandon: () => {} };
    const abandoned = new Promise<void>((resolve) => (ended.abandon = resolve));
    const id = park(there, {
      goOn: async () => {
        await abandoned;
        return { ...ANSWER, errorType: 'cancelled' };
      },
      abandon: () => ended.abandon(),
    });
    const answer = takeUp(here, id, { signal: caller.signal });
    await vi.advanceTimersByTimeAsync(10);

    caller.abort();

    expect(await answer).toMatchObject({ errorType: 'cancelled' });
  });

  it('that fails is an error, and one of too many bytes says that it has run', async () => {
    const [here, there] = replicas();
    const failed = await takeUp(here, park(there, { goOn: () => Promise.reject(new Error('a fault')) }));
    const large = { ...ANSWER, pieces: [Buffer.alloc(9 * 1024 * 1024)], errorType: undefined };
    const tooLarge = await takeUp(here, park(there, { goOn: () => Promise.resolve(large) }));

    const texts = [failed, tooLarge].map((each) =>
      typeof each === 'object' ? String(each.pieces[0]) : each,
    );
    expect(texts[0]).toBe('{"jsonrpc":"2.0","id":2,"error":{"code":-32603,"message":"Internal error"}}');
    expect(texts[1]).toContain('look before you repeat it');
  });

  it('is lost when its replica goes away in the middle', async () => {
    const [here, there] = replicas();
    const answer = takeUp(here, park(there, { goOn: () => new Promise(() => {}) }));
    await vi.advanceTimersByTimeAsync(61_000);

    expect(await answer).toBe('lost');
  });

  it('is not found without Redis, and costs nothing else (I10)', async () => {
    const state = createMemoryState();
    const [here, there] = replicas(state);
    const id = park(there, {});
    await state.close();
    const taken = takeUp(here, id);
    await vi.advanceTimersByTimeAsync(3_000);

    expect(await taken).toBeUndefined();
    expect(there.parked.take(id, 'alice')).toBeDefined();
  });

  it('leaves nothing that could be read in Redis', async () => {
    const state = createMemoryState();
    const values: string[] = [];
    const [here, there] = replicas({
      ...state,
      put: (key, value, options) => {
        values.push(value);
        expect(options?.ttlMs).toBeLessThanOrEqual(30_000);
        return state.put(key, value, options);
      },
    });
    await takeUp(here, park(there, {}));

    expect(values).toHaveLength(1);
    const [value = ''] = values;
    expect(Buffer.from(value, 'base64url').toString('latin1')).not.toContain('tool_error');
    expect(createSealer('key', 'bob').open('turn', value)).toBeUndefined();
  });
});
