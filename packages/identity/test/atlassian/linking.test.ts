import { describe, expect, it, onTestFinished } from 'vitest';

import type { LinkJudgeOptions } from '../../src/atlassian/link-judgement.ts';
import type { LinkingOptions } from '../../src/atlassian/linking.ts';
import {
  createLinking,
  createVault,
  createMemoryState,
  type Linking,
  type Verification,
} from '../../src/index.ts';
import type { Vault } from '../../src/index.ts';
import { ringOf } from '../vault/fixture.ts';
import { backWith, CLOUD_ID, type FakeAtlassian, openOauth, startAtlassian } from './fixture.ts';

const OTHER_SITE = '11111111-aaaa-4aaa-8aaa-000000000002';
const ALICE = { id: 'person-alice', email: 'alice@acme.example', browser: 'browser-of-alice' };
const PASTED = { email: 'alice@acme.example', apiToken: 'ATATT-token' };
const VERIFIED: Verification = {
  kind: 'verified',
  accountId: 'account-alice',
  email: 'Alice@Acme.example',
  displayName: 'Alice',
  cloudIds: [CLOUD_ID, OTHER_SITE],
};

interface Desk {
  readonly linking: Linking;
  readonly vault: Vault;
  readonly atlassian: FakeAtlassian;
  /** What each real call was made with. */
  readonly seen: string[];
  /** From the button to the answer, as this person. */
  consent(person?: typeof ALICE): ReturnType<Linking['finishOauth']>;
  paste(token?: Partial<typeof PASTED & { expiresAt: number }>): ReturnType<Linking['linkToken']>;
}

async function openDesk(
  found: Verification = VERIFIED,
  changed: Partial<LinkJudgeOptions & LinkingOptions> = {},
): Promise<Desk> {
  const atlassian = await startAtlassian();
  const oauth = openOauth();
  const credentialKey = new Uint8Array(32).fill(7);
  const vault = createVault({
    state: createMemoryState({ maxEntries: 100 }),
    keys: ringOf('k1'),
    grants: oauth,
    credentialKey,
  });
  onTestFinished(() => vault.close());
  const seen: string[] = [];
  const site = { cloudId: CLOUD_ID, endpoint: atlassian.endpoint };
  const linking = createLinking({
    vault,
    oauth,
    credentialKey,
    verify: async ({ authorization }) => {
      seen.push(authorization.reveal());
      return found;
    },
    listTools: async () => ['atlassianUserInfo', 'getJiraIssue'],
    siteOf: () => site,
    allowOtherAccounts: () => false,
    now: () => 1_000,
    ...changed,
  });
  return {
    linking,
    vault,
    atlassian,
    seen,
    async consent(person = ALICE) {
      const address = new URL(await linking.beginOauth(ALICE, site));
      return linking.finishOauth(person, backWith(address.searchParams.get('state'), atlassian));
    },
    paste: (token = {}) => linking.linkToken(ALICE, site, { ...PASTED, ...token }),
  };
}

/** Both ways of linking, each judged by the same rules. */
const WAYS = ['consent', 'paste'] as const;

describe.each(WAYS)('linking by %s', (way) => {
  it.each([
    [
      'a credential that Atlassian does not know',
      { kind: 'refused', reason: 'bad_credential' },
      'bad_credential',
    ],
    ['a credential of a kind that opens no tools', { kind: 'refused', reason: 'wrong_kind' }, 'wrong_kind'],
    ['API tokens turned off', { kind: 'refused', reason: 'disabled_upstream' }, 'disabled_upstream'],
    ['an IP allowlist', { kind: 'refused', reason: 'ip_refused_upstream' }, 'ip_refused_upstream'],
    ['a site that does not answer', { kind: 'unreachable' }, 'unverified'],
    ['another site', { ...VERIFIED, cloudIds: [OTHER_SITE] }, 'wrong_site'],
    ['no site', { ...VERIFIED, cloudIds: [] }, 'wrong_site'],
    ['the account of somebody else', { ...VERIFIED, email: 'bob@acme.example' }, 'other_account'],
  ] as const)('stores nothing for %s', async (_what, found, problem) => {
    const desk = await openDesk(found);
    expect(await desk[way]()).toMatchObject({ ok: false, problem, cloudId: CLOUD_ID });
    expect(await desk.vault.linksOf(ALICE.id)).toEqual([]);
    expect(desk.seen).toHaveLength(1);
  });

  it.each([
    [
      'only the tools of every account',
      async () => ['atlassianUserInfo', 'getTeamworkGraphContext'],
      'under_scoped',
    ],
    ['no tools', async () => [], 'under_scoped'],
    ['no list', () => Promise.reject(new Error('away')), 'unverified'],
  ])('stores nothing for a credential with %s', async (_what, listTools, problem) => {
    const desk = await openDesk(VERIFIED, { listTools });
    expect(await desk[way]()).toMatchObject({ ok: false, problem });
    expect(await desk.vault.linksOf(ALICE.id)).toEqual([]);
  });

  it('stores nothing when the verification throws', async () => {
    const desk = await openDesk(VERIFIED, { verify: () => Promise.reject(new Error('a bug')) });
    expect(await desk[way]()).toMatchObject({ ok: false, problem: 'unverified' });
  });

  it('stores what was verified, under the account that it really is', async () => {
    const desk = await openDesk();
    expect(await desk[way]()).toMatchObject({
      ok: true,
      cloudId: CLOUD_ID,
      account: { displayName: 'Alice' },
    });
    const links = await desk.vault.linksOf(ALICE.id);
    expect(links).toHaveLength(1);
    expect(links[0]).toMatchObject({ cloudId: CLOUD_ID, accountId: 'account-alice', status: 'ok' });
    expect(links[0]?.credential.authorization.reveal()).toBe(desk.seen[0]);
  });

  it('takes an account with another address where the admin allows it', async () => {
    const desk = await openDesk(
      { ...VERIFIED, email: 'alice@home.example' },
      { allowOtherAccounts: () => true },
    );
    const email = way === 'paste' ? { email: 'alice@home.example' } : undefined;
    const outcome = way === 'paste' ? await desk.paste(email) : await desk.consent();
    expect(outcome.ok).toBe(true);
  });

  it('takes an account whose address nobody told', async () => {
    const { email: _, ...nameless } = { ...VERIFIED, email: '' };
    const desk = await openDesk(nameless);
    expect((await desk[way]()).ok).toBe(true);
  });
});

