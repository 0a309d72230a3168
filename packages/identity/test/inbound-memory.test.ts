import { describe, expect, it } from 'vitest';

import type { Verification } from '../src/index.ts';
import { basic } from './headers.ts';
import {
  ALICE,
  answerOf,
  BOB,
  createFixture,
  identified,
  SITE,
  verifiedAlice,
  verifyWith,
} from './inbound-fixture.ts';

describe('how long a verdict is remembered', () => {
  it.each([
    ['a good one', verifiedAlice, 300_000, 'admitted'],
    ['a bad one', { kind: 'refused', reason: 'bad_credential' }, 30_000, 'bad_credential'],
    ['an unknown one', { kind: 'unreachable' }, 1000, 'unreachable'],
  ] as [string, Verification, number, string][])(
    'remembers %s',
    async (_name, verification, forMs, answer) => {
      const fixture = createFixture();
      await verifyWith(fixture, ALICE, verification);

      fixture.clock.nowMs = forMs - 1;
      expect(answerOf(fixture.inbound.authenticate(ALICE))).toBe(answer);
      expect(fixture.asked).toHaveLength(1);

      fixture.clock.nowMs = forMs;
      expect(answerOf(fixture.inbound.authenticate(ALICE))).toBe('waiting');
      expect(fixture.asked).toHaveLength(2);
    },
  );

  it('remembers an account of somewhere else no longer than a bad credential', async () => {
    const fixture = createFixture({ admits: () => false });
    await verifyWith(fixture, ALICE, verifiedAlice);

    fixture.clock.nowMs = 29_999;
    expect(answerOf(fixture.inbound.authenticate(ALICE))).toBe('no_site');

    fixture.clock.nowMs = 30_000;
    expect(answerOf(fixture.inbound.authenticate(ALICE))).toBe('waiting');
  });

  it('does not prolong a verdict by using it', async () => {
    const fixture = createFixture({ goodMs: 100 });
    await verifyWith(fixture, ALICE, verifiedAlice);

    for (const nowMs of [30, 60, 90]) {
      fixture.clock.nowMs = nowMs;
      expect(answerOf(fixture.inbound.authenticate(ALICE))).toBe('admitted');
    }

    fixture.clock.nowMs = 100;
    expect(answerOf(fixture.inbound.authenticate(ALICE))).toBe('waiting');
  });

  it('answers a remembered caller without a promise and with the very same caller', async () => {
    const fixture = createFixture();
    const first = identified(await verifyWith(fixture, ALICE, verifiedAlice));

    expect(fixture.inbound.authenticate(ALICE)).toBe(first);
  });

  it('keeps at most so many, the least recently seen goes', async () => {
    const fixture = createFixture({ maxRemembered: 2 });
    for (const name of ['a', 'b', 'c'])
      await verifyWith(fixture, basic(`${name}@acme.example:token`), verifiedAlice);

    expect(answerOf(fixture.inbound.authenticate(basic('c@acme.example:token')))).toBe('admitted');
    expect(answerOf(fixture.inbound.authenticate(basic('b@acme.example:token')))).toBe('admitted');
    expect(answerOf(fixture.inbound.authenticate(basic('a@acme.example:token')))).toBe('waiting');
  });

  it('cannot be flooded with guesses: known callers stay known', async () => {
    const fixture = createFixture({ maxRemembered: 2 });
    await verifyWith(fixture, ALICE, verifiedAlice);

    for (let guess = 0; guess < 20; guess += 1) {
      await verifyWith(fixture, basic(`alice@acme.example:guess-${guess}`), {
        kind: 'refused',
        reason: 'bad_credential',
      });
    }

    expect(answerOf(fixture.inbound.authenticate(ALICE))).toBe('admitted');
  });

  it('takes another token of a known caller for what it is: unverified', async () => {
    const fixture = createFixture();
    await verifyWith(fixture, ALICE, verifiedAlice);

    expect(answerOf(fixture.inbound.authenticate(basic('alice@acme.example:garbage')))).toBe('waiting');
  });
});

