import { defaultAccounts, type EmulatedAccount } from '@switchyard/rovo-emulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { basic, CLOUD_IDS, CREDENTIALS, type Estate, startEstate } from '../estate.ts';
import { createTraffic, type PlannedCall } from './traffic.ts';

/** `npm run hostile` has 100,000. */
const CALLS = Number(process.env['ISOLATION_CALLS'] ?? 20_000);
const AT_ONCE = 64;
/** Reached by the calls that are meant to, and not by the others of a busy machine. */
const CALL_TIMEOUT_MS = 2_000;

const MORE = Array.from({ length: 5 }, (_, index) => `user${index}@demo.example`);
const ALL_SITES = Object.values(CLOUD_IDS);
const ACCOUNTS: readonly EmulatedAccount[] = [
  ...defaultAccounts,
  ...MORE.map((email) => ({
    accountId: `712020:${email}`,
    email,
    name: email,
    sites: ALL_SITES,
    credentials: [{ kind: 'api-token' as const, secret: `token-of-${email}` }],
  })),
];

/** Reaches one site of the three. */
const BOB = '712020:bob';

/** Who calls, by the account that upstream must see. */
const CALLERS: ReadonlyMap<string, string> = new Map([
  ['712020:alice', CREDENTIALS.alice],
  [BOB, CREDENTIALS.bob],
  ['712020:service-bot', CREDENTIALS.service],
  ...MORE.map((email) => [`712020:${email}`, basic(email, `token-of-${email}`)] as const),
]);

/** Ids that every caller uses again and again, some of which only differ in type. */
const ID_TEXTS = ['1', '"1"', '0', '2', '-1', '"result"', '9007199254740993', '"g-1"'] as const;

/** Tools that answer what they were asked, by site: most are quick, few late, and one is later than the time limit. */
const TOOLS = {
  eng: {
    read: ['getJiraProjectVersions', 'projectIdOrKey'],
    write: ['watchJiraIssue', 'issueIdOrKey'],
    late: ['getJiraUser', 'accountId'],
    tooLate: ['getJiraProjectVersionRelatedWork', 'versionId'],
  },
  ops: {
    read: ['getJiraIssueRemoteIssueLinks', 'issueIdOrKey'],
    write: ['createConfluenceFooterComment', 'body'],
    late: ['getConfluencePageAncestors', 'pageId'],
    tooLate: ['getConfluenceCommentChildren', 'commentId'],
  },
  labs: {
    read: ['getJiraProjectVersions', 'projectIdOrKey'],
    write: ['watchJiraIssue', 'issueIdOrKey'],
    late: ['getJiraUser', 'accountId'],
    tooLate: ['getJiraProjectVersionRelatedWork', 'versionId'],
  },
} as const;

const NAMESPACES = { eng: 'eng', ops: 'ops', labs: '33333333' } as const;
const SITES = ['eng', 'ops', 'labs'] as const;
const DELAYS_MS = { late: 30, tooLate: CALL_TIMEOUT_MS * 2 } as const;

/** How upstream frames its answers, in turn. */
const FRAMINGS = [
  { framing: 'json', idLast: false },
  { framing: 'json', idLast: true },
  { framing: 'sse', idLast: false },
  { framing: 'sse', idLast: true },
] as const;
const FRAMING_LASTS = 500;

let estate: Estate;
beforeAll(async () => {
  estate = await startEstate({
    more: `limits: { callTimeoutMs: ${CALL_TIMEOUT_MS} }`,
    emulator: { accounts: ACCOUNTS, settings: { journalLimit: CALLS * 2 } },
  });
  for (const as of CALLERS.values()) expect((await estate.list({ as })).names.length).toBeGreaterThan(1);
  for (const site of SITES) {
    for (const [kind, ms] of Object.entries(DELAYS_MS) as ['late' | 'tooLate', number][]) {
      const match = { tool: TOOLS[site][kind][0], cloudId: CLOUD_IDS[site] };
      estate.emulator.control.addFault({ match, effect: { kind: 'slow', ms } });
    }
  }
});
afterAll(() => estate.close());

/** Asked by Switchyard itself, once more when a verdict is five minutes old. */
const OWN: readonly string[] = ['atlassianUserInfo', 'getAccessibleAtlassianResources'];

type Kind = keyof (typeof TOOLS)['eng'];

/** One call in 200 is too late, one late, and one in four of the rest a write. */
function kindOf(place: number): Kind {
  if (place === 0) return 'tooLate';
  if (place === 1) return 'late';
  return place % 4 === 2 ? 'write' : 'read';
}

const CALLER_IDS = [...CALLERS.keys()];

function plan(number: number): PlannedCall {
  const roll = createDice(number);
  const caller = pick(CALLER_IDS, roll());
  const site = pick(SITES, roll());
  const idText = pick(ID_TEXTS, roll());
  const [tool, argument] = TOOLS[site][kindOf(roll() % 200)];
  return {
    caller,
    authorization: CALLERS.get(caller) ?? '',
    idText,
    name: `${NAMESPACES[site]}__${tool}`,
    tool,
    cloudId: CLOUD_IDS[site],
    argument,
    // What looks like an id inside an answer must not be taken for one.
    marker: `${caller}|${number}|{"id":${idText},"result":1}`,
    isForbidden: caller === BOB && site !== 'ops',
    leavesEarly: roll() % 200 === 0,
  };
}

/** Numbers that look like chance and are the same in every run (mulberry32). */
function createDice(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

function pick<T>(values: readonly T[], index: number): T {
  const value = values[index % values.length];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
}

describe('many callers at once, all using the same ids', () => {
  it(`give ${CALLS} answers to none but the one who asked`, { timeout: 60_000 + CALLS * 10 }, async () => {
    const traffic = createTraffic(`${estate.url}/mcp`, { connections: AT_ONCE });
    estate.emulator.control.clearRequests();

    const tally = await traffic.run({
      count: CALLS,
      plan,
      beforeEach(number) {
        if (number % FRAMING_LASTS !== 0) return;
        estate.emulator.control.updateSettings(pick(FRAMINGS, number / FRAMING_LASTS));
      },
    });
    traffic.close();

    expect(tally.wrong).toEqual([]);
    expect(Object.values(tally.answers).reduce((sum, count) => sum + count, 0)).toBe(CALLS);
    expect(Math.min(...Object.values(tally.answers))).toBeGreaterThan(0);
    expect(tally.answers.own).toBeGreaterThan(CALLS * 0.8);
  });

  it('reached the sites with their own credential and session each', () => {
    const calls = estate.emulator.control.requests().filter(({ method }) => method === 'tools/call');
    const owners = new Map<string, string>();
    const asked = new Set<string>();
    const strays = calls.filter(({ account = '', sessionId = '', rpcId, tool = '', arguments: args }) => {
      const owner = owners.get(sessionId) ?? account;
      owners.set(sessionId, owner);
      const request = `${sessionId} ${JSON.stringify(rpcId)}`;
      const isRepeated = asked.has(request);
      asked.add(request);
      const isTheirs = OWN.includes(tool) || JSON.stringify(args).includes(`"${account}|`);
      return owner !== account || isRepeated || !isTheirs;
    });

    expect(calls.length).toBeGreaterThan(CALLS * 0.8);
    expect(strays).toEqual([]);
    expect(new Set(owners.values())).toEqual(new Set(CALLERS.keys()));
  });
});
