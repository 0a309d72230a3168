import type { Grant, Grants } from '../atlassian/grant.ts';
import type { LinkName } from './link-record.ts';
import type { LinkRows } from './link-rows.ts';
import type { VaultEvent } from './vault-event.ts';

/** Takes links away: first here, then at the authorization server. */
export interface Unlinking {
  /** Does not wait for the server. True when there was a link. */
  remove(name: LinkName): Promise<boolean>;
  /** Returns how many links there were. */
  removePerson(person: string): Promise<number>;
  /** Waits for the servers. */
  close(): Promise<void>;
}

/** `onRemoved` comes before the revocation. */
export interface UnlinkingOptions {
  readonly rows: LinkRows;
  readonly grants: Grants;
  readonly onRemoved: (name: LinkName) => Promise<void>;
  readonly onEvent: (event: VaultEvent) => void;
}

export function createUnlinking({ rows, grants, onRemoved, onEvent }: UnlinkingOptions): Unlinking {
  const revoking = new Set<Promise<void>>();

  function revoke(name: LinkName, grant: Grant): void {
    const done = grants
      .revoke(grant)
      .catch(() => onEvent({ type: 'revocation-failed', name }))
      .finally(() => revoking.delete(done));
    revoking.add(done);
  }

  async function remove(name: LinkName): Promise<boolean> {
    const row = await rows.remove(name);
    await onRemoved(name);
    if (!row) return false;
    onEvent({ type: 'unlinked', name });
    const { secret } = row.record;
    if (secret.kind === 'oauth') revoke(name, secret.grant);
    return true;
  }

  return {
    remove,
    async removePerson(person) {
      let removed = 0;
      for (const { name } of await rows.readAll(person)) if (await remove(name)) removed += 1;
      return removed;
    },
    close: async () => void (await Promise.allSettled(revoking)),
  };
}
