import { describe, expect, it } from 'vitest';

import { createParkedCalls, type ParkedCall } from '../../src/gateway/parked-calls.ts';
import { createSealer } from '../../src/gateway/sealer.ts';

const sealer = createSealer('key', 'alice');

interface Watched extends ParkedCall {
  readonly abandoned: () => number;
}

function call(owner = 'alice'): Watched {
  let count = 0;
  return {
    owner,
    sealer,
    goOn: () => Promise.reject(new Error('nobody goes on here')),
    abandon: () => void (count += 1),
    abandoned: () => count,
  };
}

describe('a parked call', () => {
  it('is not found under an id that nobody gave, nor by another caller (I1)', () => {
    const parked = createParkedCalls();
    const one = call();
    const id = parked.park(one) ?? '';

    expect(parked.take('', 'alice')).toBeUndefined();
    expect(parked.take('__proto__', 'alice')).toBeUndefined();
    expect(parked.take(id, 'bob')).toBeUndefined();
    expect(parked.take(id, 'alice')).toBe(one);
    parked.close();
  });

  it('is taken up once, and goes on then', () => {
    const parked = createParkedCalls();
    const one = call();
    const id = parked.park(one) ?? '';

    expect(parked.take(id, 'alice')).toBe(one);
    expect(parked.take(id, 'alice')).toBeUndefined();
    parked.close();
    expect(one.abandoned()).toBe(0);
  });

  it('has an id that says nothing about the next', () => {
    const parked = createParkedCalls();
    const ids = Array.from({ length: 20 }, () => parked.park(call()));

    expect(new Set(ids).size).toBe(20);
    for (const id of ids) expect(id).toMatch(/^[\da-f-]{36}$/);
    parked.close();
  });

  it('ends when its caller has too many: the oldest goes, once', () => {
    const parked = createParkedCalls();
    const others = call('bob');
    const othersId = parked.park(others) ?? '';
    const calls = Array.from({ length: 21 }, () => call());
    const ids = calls.map((each) => parked.park(each) ?? '');

    expect(calls.map((each) => each.abandoned()).filter((count) => count > 0)).toEqual([1]);
    expect(calls[0]?.abandoned()).toBe(1);
    expect(parked.take(ids[0] ?? '', 'alice')).toBeUndefined();
    expect(parked.take(ids[1] ?? '', 'alice')).toBe(calls[1]);
    expect(parked.take(othersId, 'bob')).toBe(others);
    parked.close();
  });

  it('never ends for a call of another caller: without room the new one does (I9)', () => {
    const parked = createParkedCalls();
    const calls = Array.from({ length: 1_000 }, (_, count) => call(`caller ${count % 50}`));
    for (const each of calls) parked.park(each);
    const late = call('late');

    expect(parked.park(late)).toBeUndefined();
    expect(late.abandoned()).toBe(1);
    expect(calls.filter((each) => each.abandoned() > 0)).toEqual([]);
    const own = call('caller 7');
    expect(parked.park(own)).toBeDefined();
    expect(calls.filter((each) => each.abandoned() > 0)).toEqual([calls[7]]);
    parked.close();
  });

  it('gives its place back when it is taken up', () => {
    const parked = createParkedCalls();
    const calls = Array.from({ length: 100 }, () => call());
    for (const each of calls) parked.take(parked.park(each) ?? '', 'alice');

    expect(calls.filter((each) => each.abandoned() > 0)).toEqual([]);
  });

  it('ends when the process stops, once, and is not taken up any more', () => {
    const parked = createParkedCalls();
    const calls = Array.from({ length: 5 }, () => call());
    const ids = calls.map((each) => parked.park(each) ?? '');

    parked.close();
    parked.close();

    expect(calls.map((each) => each.abandoned())).toEqual([1, 1, 1, 1, 1]);
    expect(ids.map((id) => parked.take(id, 'alice'))).toEqual(ids.map(() => undefined));
  });
});
