import { IdentityError } from '../errors.ts';
import type { DurableState } from '../state/durable-state.ts';
import { keyIdOf, type KeyRing, openRecord, sealRecord } from '../state/envelope.ts';
import { createLinkIndex } from './link-index.ts';
import type { LinkName, LinkRecord } from './link-record.ts';

/** A record with the number of times its place was written. */
export interface LinkRow {
  readonly name: LinkName;
  readonly record: LinkRecord;
  readonly version: number;
}

/** The sealed records of all people. */
export interface LinkRows {
  /** Rejects with `IdentityError` `link_unavailable` for a record that does not open: it is not known to be gone. */
  read(name: LinkName): Promise<LinkRow | undefined>;
  /** Everything of one person that opens, in no order. */
  readAll(person: string): Promise<LinkRow[]>;
  write(name: LinkName, record: LinkRecord): Promise<void>;
  /** False when the place was written since it had this version. */
  overwrite(row: LinkRow, record: LinkRecord): Promise<boolean>;
  /** Undefined when there was nothing that could be read. */
  remove(name: LinkName): Promise<LinkRow | undefined>;
  people(): Promise<string[]>;
  /** Seals everything anew that is not under the current key. Returns how many records that were. */
  rewrapAll(): Promise<number>;
}

/** `onUnreadable` is told of a record that was changed, is of somebody else, or is under an unknown key. */
export interface LinkRowsOptions {
  readonly state: DurableState;
  readonly keys: KeyRing;
  readonly onUnreadable: (name: LinkName) => void;
}

const REMOVED = 'removed';
/**
 * A place that was emptied keeps its version for longer than any renewal takes, so that one that began before cannot
 * write into what was linked after.
 */
const REMOVED_MS = 3_600_000;

export function createLinkRows({ state, keys, onUnreadable }: LinkRowsOptions): LinkRows {
  const index = createLinkIndex(state);

  async function read(name: LinkName): Promise<LinkRow | undefined> {
    const stored = await state.get(keyOf(name));
    if (!stored || stored.value === REMOVED) return undefined;
    const { value, version } = stored;
    const text = openRecord(keys, boundTo(name), value);
    if (text === undefined)
      throw new IdentityError('link_unavailable', 'The record of a link does not open.');
    if (keyIdOf(value) !== keys.current) rewrap(name, text, version).catch(() => undefined);
    return { name, record: JSON.parse(text) as LinkRecord, version };
  }

  async function readOpening(name: LinkName): Promise<LinkRow | undefined> {
    return read(name).catch((error: unknown) => {
      if (!(error instanceof IdentityError) || error.code !== 'link_unavailable') throw error;
      onUnreadable(name);
      return undefined;
    });
  }

  function rewrap(name: LinkName, text: string, ifVersion: number): Promise<boolean> {
    return state.put(keyOf(name), sealRecord(keys, boundTo(name), text), { ifVersion });
  }

  async function rewrapOne(name: LinkName): Promise<boolean> {
    const stored = await state.get(keyOf(name));
    if (!stored || stored.value === REMOVED || keyIdOf(stored.value) === keys.current) return false;
    const text = openRecord(keys, boundTo(name), stored.value);
    return text !== undefined && rewrap(name, text, stored.version);
  }

  return {
    read,
    async readAll(person) {
      const rows = await Promise.all((await index.namesOf(person)).map(readOpening));
      return rows.filter((row) => row !== undefined);
    },
    async write(name, record) {
      // Listed before and after: whatever a removal does meanwhile, no record is left that nobody finds.
      await index.add(name);
      await state.put(keyOf(name), sealRecord(keys, boundTo(name), JSON.stringify(record)));
      await index.add(name);
    },
    overwrite: ({ name, version }, record) => rewrap(name, JSON.stringify(record), version),
    async remove(name) {
      const row = await readOpening(name);
      await state.put(keyOf(name), REMOVED, { ttlMs: REMOVED_MS });
      await index.remove(name);
      if (await readOpening(name)) await index.add(name);
      return row;
    },
    people: index.people,
    async rewrapAll() {
      let rewrapped = 0;
      for (const person of await index.people()) {
        for (const name of await index.namesOf(person)) if (await rewrapOne(name)) rewrapped += 1;
      }
      return rewrapped;
    },
  };
}

/** What a record is sealed for: it opens nowhere else. */
function boundTo({ person, cloudId, kind }: LinkName): readonly string[] {
  return ['vault', person, cloudId, kind];
}

/** Encoded, so that no two names share a place. */
function keyOf({ person, cloudId, kind }: LinkName): string {
  return `vault:link:${encodeURIComponent(person)}:${encodeURIComponent(cloudId)}:${kind}`;
}
