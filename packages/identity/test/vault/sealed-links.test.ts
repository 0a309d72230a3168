import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createMemoryState, type DurableState } from '../../src/index.ts';
import type { LinkName, LinkRecord } from '../../src/vault/link-record.ts';
import { createLinkRows, type LinkRows } from '../../src/vault/link-rows.ts';
import {
  ALICE,
  BOB,
  createBench,
  ENG,
  everyLink,
  LIFE_MS,
  oauthLink,
  onlyLink,
  OPS,
  ringOf,
  soon,
  START,
  tokenLink,
} from './fixture.ts';

function placeOf({ person, cloudId, kind }: LinkName): string {
  return `vault:link:${encodeURIComponent(person)}:${encodeURIComponent(cloudId)}:${kind}`;
}

const PLACE: LinkName = { person: ALICE, cloudId: ENG, kind: 'oauth' };

async function valueAt(state: DurableState, name: LinkName): Promise<string> {
  const stored = await state.get(placeOf(name));
  if (!stored) throw new Error('nothing is stored');
  return stored.value;
}

describe('a stored link', () => {
  it('shows nothing of the credential, the account or the person to whoever reads the store (I5)', async () => {
    const { one, states } = createBench();
    await one.put(ALICE, oauthLink(ENG));
    await one.put(ALICE, tokenLink(OPS));
    const stored = [
      await valueAt(states.one, PLACE),
      await valueAt(states.one, { person: ALICE, cloudId: OPS, kind: 'token' }),
    ].join();
    for (const secret of ['access-1', 'refresh-1', 'client-secret', 'alice@acme', 'Basic', 'account-1'])
      expect(stored).not.toContain(secret);
  });

  it('does not open for another person, site or kind (I1): a property of all names', async () => {
    const word = fc.string({ minLength: 1, maxLength: 12 });
    const name = fc.record({ person: word, cloudId: word, kind: fc.constantFrom('oauth', 'token') });
    await fc.assert(
      fc.asyncProperty(name, name, async (own, other) => {
        fc.pre(JSON.stringify(own) !== JSON.stringify(other));
        const { rows, state } = openRows();
        await rows.write(own, recordOf(own.cloudId));
        await state.put(placeOf(other), await valueAt(state, own));
        await expect(rows.read(other)).rejects.toMatchObject({ code: 'link_unavailable' });
        expect(await rows.read(own)).toMatchObject({ name: own });
      }),
      { numRuns: 300 },
    );
  });

  it('does not open after any change: more than 500 tampered records, none opened', async () => {
    const { rows, state, unreadable } = openRows();
    const theirs = { ...PLACE, person: BOB };
    await rows.write(PLACE, recordOf('own'));
    await rows.write(theirs, recordOf('foreign'));
    const [own, foreign] = [await valueAt(state, PLACE), await valueAt(state, theirs)];
    const tampered = [...tamperings(own, foreign)].filter((text) => text !== own);
    let opened = 0;
    for (const text of tampered) {
      await state.put(placeOf(PLACE), text);
      opened += (await rows.readAll(ALICE)).length;
    }
    expect(tampered.length).toBeGreaterThan(500);
    expect(opened).toBe(0);
    expect(unreadable).toHaveLength(tampered.length);
    await state.put(placeOf(PLACE), own);
    expect(await rows.readAll(ALICE)).toHaveLength(1);
  });

  it('that does not open takes nothing from the others, and can be unlinked and linked anew', async () => {
    const { one, states, open } = createBench();
    await one.put(ALICE, oauthLink(ENG));
    await one.put(ALICE, tokenLink(OPS));
    await states.one.put(placeOf(PLACE), 'v1.k1.AAAA.BBBB');
    const vault = open();
    expect((await vault.linksOf(ALICE)).map(({ cloudId }) => cloudId)).toEqual([OPS]);
    expect(await everyLink(vault)).toHaveLength(1);
    await vault.remove(ALICE, ENG, 'oauth');
    await vault.put(ALICE, oauthLink(ENG));
    expect(await vault.linksOf(ALICE)).toHaveLength(2);
  });
});

describe('a new encryption key', () => {
  it('seals anew what is read, and everything when it is told to', async () => {
    const { one, states, open } = createBench();
    await one.put(ALICE, oauthLink(ENG));
    await one.put(BOB, tokenLink(OPS));
    const rotated = open({ keys: ringOf('k2', 'k1') });
    const [before] = await rotated.linksOf(ALICE);
    await soon(async () => expect(await valueAt(states.one, PLACE)).toMatch(/^v1\.k2\./));
    expect(await rotated.rewrapAll()).toBe(1);
    expect(await rotated.rewrapAll()).toBe(0);
    const afterwards = open({ keys: ringOf('k2') });
    expect((await onlyLink(afterwards)).credential.id).toBe(before?.credential.id);
    expect(await afterwards.linksOf(BOB)).toHaveLength(1);
  });

  it('that the store does not know leaves links closed', async () => {
    const { one, open } = createBench();
    await one.put(ALICE, oauthLink(ENG));
    expect(await open({ keys: ringOf('k3') }).linksOf(ALICE)).toEqual([]);
  });
});

