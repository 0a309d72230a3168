import type { DurableState } from '@switchyard/identity';

/** What of the durable state is needed to keep pins and the log of changes. */
export type DriftState = Pick<DurableState, 'get' | 'put' | 'publish' | 'subscribe'>;

const MAX_TRIES = 8;

/**
 * Replaces a value by what `change` makes of it, also when other replicas write at the same time; undefined leaves it as
 * it is. Rejects when the store does not answer, or when others were faster each time.
 */
export async function updateValue(
  state: DriftState,
  { key, ttlMs }: { readonly key: string; readonly ttlMs?: number },
  change: (value: string | undefined) => string | undefined,
): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const stored = await state.get(key);
    const next = change(stored?.value);
    if (next === undefined) return;
    const options = { ifVersion: stored?.version ?? 0, ...(ttlMs !== undefined && { ttlMs }) };
    if (await state.put(key, next, options)) return;
  }
  throw new Error(`${key} is written by too many at once`);
}
