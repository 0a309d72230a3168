import type { Grants } from '../atlassian/grant.ts';
import { IdentityError } from '../errors.ts';
import type { DurableState, StateLock } from '../state/durable-state.ts';
import type { LinkName } from './link-record.ts';
import type { LinkRow, LinkRows } from './link-rows.ts';
import { createPauses } from './pauses.ts';
import { createRenewalSaving, type RenewalSaving } from './renewal-saving.ts';
import { createRenewal } from './renewal.ts';
import { createUnfinished } from './unfinished.ts';
import type { VaultEvent } from './vault-event.ts';

/** Renews grants, each by one request at a time over all replicas. */
export interface Renewals extends Pick<RenewalSaving, 'latest'> {
  /**
   * The row after a renewal, by whomever; undefined when the link is gone. Callers that come meanwhile share it. Rejects
   * with `IdentityError` when nobody could tell.
   */
  renew(known: LinkRow): Promise<LinkRow | undefined>;
  /** Whether the last attempt failed so lately that another would be a storm. */
  isPaused(name: LinkName): boolean;
  /** Ends what others began and did not finish, and stores what could not be stored. */
  recover(): Promise<void>;
  /** Waits for what is under way: an answer that is thrown away may be the end of a grant. */
  close(): Promise<void>;
}

/** `now` is in milliseconds since 1970. */
export interface RenewalsOptions {
  readonly state: DurableState;
  readonly rows: LinkRows;
  readonly grants: Grants;
  readonly now: () => number;
  readonly onEvent: (event: VaultEvent) => void;
  /** The stored record is another than it was. */
  readonly onRenewed: (name: LinkName) => void;
}

/** Longer than one renewal takes, shorter than the time for which servers still take the last refresh token. */
const LOCK_MS = 15_000;

export function createRenewals(options: RenewalsOptions): Renewals {
  const { state, rows, grants, now, onEvent } = options;
  const flights = new Map<string, Promise<LinkRow | undefined>>();
  const pauses = createPauses(now);
  const unfinished = createUnfinished(state);
  const life = { closed: false };
  const saving = createRenewalSaving({ rows, grants, placeOf, onSaved, onEvent });

  function onSaved(row: LinkRow | undefined, { name }: LinkRow): void {
    unfinished.remove(name).catch(() => undefined);
    if (!row) return;
    onEvent({ type: row.record.status === 'ok' ? 'renewed' : 'needs-reconnect', name });
    options.onRenewed(name);
  }

  const lockOf = (name: LinkName): Promise<StateLock | undefined> => state.lock(placeOf(name), LOCK_MS);

  const renew = createRenewal({ rows, grants, saving, unfinished, lockOf, isClosed: () => life.closed, now });

  function launch(known: LinkRow, held?: StateLock): Promise<LinkRow | undefined> {
    const place = placeOf(known.name);
    const flight = renew(known, held)
      .then(
        (row) => (pauses.end(place), row),
        (error: unknown) => failed(known.name, error),
      )
      .finally(() => flights.delete(place));
    flights.set(place, flight);
    return flight;
  }

  function failed(name: LinkName, error: unknown): never {
    pauses.lengthen(placeOf(name));
    onEvent({ type: 'renewal-failed', name });
    if (error instanceof IdentityError) throw error;
    throw new IdentityError('link_unavailable', 'Atlassian could not be asked to renew a link just now.');
  }

  async function finish(name: LinkName): Promise<void> {
    if (life.closed || flights.has(placeOf(name)) || pauses.has(placeOf(name))) return;
    const row = await rows.read(name);
    if (row?.record.status !== 'ok') return unfinished.remove(name);
    const lock = await lockOf(name);
    // Whoever holds it is at work.
    if (lock) await launch(row, lock).catch(() => undefined);
  }

  return {
    renew: (known) => flights.get(placeOf(known.name)) ?? launch(known),
    isPaused: (name) => pauses.has(placeOf(name)),
    latest: saving.latest,
    async recover() {
      await saving.retry();
      for (const name of await unfinished.list()) await finish(name);
    },
    async close() {
      life.closed = true;
      await Promise.allSettled(flights.values());
      await saving.retry();
    },
  };
}

/** Only grants are renewed: the kind says nothing. */
function placeOf({ person, cloudId }: LinkName): string {
  return `vault:${encodeURIComponent(person)}:${encodeURIComponent(cloudId)}`;
}
