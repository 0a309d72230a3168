import { type Caller, Secret } from '@switchyard/catalogue';
import { describe, expect, it } from 'vitest';

import {
  type AuthOutcome,
  createOwnTokens,
  type Identified,
  IdentityError,
  type OwnTokens,
  type OwnVerdict,
} from '../src/index.ts';

const TOKEN = 'aaa.bbb.ccc';
const PLACE = { resource: 'https://mcp.acme.example/mcp' };

function identifiedAs(id: string): Identified {
  const caller: Caller = { id, method: 'oauth', groups: [], cloudIds: new Set() };
  return { ok: true, caller, links: new Map(), seal: { id, secret: new Secret(id) } };
}

interface Setup {
  readonly tokens: OwnTokens;
  readonly asked: string[];
  readonly clock: { now: number };
  answer(verdict: OwnVerdict | Error): void;
}

function setUp(): Setup {
  const asked: string[] = [];
  const clock = { now: 1_000 };
  let next: OwnVerdict | Error = { ok: false };
  const tokens = createOwnTokens({
    now: () => clock.now,
    goodMs: 60_000,
    badMs: 10_000,
    issuesJwts: true,
    async verify(token, resource) {
      asked.push(`${token} ${resource}`);
      if (next instanceof Error) throw next;
      return next;
    },
  });
  return { tokens, asked, clock, answer: (verdict) => void (next = verdict) };
}

function goodFor(id: string, expiresAtMs = 1_000_000, restsOn: string[] = [`person:${id}`]): OwnVerdict {
  return { ok: true, identified: { ...identifiedAs(id), restsOn }, expiresAtMs };
}

function said(outcome: AuthOutcome): string {
  return outcome.ok ? outcome.caller.id : outcome.refusal.reason;
}

describe('a token of our own', () => {
  it.each([
    ['an access token', TOKEN, true],
    ['an enrolled token', 'swy_pat_abc', true],
    ['a service-account key', 'ATSTT3xFfGF0', false],
    ['an encrypted token', 'a.b.c.d.e', false],
    ['nothing', '', false],
  ])('is known by its form: %s', (_what, token, ours) => {
    expect(setUp().tokens.recognises(token)).toBe(ours);
  });

  it('is refused in one text, and not asked about again for a moment, when it is bad', async () => {
    const { tokens, asked, clock } = setUp();

    expect(said(await tokens.authenticate(TOKEN, PLACE))).toBe('bad_token');
    expect(said(await tokens.authenticate(TOKEN, PLACE))).toBe('bad_token');
    expect(asked).toHaveLength(1);
    clock.now += 10_000;
    await tokens.authenticate(TOKEN, PLACE);
    expect(asked).toHaveLength(2);
  });

  it('lets nobody in while the store of grants does not answer, and remembers nothing of it', async () => {
    const { tokens, answer } = setUp();
    answer(new IdentityError('state_unavailable', 'away'));

    expect(said(await tokens.authenticate(TOKEN, PLACE))).toBe('state_unavailable');
    answer(goodFor('ann'));
    expect(said(await tokens.authenticate(TOKEN, PLACE))).toBe('ann');
  });

  it('is remembered, but never longer than it lives', async () => {
    const { tokens, asked, clock, answer } = setUp();
    answer(goodFor('ann', 31_000));
    await tokens.authenticate(TOKEN, PLACE);

    expect(tokens.authenticate(TOKEN, PLACE)).not.toBeInstanceOf(Promise);
    clock.now = 31_000;
    answer({ ok: false });
    expect(said(await tokens.authenticate(TOKEN, PLACE))).toBe('bad_token');
    expect(asked).toHaveLength(2);
  });

  it('is good at the URL that it is for and asked about anew at every other', async () => {
    const { tokens, asked, answer } = setUp();
    const connection = {};
    answer(goodFor('ann'));
    await tokens.authenticate(TOKEN, { ...PLACE, connection });
    answer({ ok: false });

    const elsewhere = { resource: `${PLACE.resource}/sites/eng`, connection };
    expect(said(await tokens.authenticate(TOKEN, elsewhere))).toBe('bad_token');
    expect(asked).toHaveLength(2);
  });

  it('asks once for all who come at the same time', async () => {
    const { tokens, asked, answer } = setUp();
    answer(goodFor('ann'));
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, async () => tokens.authenticate(TOKEN, PLACE)),
    );

    expect(outcomes.map(said)).toEqual(Array(20).fill('ann'));
    expect(asked).toHaveLength(1);
  });

  it('is forgotten with what it rests on, and only with that', async () => {
    const { tokens, asked, answer } = setUp();
    answer(goodFor('ann', 1_000_000, ['grant:1', 'person:ann']));
    await tokens.authenticate(TOKEN, PLACE);
    tokens.forget('grant:2');
    await tokens.authenticate(TOKEN, PLACE);
    expect(asked).toHaveLength(1);

    tokens.forget('grant:1');
    answer({ ok: false });
    expect(said(await tokens.authenticate(TOKEN, PLACE))).toBe('bad_token');
  });

  it('is not remembered when it was revoked while it was being looked at', async () => {
    const { tokens, asked, answer } = setUp();
    answer(goodFor('ann'));
    const early = tokens.authenticate(TOKEN, PLACE);
    tokens.forget('person:ann');
    await early;
    await tokens.authenticate(TOKEN, PLACE);

    expect(asked).toHaveLength(2);
  });
});
