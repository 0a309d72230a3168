import { describe, expect, it } from 'vitest';

import { createInbound, IdentityError, type InboundOptions, type Verification } from '../src/index.ts';
import { badHeaders, basic } from './headers.ts';
import {
  ALICE,
  answerOf,
  BOB,
  createFixture,
  CREDENTIAL_KEY,
  identified,
  settle,
  SITE,
  verifiedAlice,
  verifyWith,
} from './inbound-fixture.ts';

async function callerOf(header: string, verification: Verification): Promise<ReturnType<typeof identified>> {
  return identified(await verifyWith(createFixture(), header, verification));
}

describe('who is refused', () => {
  it.each([
    ['a good credential', ALICE, 'basic'],
    ['a service key', 'Bearer canary-key', 'bearer'],
    ['garbage', 'Basic !!!', 'basic'],
    ['a raw token', 'canary-token', 'other'],
  ])('does not look at %s when API tokens are turned off', (_name, header, method) => {
    const { inbound, asked, failures } = createFixture({ apiToken: { enabled: false } });

    expect(answerOf(inbound.authenticate(header))).toBe('disabled');
    expect(asked).toHaveLength(0);
    expect(failures).toEqual([{ method, reason: 'disabled', cause: 'disabled' }]);
  });

  it.each(badHeaders)(
    'never verifies %s and counts it by method and cause',
    (_name, header, method, cause) => {
      const { inbound, asked, failures } = createFixture();

      const outcome = inbound.authenticate(header);

      const reason = cause === 'none' ? 'none' : 'malformed';
      expect(answerOf(outcome)).toBe(reason);
      expect(failures).toEqual([{ method, reason, cause }]);
      expect(asked).toHaveLength(0);
    },
  );

  it.each(['bad_credential', 'wrong_kind', 'disabled_upstream', 'ip_refused_upstream'] as const)(
    'passes on that verification said %s, and remembers it',
    async (reason) => {
      const fixture = createFixture();
      const failure = { method: 'basic', reason, cause: reason };

      const first = await verifyWith(fixture, ALICE, { kind: 'refused', reason });

      expect(answerOf(first)).toBe(reason);
      expect(answerOf(fixture.inbound.authenticate(ALICE))).toBe(reason);
      expect(fixture.failures).toEqual([failure, failure]);
    },
  );

  it('says 503 with a time to come back when nobody can tell', async () => {
    const outcome = await verifyWith(createFixture(), ALICE, { kind: 'unreachable' });

    expect(outcome).toMatchObject({ refusal: { status: 503, reason: 'unreachable', retryAfterSeconds: 5 } });
  });

  it('treats a verification that throws as unreachable and lets nothing of the error out', async () => {
    const { inbound, asked, failures } = createFixture();

    const outcome = inbound.authenticate(ALICE);
    asked[0]?.fail(new Error('canary-in-an-error'));

    expect(JSON.stringify(await outcome)).not.toContain('canary');
    expect(failures).toEqual([{ method: 'basic', reason: 'unreachable', cause: 'verify_threw' }]);
  });

  it('gives up on a verification that does not answer, and aborts it', async () => {
    const { inbound, asked, failures } = createFixture({ verifyTimeoutMs: 5 });

    expect(answerOf(await inbound.authenticate(ALICE))).toBe('unreachable');
    expect(asked[0]?.signal.aborted).toBe(true);
    expect(failures).toEqual([{ method: 'basic', reason: 'unreachable', cause: 'timeout' }]);
  });

  it('refuses a valid account of somewhere else', async () => {
    const fixture = createFixture({ admits: ({ cloudIds }) => cloudIds.has(SITE) });

    const outcome = await verifyWith(fixture, ALICE, {
      kind: 'verified',
      accountId: 'dave',
      cloudIds: ['elsewhere'],
    });

    expect(outcome).toMatchObject({ refusal: { status: 403, reason: 'no_site' } });
  });
});

describe('one verification for many', () => {
  it('verifies once for all who present one credential at the same time', async () => {
    const { inbound, asked } = createFixture();

    const outcomes = Array.from({ length: 50 }, () => inbound.authenticate(ALICE));
    outcomes.push(
      inbound.authenticate(ALICE.replace('Basic', 'bASIC')),
      inbound.authenticate(ALICE.replace(/=+$/, '')),
    );
    asked[0]?.answer(verifiedAlice);

    const settled = await settle(outcomes);
    expect(asked).toHaveLength(1);
    expect(new Set(settled.map(answerOf))).toEqual(new Set(['admitted']));
  });

  it('keeps credentials apart while both are being verified (I1)', async () => {
    const { inbound, asked } = createFixture();

    const outcomes = [inbound.authenticate(ALICE), inbound.authenticate(BOB)];
    asked[1]?.answer({ kind: 'verified', accountId: 'acc-bob', cloudIds: [] });
    asked[0]?.answer(verifiedAlice);

    const [alice, bob] = await settle(outcomes);
    expect(alice).toMatchObject({ caller: { accountId: 'acc-alice' } });
    expect(bob).toMatchObject({ caller: { accountId: 'acc-bob' } });
  });

  it('tells everyone when the one verification fails', async () => {
    const { inbound, asked } = createFixture();

    const outcomes = [inbound.authenticate(ALICE), inbound.authenticate(ALICE)];
    asked[0]?.fail(new Error('reset'));

    expect((await settle(outcomes)).map(answerOf)).toEqual(['unreachable', 'unreachable']);
  });

  it('answers 503 beyond the bound, remembers nothing of it and recovers', async () => {
    const { inbound, asked, failures } = createFixture({ maxVerifying: 1 });
    const first = inbound.authenticate(ALICE);

    const second = await inbound.authenticate(BOB);
    asked[0]?.answer(verifiedAlice);
    await first;
    const third = inbound.authenticate(BOB);
    asked[1]?.answer({ kind: 'verified', cloudIds: [] });

    expect(answerOf(second)).toBe('unreachable');
    expect(failures).toEqual([{ method: 'basic', reason: 'unreachable', cause: 'busy' }]);
    expect(answerOf(await third)).toBe('admitted');
  });

  it('answers those who wait when it closes, and everyone after', async () => {
    const { inbound, asked } = createFixture();
    const waiting = inbound.authenticate(ALICE);

    inbound.close();
    inbound.close();

    expect(answerOf(await waiting)).toBe('unreachable');
    expect(asked[0]?.signal.aborted).toBe(true);
    expect(answerOf(await inbound.authenticate(BOB))).toBe('unreachable');
    expect(asked).toHaveLength(1);
  });
});

