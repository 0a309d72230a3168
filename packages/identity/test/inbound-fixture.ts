import type { Credential } from '@switchyard/catalogue';

import type { PassedThrough } from '../src/inbound/auth-outcome.ts';
import {
  type AuthFailure,
  type AuthNotice,
  type AuthOutcome,
  createInbound,
  type Identified,
  type Inbound,
  type InboundOptions,
  type Verification,
} from '../src/index.ts';
import { basic } from './headers.ts';

export const CREDENTIAL_KEY: Uint8Array = new Uint8Array(32).fill(7);
export const SITE = '11111111-aaaa-4aaa-8aaa-000000000001';
export const ALICE: string = basic('alice@acme.example:alice-token');
export const BOB: string = basic('bob@acme.example:bob-token');
export const verifiedAlice: Extract<Verification, { kind: 'verified' }> = {
  kind: 'verified',
  accountId: 'acc-alice',
  email: 'Alice@Acme.example',
  displayName: 'Alice',
  cloudIds: [SITE],
};

/** One call of `verify`, to be answered by the test. */
interface Asked {
  readonly credential: Credential;
  readonly signal: AbortSignal;
  readonly answer: (verification: Verification) => void;
  readonly fail: (error: Error) => void;
}

export interface Fixture {
  readonly inbound: Inbound;
  readonly asked: Asked[];
  readonly failures: AuthFailure[];
  readonly notices: AuthNotice[];
  readonly clock: { nowMs: number };
}

/** An inbound side on a hand-driven clock, whose upstream is answered by the test. */
export function createFixture(options: Partial<InboundOptions> = {}): Fixture {
  const asked: Asked[] = [];
  const failures: AuthFailure[] = [];
  const notices: AuthNotice[] = [];
  const clock = { nowMs: 0 };
  const inbound = createInbound({
    apiToken: { enabled: true },
    admits: () => true,
    credentialKey: CREDENTIAL_KEY,
    now: () => clock.nowMs,
    verify: (credential, signal) =>
      new Promise((answer, fail) => {
        asked.push({ credential, signal, answer, fail });
      }),
    onFailure: (failure) => failures.push(failure),
    onNotice: (notice) => notices.push(notice),
    ...options,
  });
  return { inbound, asked, failures, notices, clock };
}

/** Presents a header and has upstream answer the verification that it starts. */
export async function verifyWith(
  fixture: Fixture,
  header: string,
  verification: Verification,
): Promise<AuthOutcome> {
  const outcome = fixture.inbound.authenticate(header);
  fixture.asked.at(-1)?.answer(verification);
  return await outcome;
}

export function identified(outcome: AuthOutcome | Promise<AuthOutcome>): PassedThrough {
  if (outcome instanceof Promise) throw new Error('expected an answer without waiting');
  if (!outcome.ok) throw new Error(`expected a caller, got ${outcome.refusal.reason}`);
  if (!isPassedThrough(outcome)) throw new Error('expected a credential that is passed through');
  return outcome;
}

function isPassedThrough(outcome: Identified): outcome is PassedThrough {
  return outcome.credential !== undefined;
}

/** Every outcome, whether it was there at once or had to be waited for. */
export async function settle(
  outcomes: readonly (AuthOutcome | Promise<AuthOutcome>)[],
): Promise<AuthOutcome[]> {
  return await Promise.all(outcomes.map((outcome) => Promise.resolve(outcome)));
}

/** The reason of a refusal, `admitted`, or `waiting` for a promise. */
export function answerOf(outcome: AuthOutcome | Promise<AuthOutcome>): string {
  if (outcome instanceof Promise) return 'waiting';
  return outcome.ok ? 'admitted' : outcome.refusal.reason;
}
