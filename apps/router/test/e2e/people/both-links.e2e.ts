import { expect, it, vi } from 'vitest';

import { call, listOf, outcomeOf } from './mcp-answers.ts';
import { askMcp } from './oauth-client.ts';
import { type PeopleEstate, startPeopleEstate } from './people-estate.ts';
import { createPerson, type TestPerson } from './test-person.ts';

/** What only a token opens, what only a consent opens, and what both do. */
const TOOLS = {
  token: 'getJsmOpsAlerts',
  oauth: 'getCompassComponentTypes',
  both: 'atlassianUserInfo',
} as const;

type Kinds = Readonly<Record<keyof typeof TOOLS, boolean>>;

interface Linked {
  readonly estate: PeopleEstate;
  readonly alice: TestPerson;
  readonly token: string;
}

async function linkBoth(): Promise<Linked> {
  const estate = await startPeopleEstate({ sites: [{ name: 'eng', alias: 'eng', path: '/v1/mcp/authv2' }] });
  const alice = createPerson(estate, 'alice');
  const { access_token: token } = await alice.connect();
  await alice.linkByOauth('eng');
  await alice.linkByToken('eng', 'demo-alice-token');
  return { estate, alice, token };
}

/** List, call and explanation of each tool, which must be of one mind (I2). */
async function servedBy({ estate: { url }, token }: Linked): Promise<Kinds> {
  const { names } = await listOf(url, token);
  const kinds = Object.entries(TOOLS).map(async ([kind, tool]) => {
    const outcome = await outcomeOf(url, token, [`eng__${tool}`, {}]);
    const why = await askMcp(url, token, call('switchyard_explain', { tool, site: 'eng' }));
    const verdict = /^\S+ on eng: (\w+)/.exec(why.body.result?.content?.[0]?.text ?? '')?.[1];
    const seen = {
      listed: names.includes(`eng__${tool}`),
      called: outcome === 'ok',
      explained: verdict === 'available',
    };
    expect([tool, new Set(Object.values(seen)).size, seen, outcome]).toEqual([tool, 1, seen, outcome]);
    return [kind, seen.listed] as const;
  });
  return Object.fromEntries(await Promise.all(kinds)) as Kinds;
}

it('serves with two credentials what each of them opens', async () => {
  expect(await servedBy(await linkBoth())).toEqual({ token: true, oauth: true, both: true });
});

it.each<[string, (linked: Linked) => unknown, Kinds]>([
  [
    'the token is unlinked',
    ({ alice }) => alice.unlink('eng', 'token'),
    { token: false, oauth: true, both: true },
  ],
  [
    'the consent is unlinked',
    ({ alice }) => alice.unlink('eng', 'oauth'),
    { token: true, oauth: false, both: true },
  ],
  [
    'Atlassian ended the consent',
    ({ estate }) => {
      const { oauth } = estate.emulator.control;
      for (const { id } of oauth.grants()) oauth.revokeGrant(id);
    },
    { token: true, oauth: false, both: true },
  ],
])('goes on with the other credential when %s (I3)', async (_what, end, served) => {
  const linked = await linkBoth();
  await servedBy(linked);

  await end(linked);
  // Whoever ended it at Atlassian told nobody: the first calls find out.
  await vi.waitFor(async () => expect(await servedBy(linked)).toEqual(served), { timeout: 5_000 });
});
