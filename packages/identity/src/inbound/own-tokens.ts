import { randomBytes } from 'node:crypto';

import { LRUCache } from 'lru-cache';

import { IdentityError } from '../errors.ts';
import { createKeyedHash } from '../keyed-hash.ts';
import type { AuthFailure, AuthOutcome, Identified } from './auth-outcome.ts';
import { type AuthReason, refusals } from './refusals.ts';

/** What was found out about a token that Switchyard itself issued. */
export type OwnVerdict =
  | {
      readonly ok: true;
      readonly identified: Identified;
      readonly expiresAtMs: number;
    }
  | { readonly ok: false };

/** Durations in ms; `max` bounds good and bad verdicts each. */
interface Bounds {
  readonly goodMs?: number;
  readonly badMs?: number;
  readonly max?: number;
  readonly now?: () => number;
}

/** `verify` may reject while the store of grants does not answer. */
export interface OwnTokensOptions extends Bounds {
  readonly verify: (token: string, resource: string) => Promise<OwnVerdict>;
  /** Whether access tokens are issued here; without it only enrolled tokens are ours. */
  readonly issuesJwts: boolean;
  readonly onFailure?: (failure: AuthFailure) => void;
}

/** Callers who come with a token of Switchyard's own: OAuth access tokens and enrolled tokens. */
export interface OwnTokens {
  /** Whether a token looks like one of ours, so that nobody else is asked about it. */
  recognises(token: string): boolean;
  /** Synchronous for a token that is remembered; `resource` is the URL that it must have been issued for. */
  authenticate(
    token: string,
    place: { readonly resource: string; readonly connection?: object | undefined },
  ): AuthOutcome | Promise<AuthOutcome>;
  /** Whatever rests on it is verified anew: a grant was revoked, a site was linked. */
  forget(subject: string): void;
  forgetAll(): void;
  close(): void;
}

const DEFAULTS = { goodMs: 60_000, badMs: 10_000, max: 10_000, now: Date.now } as const;

/** Three parts of base64url: nobody but Switchyard may send such a token here (no token pass-through). */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;
const ENROLLED_PREFIX = 'swy_pat_';

interface Good {
  readonly identified: Identified;
  readonly expiresAtMs: number;
}

/** Remembers verdicts for a moment, so that a warm request costs no signature. */
export function createOwnTokens(options: OwnTokensOptions): OwnTokens {
  const memory = createMemory({ ...DEFAULTS, ...options });
  const keyOf = createKeys();
  const flights = new Map<string, Promise<AuthOutcome>>();

  function refuse(reason: AuthReason): AuthOutcome {
    options.onFailure?.({ method: 'bearer', reason, cause: reason });
    return { ok: false, refusal: refusals[reason] };
  }

  async function ask(key: string, token: string, resource: string): Promise<AuthOutcome> {
    const remember = memory.writer(key);
    try {
      const verdict = await options.verify(token, resource);
      remember(verdict);
      return verdict.ok ? verdict.identified : refuse('bad_token');
    } catch (error) {
      // What nobody could look up is not known: the door stays shut, and the client may come again.
      if (error instanceof IdentityError) return refuse('state_unavailable');
      throw error;
    }
  }

  function forget(isMeant: (restsOn: readonly string[]) => boolean): void {
    flights.clear();
    memory.forget(isMeant);
  }

  return {
    recognises: (token) => token.startsWith(ENROLLED_PREFIX) || (options.issuesJwts && JWT.test(token)),
    authenticate(token, { resource, connection }) {
      const key = keyOf(token, resource, connection);
      const known = memory.recall(key);
      if (known !== undefined) return known === 'bad' ? refuse('bad_token') : known;
      const flying = flights.get(key);
      if (flying) return flying;
      const flight = ask(key, token, resource).finally(() => {
        if (flights.get(key) === flight) flights.delete(key);
      });
      flights.set(key, flight);
      return flight;
    },
    forget: (subject) => forget((restsOn) => restsOn.includes(subject)),
    forgetAll: () => forget(() => true),
    close() {
      flights.clear();
      memory.close();
    },
  };
}

/** The last token of a connection costs no hash: the connection's parser holds the same text anyway. */
function createKeys(): (token: string, resource: string, connection: object | undefined) => string {
  const peppered = createKeyedHash(randomBytes(32));
  const lastOf = new WeakMap<object, { token: string; resource: string; key: string }>();
  return (token, resource, connection) => {
    const last = connection && lastOf.get(connection);
    if (last?.token === token && last.resource === resource) return last.key;
    const key = peppered('remembered', `${resource}\n${token}`);
    if (connection) lastOf.set(connection, { token, resource, key });
    return key;
  };
}

interface Memory {
  recall(key: string): Identified | 'bad' | undefined;
  /** What is found out by a question that begins now. */
  writer(key: string): (verdict: OwnVerdict) => void;
  forget(isMeant: (restsOn: readonly string[]) => boolean): void;
  close(): void;
}

function createMemory({ goodMs, badMs, max, now }: Required<Bounds>): Memory {
  const good = new LRUCache<string, Good>({ max });
  const bad = new LRUCache<string, number>({ max });
  // A verdict that was asked for before something was revoked must not be remembered after it.
  let generation = 0;
  return {
    recall(key) {
      const entry = good.get(key);
      if (entry && now() < entry.expiresAtMs) return entry.identified;
      return now() < (bad.get(key) ?? 0) ? 'bad' : undefined;
    },
    writer(key) {
      const asked = generation;
      return (verdict) => {
        if (!verdict.ok) bad.set(key, now() + badMs);
        else if (asked === generation)
          good.set(key, { ...verdict, expiresAtMs: Math.min(verdict.expiresAtMs, now() + goodMs) });
      };
    },
    forget(isMeant) {
      generation++;
      const meant = [...good.entries()].filter(([, { identified }]) => isMeant(identified.restsOn ?? []));
      for (const [key] of meant) good.delete(key);
    },
    close() {
      good.clear();
      bad.clear();
    },
  };
}
