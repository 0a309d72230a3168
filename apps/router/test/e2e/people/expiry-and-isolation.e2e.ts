import { setTimeout as delay } from 'node:timers/promises';

import type { Emulator } from '@switchyard/rovo-emulator';
import { expect, it } from 'vitest';

import { CLOUD_IDS } from '../estate.ts';
import { call, outcomeOf } from './mcp-answers.ts';
import { LINKABLE_SITES, startPeopleEstate } from './people-estate.ts';
import { createPerson, type SiteName } from './test-person.ts';

const ISSUE = ['eng__getJiraIssue', { issueIdOrKey: 'ENG-1' }] as const;
const CALLS = 200;
const LIFE_SECONDS = 1;

const PROJECTS_OF_OPS = ['ops__getVisibleJiraProjects', {}] as const;

it.each<[string, (emulator: Emulator) => Promise<unknown> | number]>([
  ['at the moment of expiry', () => delay(LIFE_SECONDS * 1_000)],
  ['that Atlassian ended before its time', ({ control }) => control.oauth.expireAccessTokens()],
])('renews once for 200 calls with a token %s, and fails none of them', async (_what, end) => {
  const estate = await startPeopleEstate({ sites: LINKABLE_SITES });
  const { url, emulator } = estate;
  const alice = createPerson(estate, 'alice');
  const { access_token: token } = await alice.connect();
  emulator.control.updateSettings({ oauthAccessTokenSeconds: LIFE_SECONDS });
  await alice.linkByOauth('eng');
  emulator.control.updateSettings({ oauthAccessTokenSeconds: 3_300, oauthTokenDelayMs: 50 });
  await end(emulator);
  emulator.control.oauth.clearCounts();

  const outcomes = await Promise.all(Array.from({ length: CALLS }, () => outcomeOf(url, token, ISSUE)));

  expect(outcomes.filter((outcome) => outcome !== 'ok')).toEqual([]);
  expect(emulator.control.oauth.counts().refreshRequests).toBe(1);
  // Nothing of it touched the other sites.
  expect(await outcomeOf(url, token, PROJECTS_OF_OPS)).toBe('not_connected');
});

const PEOPLE = ['alice', 'bob', 'carol'] as const;
const SITES = Object.keys(CLOUD_IDS) as SiteName[];
const PREFIX: Readonly<Record<SiteName, string>> = { eng: 'eng', ops: 'ops', labs: '33333333' };
const PROJECTS: Readonly<Record<SiteName, string>> = { eng: 'ENG', ops: 'OPS', labs: 'LAB' };
const ROUNDS = 2_000;
const AT_ONCE = 64;

it('gives nobody an answer of another account or site, in 2,000 calls that share their ids (I1)', async () => {
  const accounts = PEOPLE.map((name) => ({
    accountId: `712020:${name}`,
    email: `${name}@demo.example`,
    name,
    sites: Object.values(CLOUD_IDS),
    credentials: [],
  }));
  const estate = await startPeopleEstate({
    sites: LINKABLE_SITES,
    emulator: { accounts, settings: { structuredContent: false } },
  });
  const tokens = new Map<string, string>();
  for (const name of PEOPLE) {
    const person = createPerson(estate, name);
    tokens.set(name, (await person.connect()).access_token);
    for (const site of SITES) await person.linkByOauth(site);
  }

  const wrong: unknown[] = [];
  const seen = new Set<string>();
  let next = 0;
  async function worker(): Promise<void> {
    for (let at = next++; at < ROUNDS; at = next++) {
      const name = PEOPLE[at % 3] ?? 'alice';
      const site = SITES[Math.floor(at / 3) % 3] ?? 'eng';
      const asksWho = at % 2 === 0;
      const tool = asksWho ? 'atlassianUserInfo' : 'getJiraIssue';
      const args = asksWho ? {} : { issueIdOrKey: `${PROJECTS[site]}-1` };
      const response = await fetch(`${estate.url}/mcp`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          authorization: `Bearer ${tokens.get(name) ?? ''}`,
        },
        // Everybody counts in the same few ids.
        body: JSON.stringify({ jsonrpc: '2.0', id: at % 5, ...call(`${PREFIX[site]}__${tool}`, args) }),
      });
      const text = await response.text();
      const others = [
        ...PEOPLE.filter((other) => asksWho && other !== name).map((other) => `${other}@demo.example`),
        ...SITES.filter((other) => other !== site).map((other) => `${PROJECTS[other]}-1`),
      ];
      const own = asksWho ? `${name}@demo.example` : `${PROJECTS[site]}-1`;
      const right = text.includes(own) && (JSON.parse(text) as { id: number }).id === at % 5;
      if (!right || others.some((other) => text.includes(other))) wrong.push([name, site, tool, text]);
      seen.add(`${name} ${site} ${tool}`);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker));

  expect(wrong.slice(0, 3)).toEqual([]);
  expect(seen.size).toBe(18);
  const asked = estate.emulator.control.requests().filter(({ tool }) => tool === 'getJiraIssue');
  expect(new Set(asked.map(({ account }) => account)).size).toBe(3);
});
