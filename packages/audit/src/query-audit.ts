import { type AuditRecord, parseRecord } from './audit-record.ts';
import { readLines } from './read-lines.ts';
import { headHostOf, logHostOf } from './trail-files.ts';
import type { AuditEvent } from './words.ts';

/** Which lines are asked for; all that is given must fit. */
export interface AuditFilter {
  /** Milliseconds since 1970; `until` itself is no longer in. */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  /** Id, subject or e-mail. */
  readonly caller?: string | undefined;
  /** Name or cloudId. */
  readonly site?: string | undefined;
  readonly tool?: string | undefined;
  readonly event?: AuditEvent | undefined;
  /** The outcome, or the decision. */
  readonly outcome?: string | undefined;
}

/** The lines of all replicas that fit, in the order of their times. Throws `AuditError` `unreadable`. */
export async function* queryAudit(
  files: readonly string[],
  filter: AuditFilter = {},
): AsyncGenerator<AuditRecord> {
  const hosts = new Map<string, string[]>();
  for (const path of files) {
    if (headHostOf(path) !== undefined) continue;
    const host = logHostOf(path) ?? path;
    hosts.set(host, [...(hosts.get(host) ?? []), path]);
  }
  for await (const record of byTime([...hosts.values()].map(recordsOf))) {
    if (fits(record, filter)) yield record;
  }
}

/** Whether a line is asked for. */
function fits(record: AuditRecord, filter: AuditFilter): boolean {
  const time = Date.parse(record.ts);
  const { caller } = record;
  return (
    !(time < (filter.sinceMs ?? -Infinity)) &&
    !(time >= (filter.untilMs ?? Infinity)) &&
    isOneOf(filter.caller, [caller?.id, caller?.subject, caller?.email]) &&
    isOneOf(filter.site, [record.site, record.cloudId]) &&
    isOneOf(filter.tool, [record.tool]) &&
    isOneOf(filter.event, [record.event]) &&
    isOneOf(filter.outcome, [record.outcome, record.decision])
  );
}

function isOneOf(wanted: string | undefined, values: readonly (string | undefined)[]): boolean {
  return wanted === undefined || values.some((value) => value?.toLowerCase() === wanted.toLowerCase());
}

async function* recordsOf(paths: readonly string[]): AsyncGenerator<AuditRecord> {
  for (const path of paths) {
    for await (const { bytes } of readLines(path)) {
      const record = parseRecord(bytes.toString('utf8'));
      if (record) yield record;
    }
  }
}

/** Merges what is in order by itself. */
async function* byTime(sources: readonly AsyncGenerator<AuditRecord>[]): AsyncGenerator<AuditRecord> {
  const heads = await Promise.all(sources.map((source) => source.next()));
  for (;;) {
    let first: { readonly record: AuditRecord; readonly index: number } | undefined;
    for (const [index, { done, value }] of heads.entries()) {
      if (done !== true && (first === undefined || value.ts < first.record.ts))
        first = { record: value, index };
    }
    const source = first && sources[first.index];
    if (!first || !source) return;
    yield first.record;
    heads[first.index] = await source.next();
  }
}