describe('the store away', () => {
  it('serves what is in memory for ten minutes, and then says so', async () => {
    const { one, states, clock, open } = createBench();
    await one.put(ALICE, tokenLink(ENG));
    const flaky = breakable(states.one);
    const vault = open({ state: flaky.state });
    expect(await vault.linksOf(ALICE)).toHaveLength(1);
    flaky.away = true;
    clock.pass(300_000);
    expect(await vault.linksOf(ALICE)).toHaveLength(1);
    await expect(vault.linksOf(BOB)).rejects.toThrow('away');
    clock.pass(301_000);
    await expect(vault.linksOf(ALICE)).rejects.toThrow('away');
    flaky.away = false;
    expect(await vault.linksOf(ALICE)).toHaveLength(1);
  });

  it('is asked once a second, not by every caller', async () => {
    const { one, states, clock, open } = createBench();
    await one.put(ALICE, tokenLink(ENG));
    const flaky = breakable(states.one);
    const vault = open({ state: flaky.state });
    await vault.linksOf(ALICE);
    flaky.away = true;
    flaky.asked = 0;
    clock.pass(60_000);
    for (let call = 0; call < 50; call += 1) await vault.linksOf(ALICE);
    expect(flaky.asked).toBe(1);
  });

  it('between the answer and the storing keeps the grant in memory and stores it later', async () => {
    const { one, states, clock, server, open, events } = createBench();
    await one.put(ALICE, oauthLink(ENG));
    const flaky = breakable(states.one);
    const vault = open({ state: flaky.state, recoverMs: 20 });
    const link = await onlyLink(vault);
    clock.pass(LIFE_MS);
    server.before = async () => {
      flaky.away = true;
    };
    await link.fresh();
    expect(link.credential.authorization.reveal()).toBe('Bearer 1-access-2');
    expect(events).toContainEqual({ type: 'unsaved', name: PLACE });
    server.before = async () => {};
    flaky.away = false;
    await soon(async () =>
      expect((await onlyLink(open())).credential.authorization.reveal()).toBe('Bearer 1-access-2'),
    );
    expect(server.presented).toEqual(['1-refresh-1']);
  });
});

function openRows(): { rows: LinkRows; state: DurableState; unreadable: LinkName[] } {
  const state = createMemoryState({ maxEntries: 100 });
  const unreadable: LinkName[] = [];
  const onUnreadable = (name: LinkName): void => void unreadable.push(name);
  return { rows: createLinkRows({ state, keys: ringOf('k1'), onUnreadable }), state, unreadable };
}

function recordOf(name: string): LinkRecord {
  const { account, scopes = [], secret } = oauthLink(name);
  return { v: 1, id: `id of ${name}`, account, scopes, linkedAt: START, status: 'ok', secret };
}

/** Each letter changed, each part cut, swapped with another record's, doubled or emptied. */
function* tamperings(own: string, foreign: string): Generator<string> {
  for (let at = 0; at < own.length; at += 1) {
    yield `${own.slice(0, at)}${own[at] === 'A' ? 'B' : 'A'}${own.slice(at + 1)}`;
    if (at % 8 === 0) yield own.slice(0, at);
  }
  const [mine, theirs] = [own.split('.'), foreign.split('.')];
  for (const [part] of mine.entries()) {
    yield mine.with(part, theirs[part] ?? '').join('.');
    yield mine.with(part, '').join('.');
    yield mine.with(part, `${mine[part]}${mine[part]}`).join('.');
    yield mine.toSpliced(part, 1).join('.');
  }
  yield foreign;
  yield `${own}.`;
  yield `${own}.AAAA`;
  yield ` ${own}`;
}

interface Breakable {
  readonly state: DurableState;
  away: boolean;
  asked: number;
}

/** A state whose reads and writes fail while it is away; news still come. */
function breakable(state: DurableState): Breakable {
  const flaky: Breakable = { state: { ...state }, away: false, asked: 0 };
  const guarded =
    <A extends unknown[], R>(method: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      flaky.asked += 1;
      if (flaky.away) throw new Error('away');
      return method(...args);
    };
  const { get, put, members, addMember, removeMember, lock } = state;
  Object.assign(flaky.state, {
    get: guarded(get),
    put: guarded(put),
    members: guarded(members),
    addMember: guarded(addMember),
    removeMember: guarded(removeMember),
    lock: guarded(lock),
  });
  return flaky;
}
