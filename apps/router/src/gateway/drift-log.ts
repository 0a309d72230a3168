import { randomUUID } from 'node:crypto';

import type { Risk } from '@switchyard/catalogue';

import { type DriftState, updateValue } from './drift-state.ts';

/** One change of one tool of one site, as the admin API tells it. */
export interface ChangeRow {
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly site: string;
  readonly cloudId: string;
  readonly tool: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly fields: readonly string[];
  readonly risks: readonly Risk[];
  readonly status: 'allowed' | 'held' | 'approved';
  /** Which definition it became; absent for a tool that is gone. */
  readonly definition?: string;
  /** The admin who approved it. */
  readonly approvedBy?: string;
}

export type NewChange = Omit<ChangeRow, 'id' | 'at'>;

/** The last changes of all sites: on every replica the same, kept over restarts. Rejects while the store does not answer. */
export interface ChangeLog {
  add(changes: readonly NewChange[]): Promise<void>;
  /** The newest first; `since` is in milliseconds since 1970. */
  list(filter: {
    readonly cloudId?: string | undefined;
    readonly since?: number | undefined;
  }): Promise<ChangeRow[]>;
  /** Says of held changes that they are approved now. */
  approve(cloudId: string, definitions: readonly string[], admin: string): Promise<void>;
}

const KEY = 'tool-changes';
const MAX_ROWS = 1_000;
const TTL_MS = 90 * 24 * 60 * 60 * 1_000;

export function createChangeLog(state: DriftState, now: () => number = Date.now): ChangeLog {
  const update = (change: (rows: readonly ChangeRow[]) => readonly ChangeRow[]): Promise<void> =>
    updateValue(state, { key: KEY, ttlMs: TTL_MS }, (value) => JSON.stringify(change(rowsOf(value))));

  return {
    async add(changes) {
      const at = new Date(now()).toISOString();
      const fresh = changes.map((change): ChangeRow => ({ id: randomUUID(), at, ...change }));
      if (fresh.length > 0) await update((rows) => [...rows, ...fresh].slice(-MAX_ROWS));
    },
    async list({ cloudId, since = 0 }) {
      const rows = rowsOf((await state.get(KEY))?.value);
      return rows
        .filter((row) => (cloudId === undefined || row.cloudId === cloudId) && Date.parse(row.at) >= since)
        .toReversed();
    },
    approve: (cloudId, definitions, admin) =>
      update((rows) =>
        rows.map((row) => {
          const isMeant = row.cloudId === cloudId && row.status === 'held' && row.definition !== undefined;
          const isApproved = isMeant && definitions.includes(row.definition);
          return isApproved ? { ...row, status: 'approved', approvedBy: admin } : row;
        }),
      ),
  };
}

function rowsOf(value: string | undefined): ChangeRow[] {
  return value === undefined ? [] : (JSON.parse(value) as ChangeRow[]);
}
