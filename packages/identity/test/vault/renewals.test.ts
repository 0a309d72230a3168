import { describe, expect, it } from 'vitest';

import { IdentityError } from '../../src/index.ts';
import {
  ALICE,
  type Bench,
  BOB,
  createBench,
  ENG,
  LIFE_MS,
  oauthLink,
  onlyLink,
  OPS,
  ringOf,
  soon,
  START,
  STATES,
} from './fixture.ts';

/** A promise and the way to end it. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  const held: { open?: () => void } = {};
  const opened = new Promise<void>((resolve) => {
    held.open = resolve;
  });
  return { opened, open: () => held.open?.() };
}

async function linked(bench: Bench, person = ALICE): Promise<Awaited<ReturnType<typeof onlyLink>>> {
  await bench.one.put(person, oauthLink(ENG));
  return onlyLink(bench.one, person);
}

function authorizationOf(link: Awaited<ReturnType<typeof onlyLink>>): string {
  return link.credential.authorization.reveal();
}

describe.each(STATES)('renewals over %s', (_name, openStates) => {
  it('makes one request of 200 calls on two replicas at the moment of expiry (T25)', async () => {
    const bench = createBench(openStates);
    const { one, other, server, clock } = bench;
    const mine = await linked(bench);
    const theirs = await onlyLink(other);
    server.before = () => new Promise((resolve) => setTimeout(resolve, 20));
    clock.pass(LIFE_MS);
    const calls = Array.from({ length: 200 }, (_, at) => (at % 2 === 0 ? mine : theirs).fresh());
    expect(calls.every((call) => call !== undefined)).toBe(true);
    await Promise.all(calls.map((call) => Promise.resolve(call)));
    expect(server.presented).toEqual(['1-refresh-1']);
    expect([mine, theirs].map(authorizationOf)).toEqual(['Bearer 1-access-2', 'Bearer 1-access-2']);
    expect((await onlyLink(one)).credential.id).toBe(theirs.credential.id);
    expect(mine.fresh()).toBeUndefined();
  });

  it('uses the rotated refresh token the next time, on whatever replica', async () => {
    const bench = createBench(openStates);
    const mine = await linked(bench);
    const theirs = await onlyLink(bench.other);
    for (const link of [mine, theirs, mine, theirs]) {
      bench.clock.pass(LIFE_MS);
      await link.fresh();
    }
    expect(bench.server.presented).toEqual(['1-refresh-1', '1-refresh-2', '1-refresh-3', '1-refresh-4']);
    await soon(() => expect(authorizationOf(mine)).toBe('Bearer 1-access-5'));
    expect(mine.status).toBe('ok');
  });

  it('ends one link alone when its grant has ended, and does not ask again', async () => {
    const bench = createBench(openStates);
    const { one, other, server, clock, events } = bench;
    const mine = await linked(bench);
    await one.put(ALICE, oauthLink(OPS));
    const theirs = (await other.linksOf(ALICE)).find(({ cloudId }) => cloudId === ENG);
    server.ended = true;
    clock.pass(LIFE_MS);
    await mine.fresh();
    expect(mine.status).toBe('needs-reconnect');
    await soon(() => expect(theirs?.status).toBe('needs-reconnect'));
    expect(mine.fresh()).toBeUndefined();
    expect(theirs?.fresh()).toBeUndefined();
    expect(server.presented).toHaveLength(1);
    expect(events).toContainEqual({
      type: 'needs-reconnect',
      name: { person: ALICE, cloudId: ENG, kind: 'oauth' },
    });
    const [, ops] = await one.linksOf(ALICE);
    expect([ops?.cloudId, ops?.status]).toEqual([OPS, 'ok']);
  });

  it('stores the new refresh token before anybody gets the new access token', async () => {
    const bench = createBench(openStates);
    const mine = await linked(bench);
    bench.clock.pass(LIFE_MS);
    await mine.fresh();
    // A replica that starts now has only what is stored.
    const late = await onlyLink(bench.open({ state: bench.states.other }));
    bench.clock.pass(LIFE_MS);
    await late.fresh();
    expect(bench.server.presented).toEqual(['1-refresh-1', '1-refresh-2']);
    expect(late.status).toBe('ok');
  });

  it('does not write into a link that was made while it was renewing the old one', async () => {
    const bench = createBench(openStates);
    const mine = await linked(bench);
    const held = gate();
    bench.server.before = () => held.opened;
    bench.clock.pass(LIFE_MS);
    const renewing = mine.fresh();
    await soon(() => expect(bench.server.presented).toHaveLength(1));
    await bench.one.remove(ALICE, ENG, 'oauth');
    await bench.one.put(ALICE, oauthLink(ENG, bench.clock(), 'new'));
    held.open();
    await renewing;
    expect(authorizationOf(await onlyLink(bench.other))).toBe('Bearer new-access-1');
    expect(mine.status).toBe('needs-reconnect');
  });

  it('revokes what it got for a link that was unlinked meanwhile', async () => {
    const bench = createBench(openStates);
    const mine = await linked(bench);
    const held = gate();
    bench.server.before = () => held.opened;
    bench.clock.pass(LIFE_MS);
    const renewing = mine.fresh();
    await soon(() => expect(bench.server.presented).toHaveLength(1));
    await bench.one.remove(ALICE, ENG, 'oauth');
    held.open();
    await renewing;
    expect(await bench.other.linksOf(ALICE)).toEqual([]);
    await soon(() => expect(bench.server.revoked).toEqual(['1-refresh-1', '1-refresh-2']));
  });

  it('loses no grant when the record is sealed under a new key while it is renewed', async () => {
    const bench = createBench(openStates);
    await bench.one.put(ALICE, oauthLink(ENG));
    const knowing = bench.open({ keys: ringOf('k1', 'k2') });
    const rotated = bench.open({ state: bench.states.other, keys: ringOf('k2', 'k1') });
    const mine = await onlyLink(knowing);
    bench.server.before = async () => void (await rotated.rewrapAll());
    bench.clock.pass(LIFE_MS);
    await mine.fresh();
    expect(authorizationOf(await onlyLink(rotated))).toBe('Bearer 1-access-2');
  });

  it('does not take a record under a key that it lacks for an unlinked one', async () => {
    const bench = createBench(openStates);
    const mine = await linked(bench);
    const rotated = bench.open({ state: bench.states.other, keys: ringOf('k2', 'k1') });
    bench.server.before = async () => void (await rotated.rewrapAll());
    bench.clock.pass(LIFE_MS);
    await mine.fresh();
    expect(authorizationOf(mine)).toBe('Bearer 1-access-2');
    expect(bench.server.revoked).toEqual([]);
    expect(bench.events).toContainEqual({
      type: 'unsaved',
      name: { person: ALICE, cloudId: ENG, kind: 'oauth' },
    });
  });
});

describe('renewals', () => {
  it('begins when a fifth of the life is left, and keeps nobody waiting for it', async () => {
    const bench = createBench();
    const mine = await linked(bench);
    bench.clock.pass(LIFE_MS * 0.79);
    expect(mine.fresh()).toBeUndefined();
    expect(bench.server.presented).toEqual([]);
    bench.clock.pass(LIFE_MS * 0.1);
    expect(mine.fresh()).toBeUndefined();
    await soon(() => expect(authorizationOf(mine)).toBe('Bearer 1-access-2'));
  });

  it('spreads the beginnings of links that were made together', async () => {
    const bench = createBench();
    const people = Array.from({ length: 40 }, (_, at) => `person-${at}`);
    for (const person of people) await bench.one.put(person, oauthLink(ENG, START, person));
    const links = await Promise.all(people.map((person) => onlyLink(bench.one, person)));
    bench.clock.pass(LIFE_MS * 0.825);
    for (const link of links) expect(link.fresh()).toBeUndefined();
    await soon(() => expect(bench.server.presented.length).toBeGreaterThan(0));
    expect(bench.server.presented.length).toBeLessThan(40);
  });

  it('goes on with the old token while the server is away, and asks less and less often', async () => {
    const bench = createBench();
    const mine = await linked(bench);
    bench.server.before = () => Promise.reject(new Error('away'));
    bench.clock.pass(LIFE_MS * 0.9);
    for (let second = 0; second < 60; second += 1) {
      expect(mine.fresh()).toBeUndefined();
      await new Promise((resolve) => setImmediate(resolve));
      bench.clock.pass(1_000);
    }
    expect(bench.server.presented.length).toBeLessThanOrEqual(6);
    expect(mine.status).toBe('ok');
    expect(authorizationOf(mine)).toBe('Bearer 1-access-1');
    bench.server.before = async () => {};
    bench.clock.pass(300_000);
    await mine.fresh();
    expect(authorizationOf(mine)).toBe('Bearer 1-access-2');
  });

  it('says so when the token has run out and the server is away, without a storm', async () => {
    const bench = createBench();
    const mine = await linked(bench);
    bench.server.before = () => Promise.reject(new Error('a message with 1-refresh-1 in it'));
    bench.clock.pass(LIFE_MS);
    for (let call = 0; call < 200; call += 1) {
      const error = await Promise.resolve(mine.fresh()).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(IdentityError);
      expect(error).toMatchObject({ code: 'link_unavailable' });
      expect(String(error)).not.toContain('refresh-1');
    }
    expect(bench.server.presented).toHaveLength(1);
    expect(mine.status).toBe('ok');
  });

  it('renews at most once a minute what the site did not take', async () => {
    const bench = createBench();
    const mine = await linked(bench);
    for (let call = 0; call < 5; call += 1) {
      mine.refused();
      await mine.fresh();
    }
    expect(bench.server.presented).toEqual(['1-refresh-1']);
    expect(mine.fresh()).toBeUndefined();
    bench.clock.pass(60_000);
    mine.refused();
    await mine.fresh();
    expect(bench.server.presented).toHaveLength(2);
  });

  it('takes what another replica renewed meanwhile for the answer to a refusal', async () => {
    const bench = createBench();
    const mine = await linked(bench);
    const theirs = await onlyLink(bench.other);
    mine.refused();
    theirs.refused();
    await Promise.all([mine.fresh(), theirs.fresh()]);
    expect(bench.server.presented).toEqual(['1-refresh-1']);
  });

  it('needs reconnecting at its end when there never was a refresh token', async () => {
    const bench = createBench();
    const { secret, ...link } = oauthLink(ENG);
    if (secret.kind !== 'oauth') throw new Error('no grant');
    const { refreshToken: _, ...grant } = secret.grant;
    await bench.one.put(ALICE, { ...link, secret: { kind: 'oauth', grant } });
    const mine = await onlyLink(bench.one);
    bench.clock.pass(LIFE_MS - 1);
    expect([mine.status, mine.fresh()]).toEqual(['ok', undefined]);
    bench.clock.pass(1);
    expect([mine.status, mine.fresh(), bench.server.presented]).toEqual(['needs-reconnect', undefined, []]);
  });

  it('keeps one person renewing apart from another', async () => {
    const bench = createBench();
    const alice = await linked(bench);
    await bench.one.put(BOB, oauthLink(ENG, START, 'bob'));
    const bob = await onlyLink(bench.one, BOB);
    bench.clock.pass(LIFE_MS);
    await Promise.all([alice.fresh(), bob.fresh()]);
    expect([alice, bob].map(authorizationOf)).toEqual(['Bearer 1-access-2', 'Bearer bob-access-2']);
  });
});
