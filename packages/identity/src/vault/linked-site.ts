import { type Credential, Secret } from '@switchyard/catalogue';

import { IdentityError } from '../errors.ts';
import { dueAt, endOf, type LinkedAccount, type LinkKind, statusAt } from './link-record.ts';
import type { LinkRow } from './link-rows.ts';
import type { Renewals } from './renewals.ts';

/** One person's way into one site. It is live: a renewal, on whatever replica, shows in an object that is held. */
export interface LinkedSite extends LinkedAccount {
  readonly cloudId: string;
  readonly kind: LinkKind;
  readonly status: 'ok' | 'needs-reconnect';
  readonly scopes: readonly string[];
  /** Milliseconds since 1970, also `expiresAt`: when the person must act, where that is known. */
  readonly linkedAt: number;
  readonly expiresAt?: number;
  /** `id` stays over renewals; `authorization` is the current one. */
  readonly credential: Credential;
  /**
   * Undefined while the credential can be used. Otherwise resolves once it was renewed, or has turned out to need
   * reconnecting (`status` says which); rejects with `IdentityError` when nobody could tell.
   */
  fresh(): Promise<void> | undefined;
  /** The site did not take the credential: it is renewed before the next use, at most once a minute. */
  refused(): void;
}

/** A linked site and the way to tell it what is stored now; undefined: unlinked. */
export interface LiveLink {
  readonly id: string;
  readonly site: LinkedSite;
  adopt(row: LinkRow | undefined): void;
}

/** `credentialId` is the keyed hash of the link's own id. */
export interface LiveLinkOptions {
  readonly row: LinkRow;
  readonly credentialId: string;
  readonly renewals: Renewals;
  readonly now: () => number;
}

/** A token that ends during the call is of no use to it. */
const LEAST_LIFE_MS = 10_000;
const REFUSED_MS = 60_000;
/** Replicas and links that began together must not all renew together. */
const JITTER_PART = 0.05;

export function createLiveLink({ row: first, credentialId, renewals, now }: LiveLinkOptions): LiveLink {
  const { name } = first;
  const state = { ...viewOf(first), gone: false, refusedAt: -Infinity, forced: false };

  function adopt(row: LinkRow | undefined): void {
    if (row === undefined || row.record.id !== first.record.id) state.gone = true;
    else if (row.version >= state.row.version) Object.assign(state, viewOf(row));
  }

  function status(): LinkedSite['status'] {
    if (state.gone || (name.kind === 'token' && now() - state.refusedAt < REFUSED_MS))
      return 'needs-reconnect';
    return statusAt(state.row.record, now());
  }

  function fresh(): Promise<void> | undefined {
    const time = now();
    if ((time < state.renewAt && !state.forced) || status() === 'needs-reconnect') return undefined;
    const lasts = time < state.endsAt - LEAST_LIFE_MS && !state.forced;
    if (renewals.isPaused(name)) return lasts ? undefined : Promise.reject(unavailable());
    const renewing = renew();
    if (!lasts) return renewing;
    // Who calls now need not wait, and need not know; the last part of the token's life is for trying again.
    renewing.catch(() => undefined);
    return undefined;
  }

  async function renew(): Promise<void> {
    adopt(await renewals.renew(state.row));
    state.forced = false;
    if (status() === 'ok' && now() >= state.endsAt) throw unavailable();
  }

  return {
    id: first.record.id,
    adopt,
    site: {
      cloudId: name.cloudId,
      kind: name.kind,
      ...first.record.account,
      scopes: first.record.scopes,
      linkedAt: first.record.linkedAt,
      ...(endOf(first.record) !== undefined && { expiresAt: endOf(first.record) ?? 0 }),
      get status() {
        return status();
      },
      credential: {
        id: credentialId,
        kind: name.kind === 'oauth' ? 'bearer' : 'basic',
        get authorization() {
          return state.gone ? NOTHING : state.authorization;
        },
      },
      fresh,
      refused() {
        if (now() - state.refusedAt < REFUSED_MS) return;
        state.refusedAt = now();
        state.forced = name.kind === 'oauth' && state.renewAt < Infinity;
      },
    },
  };
}

const NOTHING = new Secret('');

interface View {
  readonly row: LinkRow;
  readonly authorization: Secret;
  readonly renewAt: number;
  readonly endsAt: number;
}

function viewOf(row: LinkRow): View {
  const { secret } = row.record;
  if (secret.kind === 'token')
    return { row, authorization: new Secret(secret.authorization), renewAt: Infinity, endsAt: Infinity };
  const { accessToken, issuedAt, expiresAt } = secret.grant;
  const jitterMs = (expiresAt - issuedAt) * JITTER_PART * Math.random();
  const authorization = new Secret(`Bearer ${accessToken}`);
  return { row, authorization, renewAt: dueAt(row.record) + jitterMs, endsAt: expiresAt };
}

function unavailable(): IdentityError {
  return new IdentityError(
    'link_unavailable',
    'The link to the site has run out and could not be renewed just now; it is tried again in a moment.',
  );
}
