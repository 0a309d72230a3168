import { describe, expect, it } from 'vitest';

import {
  ALICE,
  BOB,
  createBench,
  ENG,
  everyLink,
  oauthLink,
  onlyLink,
  OPS,
  soon,
  START,
  STATES,
  tokenLink,
} from './fixture.ts';

describe.each(STATES)('a vault over %s', (_name, openStates) => {
  it('knows nothing of a person who linked nothing', async () => {
    const { one } = createBench(openStates);
    expect(await one.linksOf(ALICE)).toEqual([]);
    expect(await one.remove(ALICE, ENG, 'oauth')).toBe(false);
    expect(await one.removePerson(ALICE)).toBe(0);
  });

  it('gives back what was linked, on every replica', async () => {
    const { one, other } = createBench(openStates);
    await one.put(ALICE, oauthLink(ENG));
    for (const vault of [one, other]) {
      const link = await onlyLink(vault);
      expect(link).toMatchObject({
        cloudId: ENG,
        kind: 'oauth',
        status: 'ok',
        accountId: 'account-1',
        email: 'alice@acme.example',
        displayName: 'Alice',
        scopes: ['read:jira:agent-interface'],
        linkedAt: START,
      });
      expect(link.credential.kind).toBe('bearer');
      expect(link.credential.authorization.reveal()).toBe('Bearer 1-access-1');
      expect(link.fresh()).toBeUndefined();
    }
  });

  it('names a credential alike on every replica', async () => {
    const { one, other } = createBench(openStates);
    await one.put(ALICE, oauthLink(ENG));
    expect((await onlyLink(one)).credential.id).toBe((await onlyLink(other)).credential.id);
  });

  it('keeps both kinds for one site, and sites apart', async () => {
    const { one } = createBench(openStates);
    await one.put(ALICE, tokenLink(OPS));
    await one.put(ALICE, tokenLink(ENG));
    await one.put(ALICE, oauthLink(ENG));
    const links = await one.linksOf(ALICE);
    expect(links.map(({ cloudId, kind }) => [cloudId, kind])).toEqual([
      [ENG, 'oauth'],
      [ENG, 'token'],
      [OPS, 'token'],
    ]);
    expect(new Set(links.map(({ credential }) => credential.id)).size).toBe(3);
  });

  it('sees on the other replica within a second that something was linked', async () => {
    const { one, other } = createBench(openStates);
    expect(await other.linksOf(ALICE)).toEqual([]);
    await one.put(ALICE, oauthLink(ENG));
    await soon(async () => expect(await other.linksOf(ALICE)).toHaveLength(1));
  });

  it('sees on the other replica within a second that something was unlinked, also in an object that is held', async () => {
    const { one, other } = createBench(openStates);
    await one.put(ALICE, oauthLink(ENG));
    const held = await onlyLink(other);
    expect(await one.remove(ALICE, ENG, 'oauth')).toBe(true);
    await soon(async () => expect(await other.linksOf(ALICE)).toEqual([]));
    expect(held.status).toBe('needs-reconnect');
    expect(held.credential.authorization.reveal()).toBe('');
  });

  it('revokes a grant when it is unlinked', async () => {
    const { one, server, events } = createBench(openStates);
    await one.put(ALICE, oauthLink(ENG));
    await one.remove(ALICE, ENG, 'oauth');
    await soon(() => expect(server.revoked).toEqual(['1-refresh-1']));
    expect(events).toContainEqual({ type: 'unlinked', name: { person: ALICE, cloudId: ENG, kind: 'oauth' } });
  });

  it('unlinks although the authorization server does not answer', async () => {
    const { one, server, events } = createBench(openStates);
    server.revoke = () => Promise.reject(new Error('away'));
    await one.put(ALICE, oauthLink(ENG));
    expect(await one.remove(ALICE, ENG, 'oauth')).toBe(true);
    expect(await one.linksOf(ALICE)).toEqual([]);
    await soon(() =>
      expect(events).toContainEqual({
        type: 'revocation-failed',
        name: { person: ALICE, cloudId: ENG, kind: 'oauth' },
      }),
    );
  });

  it('is another credential when the same account is linked again', async () => {
    const { one } = createBench(openStates);
    await one.put(ALICE, tokenLink(ENG));
    const before = await onlyLink(one);
    await one.put(ALICE, tokenLink(ENG));
    const after = await onlyLink(one);
    expect(after.credential.id).not.toBe(before.credential.id);
    expect(before.status).toBe('needs-reconnect');
  });

  it('removes all of one person and nothing of another', async () => {
    const { one, other } = createBench(openStates);
    await one.put(ALICE, oauthLink(ENG));
    await one.put(ALICE, tokenLink(OPS));
    await other.put(BOB, tokenLink(ENG));
    expect(await one.removePerson(ALICE)).toBe(2);
    expect(await one.linksOf(ALICE)).toEqual([]);
    expect(await one.linksOf(BOB)).toHaveLength(1);
  });

  it('lists every link for admins without what opens a site (I5)', async () => {
    const { one } = createBench(openStates);
    await one.put(ALICE, oauthLink(ENG));
    await one.put(BOB, tokenLink(OPS, START + 1_000));
    const all = await everyLink(one);
    expect(all.toSorted((a, b) => a.person.localeCompare(b.person))).toEqual([
      {
        person: ALICE,
        cloudId: ENG,
        kind: 'oauth',
        status: 'ok',
        accountId: 'account-1',
        email: 'alice@acme.example',
        displayName: 'Alice',
        scopes: ['read:jira:agent-interface'],
        linkedAt: START,
      },
      {
        person: BOB,
        cloudId: OPS,
        kind: 'token',
        status: 'ok',
        email: 'alice@acme.example',
        scopes: [],
        linkedAt: START,
        expiresAt: START + 1_000,
      },
    ]);
    await one.removePerson(BOB);
    expect(await everyLink(one)).toHaveLength(1);
  });

  it('says that a token needs reconnecting once its day has come', async () => {
    const { one, clock } = createBench(openStates);
    await one.put(ALICE, tokenLink(ENG, START + 1_000));
    const link = await onlyLink(one);
    expect([link.status, link.expiresAt, link.fresh()]).toEqual(['ok', START + 1_000, undefined]);
    clock.pass(1_000);
    expect(link.status).toBe('needs-reconnect');
  });

  it('leaves a token alone for a minute after the site refused it', async () => {
    const { one, clock } = createBench(openStates);
    await one.put(ALICE, tokenLink(ENG));
    const link = await onlyLink(one);
    link.refused();
    expect(link.status).toBe('needs-reconnect');
    clock.pass(60_000);
    expect(link.status).toBe('ok');
  });

  it('reads the store once for many who ask', async () => {
    const { one, states, open } = createBench(openStates);
    await one.put(ALICE, tokenLink(ENG));
    let reads = 0;
    const counting = open({
      state: {
        ...states.one,
        get: (key) => {
          reads += 1;
          return states.one.get(key);
        },
      },
    });
    const answers = await Promise.all(Array.from({ length: 200 }, () => counting.linksOf(ALICE)));
    expect(new Set(answers).size).toBe(1);
    // Once more when the news of the link come only now.
    expect(reads).toBeLessThanOrEqual(2);
  });
});
