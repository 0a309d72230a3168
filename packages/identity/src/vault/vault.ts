import { randomBytes } from 'node:crypto';

import type { Grants } from '../atlassian/grant.ts';
import { createKeyedHash } from '../keyed-hash.ts';
import type { DurableState } from '../state/durable-state.ts';
import type { KeyRing } from '../state/envelope.ts';
import {
  endOf,
  type LinkedAccount,
  type LinkKind,
  type LinkName,
  type LinkSecret,
  statusAt,
} from './link-record.ts';
import { createLinkRows, type LinkRow } from './link-rows.ts';
import type { LinkedSite } from './linked-site.ts';
import { createPeopleLinks } from './people-links.ts';
import { createRenewals } from './renewals.ts';
import { createUnlinking } from './unlinking.ts';
import type { VaultEvent } from './vault-event.ts';

/** A credential that was verified and is to be kept. */
export interface NewLink {
  readonly cloudId: string;
  readonly account: LinkedAccount;
  readonly scopes?: readonly string[];
  readonly secret: LinkSecret;
}

/** A link without what opens the site. */
export interface LinkSummary extends LinkName, LinkedAccount {
  readonly status: 'ok' | 'needs-reconnect';
  readonly scopes: readonly string[];
  /** Milliseconds since 1970, as is `expiresAt`. */
  readonly linkedAt: number;
  readonly expiresAt?: number;
}

/** The linked credentials of all people. Rejects with `IdentityError` `state_unavailable` while the store is away. */
export interface Vault {
  /** From memory when it is known, and for 10 minutes while the store is away. */
  linksOf(person: string): Promise<readonly LinkedSite[]>;
  /** Replaces the person's link of this site and kind. */
  put(person: string, link: NewLink): Promise<void>;
  /** Also revokes the grant, without waiting for it. True when it was there. */
  remove(person: string, cloudId: string, kind: LinkKind): Promise<boolean>;
  /** Returns how many links there were. */
  removePerson(person: string): Promise<number>;
  /** Of all people, one after the other. */
  everyLink(): AsyncGenerator<LinkSummary>;
  /** Seals everything under the current key. Returns how many records that were. */
  rewrapAll(): Promise<number>;
  close(): Promise<void>;
}

/** Durations are milliseconds; `now` is in milliseconds since 1970. */
export interface VaultOptions {
  readonly state: DurableState;
  readonly keys: KeyRing;
  readonly grants: Grants;
  /** At least 32 bytes, the same on every replica: credential ids are stable. */
  readonly credentialKey: Uint8Array;
  readonly now?: () => number;
  /** How often unfinished renewals are looked for. */
  readonly recoverMs?: number;
  readonly maxPeople?: number;
  readonly onEvent?: (event: VaultEvent) => void;
}

const RECOVER_MS = 10_000;
const MAX_PEOPLE = 10_000;
const ID_BYTES = 16;
const NEWS = 'vault:changed';

/** Throws `IdentityError` `invalid_option` for a short key. */
export function createVault(options: VaultOptions): Vault {
  const { state, keys, grants, now = Date.now, onEvent = () => undefined } = options;
  const hash = createKeyedHash(options.credentialKey);
  const rows = createLinkRows({ state, keys, onUnreadable: (name) => onEvent({ type: 'unreadable', name }) });
  const renewals = createRenewals({
    state,
    rows,
    grants,
    now,
    onEvent,
    onRenewed: (name) => void tell(name),
  });
  const unlinking = createUnlinking({ rows, grants, onRemoved: tell, onEvent });
  const people = createPeopleLinks({
    rows,
    renewals,
    now,
    max: options.maxPeople ?? MAX_PEOPLE,
    credentialIdOf: (id) => hash('credential', `link\0${id}`),
  });

  /** The record is written: whoever misses the news reads it again soon. */
  async function tell({ person }: LinkName): Promise<void> {
    people.drop(person);
    await state.publish(NEWS, person).catch(() => undefined);
  }

  function onNews(person: string): void {
    people.reload(person);
    onEvent({ type: 'changed', person });
  }

  const recover = (): void => void renewals.recover().catch(() => undefined);
  const stopNews = state.subscribe(NEWS, onNews, people.doubtAll);
  const recovering = setInterval(recover, options.recoverMs ?? RECOVER_MS).unref();
  recover();

  return {
    linksOf: people.linksOf,
    async put(person, { cloudId, account, scopes = [], secret }) {
      const name = { person, cloudId, kind: secret.kind };
      const id = randomBytes(ID_BYTES).toString('base64url');
      await rows.write(name, { v: 1, id, account, scopes, linkedAt: now(), status: 'ok', secret });
      await tell(name);
      onEvent({ type: 'linked', name });
    },
    remove: (person, cloudId, kind) => unlinking.remove({ person, cloudId, kind }),
    removePerson: unlinking.removePerson,
    async *everyLink() {
      for (const person of await rows.people()) {
        for (const row of await rows.readAll(person)) yield summaryOf(row, now());
      }
    },
    rewrapAll: rows.rewrapAll,
    async close() {
      clearInterval(recovering);
      stopNews();
      await renewals.close();
      await unlinking.close();
    },
  };
}

function summaryOf({ name, record }: LinkRow, now: number): LinkSummary {
  const { account, scopes, linkedAt } = record;
  const expiresAt = endOf(record);
  const status = statusAt(record, now);
  return { ...name, ...account, status, scopes, linkedAt, ...(expiresAt !== undefined && { expiresAt }) };
}
