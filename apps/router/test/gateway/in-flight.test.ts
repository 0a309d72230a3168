import { describe, expect, it } from 'vitest';

import { createInFlight } from '../../src/gateway/in-flight.ts';

describe('a cancellation', () => {
  it.each([
    ['another id', 'alice', '8'],
    ['another caller', 'bob', '7'],
    ['the id as a text', 'alice', '"7"'],
    ['no id', 'alice', ''],
  ])('of %s ends nothing', (_, caller, idText) => {
    const inFlight = createInFlight();
    const flight = inFlight.start('alice', '7');

    inFlight.cancel(caller, idText);

    expect(flight.signal.aborted).toBe(false);
  });

  it('ends what runs under its id, and tells it once', () => {
    const inFlight = createInFlight();
    const flight = inFlight.start('alice', '"a"');
    let told = 0;
    flight.signal.addEventListener('abort', () => void (told += 1));

    inFlight.cancel('alice', '"a"');
    inFlight.cancel('alice', '"a"');
    flight.cancel();

    expect([flight.signal.aborted, told]).toEqual([true, 1]);
  });

  it('tells nobody who has stopped listening', () => {
    const flight = createInFlight().start('alice', '1');
    let told = 0;
    const listener = (): void => void (told += 1);
    flight.signal.addEventListener('abort', listener);
    flight.signal.removeEventListener('abort', listener);

    flight.cancel();

    expect(told).toBe(0);
  });

  it('tells everybody who listens, and goes on listening', () => {
    const flight = createInFlight().start('alice', '1');
    const told: string[] = [];
    const listeners = ['a', 'b', 'c', 'd'].map((name) => () => void told.push(name));
    for (const listener of listeners) flight.signal.addEventListener('abort', listener);
    for (const listener of listeners.slice(0, 2)) flight.signal.removeEventListener('abort', listener);

    flight.cancel();

    expect(told).toEqual(['c', 'd']);
  });

  it('of an id that two requests have ends neither', () => {
    const inFlight = createInFlight();
    const both = [inFlight.start('alice', '7'), inFlight.start('alice', '7')];

    inFlight.cancel('alice', '7');

    expect(both.map(({ signal }) => signal.aborted)).toEqual([false, false]);
  });

  it.each([
    ['first', 0],
    ['second', 1],
  ])('ends the one that is left when the %s of two is done', (_, done) => {
    const inFlight = createInFlight();
    const both = [inFlight.start('alice', '7'), inFlight.start('alice', '7')];
    both[done]?.done();

    inFlight.cancel('alice', '7');

    expect(both.map(({ signal }) => signal.aborted)).toEqual([done === 1, done === 0]);
  });

  it('ends nothing that is done', () => {
    const inFlight = createInFlight();
    const before = inFlight.start('alice', '7');
    before.done();
    const now = inFlight.start('alice', '7');
    before.done();

    inFlight.cancel('alice', '7');

    expect([before.signal.aborted, now.signal.aborted]).toEqual([false, true]);
  });
});