describe('who the caller is', () => {
  it('comes from the verification alone', async () => {
    const { caller } = await callerOf(ALICE, { ...verifiedAlice, cloudIds: [SITE.toUpperCase()] });

    expect(caller).toEqual({
      id: expect.any(String),
      method: 'basic',
      accountId: 'acc-alice',
      displayName: 'Alice',
      email: 'alice@acme.example',
      groups: [],
      cloudIds: new Set([SITE]),
    });
  });

  it.each([undefined, '', 'alice', 'a@b@c.example', 'alice@acme.example\n'])(
    'has no e-mail when Atlassian says %j, whatever the user name claims',
    async (email) => {
      const verified = { kind: 'verified', accountId: 'acc-alice', cloudIds: [] } as const;

      const { caller } = await callerOf(ALICE, email === undefined ? verified : { ...verified, email });

      expect(caller).not.toHaveProperty('email');
    },
  );

  it('follows the verified e-mail where the user name claims another, and says so once', async () => {
    const fixture = createFixture();

    const outcome = await verifyWith(fixture, basic('ceo@acme.example:alice-token'), verifiedAlice);
    const again = fixture.inbound.authenticate(basic('ceo@acme.example:alice-token'));

    expect(identified(outcome).caller.email).toBe('alice@acme.example');
    expect(again).toBe(outcome);
    expect(fixture.notices).toEqual([{ method: 'basic', cause: 'email_differs' }]);
  });

  it('has the same ids on every replica, and others under another key', async () => {
    const here = await callerOf(ALICE, verifiedAlice);
    const there = await callerOf(ALICE.replace('Basic', 'BASIC'), verifiedAlice);
    const other = createFixture({ credentialKey: new Uint8Array(32).fill(8) });
    const foreign = identified(await verifyWith(other, ALICE, verifiedAlice));

    expect([there.caller.id, there.credential.id]).toEqual([here.caller.id, here.credential.id]);
    expect(foreign.caller.id).not.toBe(here.caller.id);
    expect(foreign.credential.id).not.toBe(here.credential.id);
  });

  it('stays the same caller with a renewed token, under another credential id', async () => {
    const before = await callerOf(ALICE, verifiedAlice);
    const after = await callerOf(basic('alice@acme.example:renewed'), verifiedAlice);

    expect(after.caller.id).toBe(before.caller.id);
    expect(after.credential.id).not.toBe(before.credential.id);
  });

  it('is told apart by credential where Atlassian names no account', async () => {
    const alice = await callerOf(ALICE, { kind: 'verified', cloudIds: [] });
    const bob = await callerOf(BOB, { kind: 'verified', accountId: '', cloudIds: [] });

    expect(alice.caller.id).not.toBe(bob.caller.id);
    expect(alice.caller.id).not.toBe(alice.credential.id);
    expect(bob.caller).not.toHaveProperty('accountId');
  });

  it('carries the credential that was verified, and prints none of it', async () => {
    const outcome = await callerOf('bearer canary-service-key', { kind: 'verified', cloudIds: [] });

    expect(outcome.credential.authorization.reveal()).toBe('Bearer canary-service-key');
    expect(outcome).toMatchObject({ caller: { method: 'bearer' }, credential: { kind: 'bearer' } });
    expect(JSON.stringify(outcome)).not.toContain('canary');
  });
});

describe('options', () => {
  it.each([
    [{ goodMs: 0 }, 'goodMs'],
    [{ badMs: -1 }, 'badMs'],
    [{ verifyTimeoutMs: Number.POSITIVE_INFINITY }, 'verifyTimeoutMs'],
    [{ maxRemembered: 0.5 }, 'maxRemembered'],
    [{ maxVerifying: Number.NaN }, 'maxVerifying'],
    [{ credentialKey: new Uint8Array(31) }, 'credential key'],
  ] as [Partial<InboundOptions>, string][])('refuses %j when built', (wrong, named) => {
    const build = (): unknown =>
      createInbound({
        apiToken: { enabled: true },
        admits: () => true,
        verify: () => Promise.resolve({ kind: 'unreachable' }),
        credentialKey: CREDENTIAL_KEY,
        ...wrong,
      });

    expect(build).toThrow(IdentityError);
    expect(build).toThrow(named);
  });
});