describe('forget', () => {
  it('has the next request verified anew, and only of that credential', async () => {
    const fixture = createFixture();
    const alice = identified(await verifyWith(fixture, ALICE, verifiedAlice));
    await verifyWith(fixture, BOB, { kind: 'verified', accountId: 'acc-bob', cloudIds: [] });

    fixture.inbound.forget(alice.credential.id);

    expect(answerOf(fixture.inbound.authenticate(BOB))).toBe('admitted');
    expect(answerOf(fixture.inbound.authenticate(ALICE))).toBe('waiting');
  });

  it('still works after the verdict was renewed', async () => {
    const fixture = createFixture();
    const { credential } = identified(await verifyWith(fixture, ALICE, verifiedAlice));
    fixture.clock.nowMs = 300_000;
    await verifyWith(fixture, ALICE, verifiedAlice);

    fixture.inbound.forget(credential.id);

    expect(answerOf(fixture.inbound.authenticate(ALICE))).toBe('waiting');
  });

  it('does not remember the verdict of a verification that was under way', async () => {
    const { inbound, asked } = createFixture();
    const early = inbound.authenticate(ALICE);

    inbound.forget(asked[0]?.credential.id ?? '');
    const late = inbound.authenticate(ALICE);
    asked[0]?.answer(verifiedAlice);
    asked[1]?.answer({ kind: 'refused', reason: 'bad_credential' });

    expect(answerOf(await early)).toBe('admitted');
    expect(answerOf(await late)).toBe('bad_credential');
    expect(answerOf(inbound.authenticate(ALICE))).toBe('bad_credential');
  });

  it('takes an unknown id calmly', () => {
    expect(() => createFixture().inbound.forget('nobody')).not.toThrow();
  });
});

describe('configure', () => {
  const enabled = { apiToken: { enabled: true } };

  it('judges remembered callers by the new rules, without asking Atlassian again', async () => {
    const fixture = createFixture();
    await verifyWith(fixture, ALICE, verifiedAlice);

    fixture.inbound.configure({ ...enabled, admits: () => false });
    expect(answerOf(fixture.inbound.authenticate(ALICE))).toBe('no_site');

    fixture.inbound.configure({ ...enabled, admits: ({ cloudIds }) => cloudIds.has(SITE) });
    expect(answerOf(fixture.inbound.authenticate(ALICE))).toBe('admitted');
    expect(fixture.asked).toHaveLength(1);
  });

  it('lets in at once whom the new rules name', async () => {
    const fixture = createFixture({ admits: () => false });
    await verifyWith(fixture, ALICE, verifiedAlice);

    fixture.inbound.configure({ ...enabled, admits: ({ email }) => email === 'alice@acme.example' });

    expect(answerOf(fixture.inbound.authenticate(ALICE))).toBe('admitted');
  });

  it('verifies anew whom the new rules shut out, once a bad verdict would be over', async () => {
    const fixture = createFixture();
    await verifyWith(fixture, ALICE, verifiedAlice);
    fixture.inbound.configure({ ...enabled, admits: () => false });

    fixture.clock.nowMs = 30_000;

    expect(answerOf(fixture.inbound.authenticate(ALICE))).toBe('waiting');
  });

  it('asks the rules once for each caller and configuration', async () => {
    let asked = 0;
    const admits = (): boolean => (asked += 1) > 0;
    const fixture = createFixture({ admits });
    await verifyWith(fixture, ALICE, verifiedAlice);

    for (let call = 0; call < 10; call += 1) identified(fixture.inbound.authenticate(ALICE));

    expect(asked).toBe(1);
  });

  it('turns API tokens off for remembered callers and for those being verified', async () => {
    const fixture = createFixture();
    await verifyWith(fixture, ALICE, verifiedAlice);
    const waiting = fixture.inbound.authenticate(BOB);

    fixture.inbound.configure({ apiToken: { enabled: false }, admits: () => true });
    fixture.asked[1]?.answer(verifiedAlice);

    expect(answerOf(fixture.inbound.authenticate(ALICE))).toBe('disabled');
    expect(answerOf(await waiting)).toBe('disabled');
  });

  it('remembers nobody from before API tokens were turned off', async () => {
    const fixture = createFixture();
    await verifyWith(fixture, ALICE, verifiedAlice);

    fixture.inbound.configure({ apiToken: { enabled: false }, admits: () => true });
    fixture.inbound.configure({ ...enabled, admits: () => true });

    expect(answerOf(fixture.inbound.authenticate(ALICE))).toBe('waiting');
  });
});
