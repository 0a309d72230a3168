import { describe, expect, it } from 'vitest';

import type { Conversation } from '../../src/gateway/conversation.ts';
import { createParkedCalls, type ParkedCall } from '../../src/gateway/parked-calls.ts';

interface Watched extends ParkedCall {
  readonly abandoned: () => number;
}

function call(): Watched {
  let count = 0;
  return {
    conversation: {} as Conversation,
    asks: new Map(),
    abandon: () => void (count += 1),
    abandoned: () => count,
  };
}

describe('a parked call', () => {
  it('is not found under an id that nobody gave', () => {
    const parked = createParkedCalls();
    parked.park(call());

    expect(parked.take('')).toBeUndefined();
    expect(parked.take('__proto__')).toBeUndefined();
    parked.close();
  });

  it('is taken up once, and goes on then', () => {
    const parked = createParkedCalls();
    const one = call();
    const id = parked.park(one);

    expect(parked.take(id)).toBe(one);
    expect(parked.take(id)).toBeUndefined();
    parked.close();
    expect(one.abandoned()).toBe(0);
  });

  it('has an id that says nothing about the next', () => {
    const parked = createParkedCalls();
    const ids = Array.from({ length: 100 }, () => parked.park(call()));

    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(/^[\da-f-]{36}$/);
    parked.close();
  });

  it('ends when too many wait: the oldest goes, once', () => {
    const parked = createParkedCalls();
    const calls = Array.from({ length: 1_001 }, call);
    const ids = calls.map((each) => parked.park(each));

    expect(calls.map((each) => each.abandoned()).filter((count) => count > 0)).toEqual([1]);
    expect(calls[0]?.abandoned()).toBe(1);
    expect(parked.take(ids[0] ?? '')).toBeUndefined();
    expect(parked.take(ids[1] ?? '')).toBe(calls[1]);
    parked.close();
  });

  it('ends when the process stops, once, and is not taken up any more', () => {
    const parked = createParkedCalls();
    const calls = Array.from({ length: 5 }, call);
    const ids = calls.map((each) => parked.park(each));

    parked.close();
    parked.close();

    expect(calls.map((each) => each.abandoned())).toEqual([1, 1, 1, 1, 1]);
    expect(ids.map((id) => parked.take(id))).toEqual(ids.map(() => undefined));
  });
});