describe('linking by a consent', () => {
  it('revokes a grant that is not kept, such as one for the wrong site, and says which it opens', async () => {
    const desk = await openDesk({ ...VERIFIED, cloudIds: [OTHER_SITE] });
    expect(await desk.consent()).toEqual({
      ok: false,
      problem: 'wrong_site',
      cloudId: CLOUD_ID,
      cloudIds: [OTHER_SITE],
    });
    await expect.poll(() => desk.atlassian.sentTo('/oauth/revoke')).toHaveLength(1);
  });

  it('refuses the answer in another browser or of another person', async () => {
    const desk = await openDesk();
    for (const person of [
      { ...ALICE, browser: 'another' },
      { ...ALICE, id: 'person-mallory' },
    ])
      expect(await desk.consent(person)).toEqual({ ok: false, problem: 'attempt_unknown' });
    expect(desk.seen).toEqual([]);
  });

  it('keeps nothing for a site that is no longer open to the person', async () => {
    const desk = await openDesk(VERIFIED, { siteOf: () => undefined });
    expect(await desk.consent()).toEqual({ ok: false, problem: 'no_such_site', cloudId: CLOUD_ID });
    expect(desk.seen).toEqual([]);
    await expect.poll(() => desk.atlassian.sentTo('/oauth/revoke')).toHaveLength(1);
  });
});

describe('linking by a token', () => {
  it.each([
    ['nothing', { apiToken: '' }],
    ['a text with spaces', { apiToken: 'two words' }],
    ['a line end inside', { apiToken: 'a\nb' }],
    ['no address', { email: 'alice' }],
    ['a colon in the address', { email: 'alice@acme.example:x' }],
    ['a control character', { apiToken: 'a\u0000b' }],
  ])('asks nobody about %s', async (_what, pasted) => {
    const desk = await openDesk();
    expect((await desk.paste(pasted)).ok).toBe(false);
    expect(desk.seen).toEqual([]);
  });

  it("asks nobody about somebody else's address (T20, T21)", async () => {
    const desk = await openDesk();
    expect(await desk.paste({ email: 'bob@acme.example' })).toMatchObject({ problem: 'other_account' });
    expect(desk.seen).toEqual([]);
  });

  it('asks nobody about a token whose day is over', async () => {
    const desk = await openDesk();
    expect(await desk.paste({ expiresAt: 1_000 })).toMatchObject({ problem: 'expired' });
    expect(desk.seen).toEqual([]);
  });

  it('cuts what pasting adds around it, and keeps the day', async () => {
    const desk = await openDesk();
    await desk.paste({ apiToken: '  ATATT-token\n', email: ' alice@acme.example ', expiresAt: 90_000 });
    expect(desk.seen).toEqual([`Basic ${Buffer.from('alice@acme.example:ATATT-token').toString('base64')}`]);
    expect((await desk.vault.linksOf(ALICE.id))[0]?.expiresAt).toBe(90_000);
  });

  it('refuses a token of another account than the address says', async () => {
    const desk = await openDesk(
      { ...VERIFIED, email: 'carol@acme.example' },
      { allowOtherAccounts: () => true },
    );
    expect(await desk.paste()).toMatchObject({ problem: 'other_account' });
  });
});
