import type { Grants } from '../atlassian/grant.ts';
import { IdentityError } from '../errors.ts';
import type { LinkName, LinkRecord } from './link-record.ts';
import type { LinkRow, LinkRows } from './link-rows.ts';
import type { VaultEvent } from './vault-event.ts';

/** Stores what renewals brought. */
export interface RenewalSaving {
  /**
   * Stores before anybody can use what is new. When that cannot be done now it stays in memory, is tried again by
   * `retry`, and is the row's `latest` until then. Undefined when the link is gone.
   */
  save(base: LinkRow, record: LinkRecord): Promise<LinkRow | undefined>;
  latest(row: LinkRow): LinkRow;
  isWaiting(name: LinkName): boolean;
  retry(): Promise<void>;
}

/** `placeOf` names the grant; `onSaved` is told once the record is stored, here or elsewhere. */
export interface RenewalSavingOptions {
  readonly rows: LinkRows;
  readonly grants: Grants;
  readonly placeOf: (name: LinkName) => string;
  readonly onSaved: (row: LinkRow | undefined, base: LinkRow) => void;
  readonly onEvent: (event: VaultEvent) => void;
}

interface Unsaved {
  readonly base: LinkRow;
  readonly record: LinkRecord;
}

const MAX_WRITES = 3;

/** Only renewals under way can be unsaved, so memory holds few: none begins while the store is away. */
export function createRenewalSaving(options: RenewalSavingOptions): RenewalSaving {
  const { rows, grants, placeOf, onSaved, onEvent } = options;
  const unsaved = new Map<string, Unsaved>();

  async function save(base: LinkRow, record: LinkRecord): Promise<LinkRow | undefined> {
    const place = placeOf(base.name);
    const row = await store(base, record).catch(() => 'unsaved' as const);
    if (row === 'unsaved') {
      if (!unsaved.has(place)) onEvent({ type: 'unsaved', name: base.name });
      unsaved.set(place, { base, record });
      return { ...base, record };
    }
    unsaved.delete(place);
    onSaved(row, base);
    return row;
  }

  async function store(base: LinkRow, record: LinkRecord): Promise<LinkRow | undefined> {
    let at = base;
    for (let tries = 0; tries < MAX_WRITES; tries += 1) {
      if (await rows.overwrite(at, record)) return { ...at, record, version: at.version + 1 };
      const found = await rows.read(base.name);
      if (!found) return discard(record);
      // Sealed anew under another key it is still the same grant; anything else is newer than what we have.
      if (found.record.id !== base.record.id || refreshTokenOf(found) !== refreshTokenOf(base)) return found;
      at = found;
    }
    throw new IdentityError('link_unavailable', 'A link is written too often to be renewed.');
  }

  /** Unlinked while it was being renewed: nobody will use the new tokens. */
  function discard({ secret }: LinkRecord): undefined {
    if (secret.kind === 'oauth') grants.revoke(secret.grant).catch(() => undefined);
  }

  return {
    save,
    latest(row) {
      const waiting = unsaved.get(placeOf(row.name));
      return waiting?.base.version === row.version ? { ...row, record: waiting.record } : row;
    },
    isWaiting: (name) => unsaved.has(placeOf(name)),
    async retry() {
      for (const { base, record } of unsaved.values()) await save(base, record);
    },
  };
}

function refreshTokenOf({ record: { secret } }: LinkRow): string | undefined {
  return secret.kind === 'oauth' ? secret.grant.refreshToken : undefined;
}
