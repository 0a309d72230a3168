import { randomBytes } from 'node:crypto';

import type { Caller } from '@switchyard/catalogue';

import { IdentityError } from '../errors.ts';
import { createKeyedHash } from '../keyed-hash.ts';
import type { AuthFailure, AuthNotice, AuthOutcome, Identified, Verdict } from './auth-outcome.ts';
import { createBoundedVerify, type Verify } from './bounded-verify.ts';
import { type AuthMethod, methodOf } from './parse-authorization.ts';
import { createPresent } from './presenting.ts';
import { refusals } from './refusals.ts';
import { createVerdictMemory, type Remembered } from './verdict-memory.ts';
import { createVerifications } from './verifications.ts';

/** The part of the configuration that a reload can change. */
export interface InboundSettings {
  readonly apiToken: { readonly enabled: boolean };
  /** Whether a verified caller is somebody here: reaches a configured site or is named by an `allow`. */
  readonly admits: (caller: Caller) => boolean;
}

/** Durations are milliseconds; `maxRemembered` bounds good and bad verdicts each. */
export interface InboundOptions extends InboundSettings {
  /** One real tool call upstream; `signal` aborts on the deadline and on `close`. */
  readonly verify: Verify;
  /** At least 32 bytes, the same on every replica: caller and credential ids are stable across restarts. */
  readonly credentialKey: Uint8Array;
  readonly goodMs?: number;
  readonly badMs?: number;
  readonly verifyTimeoutMs?: number;
  readonly maxRemembered?: number;
  readonly maxVerifying?: number;
  readonly now?: () => number;
  readonly onFailure?: (failure: AuthFailure) => void;
  readonly onNotice?: (notice: AuthNotice) => void;
}

/** Turns Authorization headers into callers. */
export interface Inbound {
  /**
   * Synchronous whenever the answer is known: for a remembered caller, one HMAC and no promise. With the `connection`
   * that a request came on, a header that it brought before costs no HMAC either; verdicts are looked up all the same.
   */
  authenticate(authorization: string | undefined, connection?: object): AuthOutcome | Promise<AuthOutcome>;
  /** Upstream no longer takes this credential: the next request that carries it is verified anew. */
  forget(credentialId: string): void;
  /** Takes effect at once, also for remembered callers and for verifications that are still under way. */
  configure(next: InboundSettings): void;
  close(): void;
}

const DEFAULTS = {
  goodMs: 300_000,
  badMs: 30_000,
  verifyTimeoutMs: 15_000,
  maxRemembered: 10_000,
  maxVerifying: 64,
} as const;

/** An outage is over when it is over: what nobody could tell is hardly remembered at all. */
const MAX_UNREACHABLE_MS = 1000;

type Bounds = Readonly<Record<keyof typeof DEFAULTS, number>>;

/** Builds the inbound side. Throws `IdentityError` `invalid_option` for a bound below 1 or a short key. */
export function createInbound(options: InboundOptions): Inbound {
  const bounds = readBounds(options);
  const { now = () => performance.now() } = options;
  // Memory keys use a pepper that dies with the process: they mean nothing anywhere else.
  const peppered = createKeyedHash(randomBytes(32));
  const memory = createVerdictMemory({ max: bounds.maxRemembered, sweepMs: bounds.badMs, now });
  const verify = createBoundedVerify({ ...bounds, verify: options.verify });
  const verifications = createVerifications({
    verify,
    hash: createKeyedHash(options.credentialKey),
    onVerdict: (key, verdict) => memory.remember(key, verdict, lifetimeMs({ verdict, policy, bounds })),
    onNotice: options.onNotice,
  });
  let policy = createPolicy(options);

  const present = createPresent((canonical) => peppered('remembered', canonical));

  function authenticate(
    authorization: string | undefined,
    connection?: object,
  ): AuthOutcome | Promise<AuthOutcome> {
    const method = methodOf(authorization);
    if (authorization === undefined || method === 'none')
      return refuse({ method, reason: 'none', cause: 'none' });
    if (!policy.enabled) return refuse({ method, reason: 'disabled', cause: 'disabled' });
    const presented = present(authorization, connection);
    if (!presented.ok) return refuse(presented);
    const entry = memory.recall(presented.key);
    if (entry !== undefined && !overdue(entry)) return conclude(method, entry.verdict);
    return verifications.join(presented.key, presented.read()).then((verdict) => conclude(method, verdict));
  }

  /** A reload can turn a good verdict into a bad one, which then has a bad one's shorter life. */
  function overdue({ verdict, sinceMs }: Remembered): boolean {
    return verdict.ok && now() - sinceMs >= bounds.badMs && !policy.admits(verdict);
  }

  function conclude(method: AuthMethod, verdict: Verdict): AuthOutcome {
    const judged = judge(method, verdict, policy);
    return 'ok' in judged ? judged : refuse(judged);
  }

  function refuse({ method, reason, cause }: AuthFailure): AuthOutcome {
    options.onFailure?.({ method, reason, cause });
    return { ok: false, refusal: refusals[reason] };
  }

  function forgetEverybody(): void {
    memory.clear();
    verifications.forgetAll();
  }

  return {
    authenticate,
    forget: (credentialId) => {
      memory.forget(credentialId);
      verifications.forget(credentialId);
    },
    configure: (next) => {
      policy = createPolicy(next);
      if (!policy.enabled) forgetEverybody();
    },
    close: () => {
      verify.close();
      forgetEverybody();
      memory.close();
    },
  };
}

/** Policy is not part of what is remembered, so that a reload holds for everybody at once. */
function judge(method: AuthMethod, verdict: Verdict, policy: Policy): Identified | AuthFailure {
  if (!policy.enabled) return { method, reason: 'disabled', cause: 'disabled' };
  if (!verdict.ok) return { method, reason: verdict.reason, cause: verdict.cause };
  return policy.admits(verdict) ? verdict : { method, reason: 'no_site', cause: 'no_site' };
}

interface Policy {
  readonly enabled: boolean;
  admits(known: Identified): boolean;
}

/** Asks `admits` once for each verified caller and configuration: globs have no place on the warm path. */
function createPolicy({ apiToken, admits }: InboundSettings): Policy {
  const judged = new WeakMap<Identified, boolean>();
  return {
    enabled: apiToken.enabled,
    admits: (known) => {
      const remembered = judged.get(known);
      if (remembered !== undefined) return remembered;
      const admitted = admits(known.caller);
      judged.set(known, admitted);
      return admitted;
    },
  };
}

function lifetimeMs(of: { verdict: Verdict; policy: Policy; bounds: Bounds }): number {
  const { verdict, policy, bounds } = of;
  if (verdict.ok) return policy.admits(verdict) ? bounds.goodMs : bounds.badMs;
  if (verdict.reason !== 'unreachable') return bounds.badMs;
  // Too busy to ask says nothing about this credential.
  return verdict.cause === 'busy' ? 0 : Math.min(MAX_UNREACHABLE_MS, bounds.badMs);
}

function readBounds(options: Partial<Bounds>): Bounds {
  const bounds = {
    goodMs: options.goodMs ?? DEFAULTS.goodMs,
    badMs: options.badMs ?? DEFAULTS.badMs,
    verifyTimeoutMs: options.verifyTimeoutMs ?? DEFAULTS.verifyTimeoutMs,
    maxRemembered: options.maxRemembered ?? DEFAULTS.maxRemembered,
    maxVerifying: options.maxVerifying ?? DEFAULTS.maxVerifying,
  };
  for (const [name, value] of Object.entries(bounds)) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new IdentityError('invalid_option', `${name} must be a whole number of at least 1.`);
  }
  return bounds;
}
