import type { AuditEntry } from './audit-entry.ts';
import { AUDIT_EVENTS, type AuditEvent } from './words.ts';

/** One line about a caller, read back. Nothing is proved by reading: that is what `verifyAudit` is for. */
export interface AuditRecord extends Omit<AuditEntry, 'argumentsText'> {
  readonly seq: number;
  /** ISO 8601. */
  readonly ts: string;
  readonly argsDigest?: string;
  readonly mac: string;
}

/** Undefined for lines that the trail writes about itself, and for what is no line of a trail. */
export function parseRecord(line: string): AuditRecord | undefined {
  const record: Partial<AuditRecord> | undefined = parseObject(line);
  if (typeof record?.seq !== 'number' || typeof record.ts !== 'string') return undefined;
  return AUDIT_EVENTS.includes(record.event as AuditEvent) ? (record as AuditRecord) : undefined;
}

function parseObject(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return value !== null && typeof value === 'object' ? value : undefined;
  } catch {
    return undefined;
  }
}
