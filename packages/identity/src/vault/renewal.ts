import { setTimeout as sleep } from 'node:timers/promises';

import type { Grants } from '../atlassian/grant.ts';
import { IdentityError } from '../errors.ts';
import type { StateLock } from '../state/durable-state.ts';
import { dueAt, type LinkName } from './link-record.ts';
import type { LinkRow, LinkRows } from './link-rows.ts';
import type { RenewalSaving } from './renewal-saving.ts';
import type { Unfinished } from './unfinished.ts';

/** What one renewal needs. `lockOf` is over all replicas; `now` is in milliseconds since 1970. */
export interface RenewalOptions {
  readonly rows: LinkRows;
  readonly grants: Grants;
  readonly saving: RenewalSaving;
  readonly unfinished: Unfinished;
  readonly lockOf: (name: LinkName) => Promise<StateLock | undefined>;
  readonly isClosed: () => boolean;
  readonly now: () => number;
}

/** One renewal, alone among all replicas; `held`: the lock, by who has it already. */
export type Renewal = (known: LinkRow, held?: StateLock) => Promise<LinkRow | undefined>;

const REQUEST_MS = 10_000;
const PATIENCE_MS = 20_000;
const POLL_MS = 50;

export function createRenewal(options: RenewalOptions): Renewal {
  const { rows, grants, saving, unfinished, lockOf, isClosed, now } = options;

  /** Waits for the lock, or for what its holder writes. */
  async function renewInTurn(known: LinkRow, held?: StateLock): Promise<LinkRow | undefined> {
    for (let waitedMs = 0; waitedMs <= PATIENCE_MS && !isClosed(); waitedMs += POLL_MS) {
      const lock = held ?? (await lockOf(known.name));
      if (lock) return renewAlone(known, lock);
      await sleep(POLL_MS);
      const row = await rows.read(known.name);
      if (row?.version !== known.version) return row;
    }
    throw new IdentityError('link_unavailable', 'Another replica has been renewing a link for too long.');
  }

  async function renewAlone(known: LinkRow, lock: StateLock): Promise<LinkRow | undefined> {
    try {
      // What was known may be old: the record decides.
      const row = await rows.read(known.name);
      if (!row || row.record.status !== 'ok' || row.record.secret.kind !== 'oauth') return row;
      if (row.version !== known.version && now() < dueAt(row.record)) return row;
      const { grant } = row.record.secret;
      await unfinished.add(row.name);
      const tokens = await grants.refresh(grant, AbortSignal.timeout(REQUEST_MS));
      if (tokens === 'ended') return await saving.save(row, { ...row.record, status: 'needs-reconnect' });
      const secret = { kind: 'oauth', grant: { ...grant, ...tokens } } as const;
      return await saving.save(row, { ...row.record, secret });
    } finally {
      // While the new tokens are in this memory alone, others must not ask with the old one: the lock ends by itself.
      if (!saving.isWaiting(known.name)) await lock.release().catch(() => undefined);
    }
  }

  return renewInTurn;
}
