import type { AuditRecord } from './audit-record.ts';
import { csvHeader, toCsv } from './csv.ts';
import { toOcsf } from './ocsf.ts';
import { type AuditFilter, queryAudit } from './query-audit.ts';
import { printableJson } from './render-entry.ts';
import type { ExportFormat } from './words.ts';

const LINE: Readonly<Record<ExportFormat, (record: AuditRecord) => string>> = {
  jsonl: printableJson,
  ocsf: (record) => printableJson(toOcsf(record)),
  csv: toCsv,
};

/** The lines that fit, in another form; without newlines at their ends. Throws `AuditError` `unreadable`. */
export async function* exportAudit(
  files: readonly string[],
  { format, filter = {} }: { readonly format: ExportFormat; readonly filter?: AuditFilter },
): AsyncGenerator<string> {
  if (format === 'csv') yield csvHeader();
  for await (const record of queryAudit(files, filter)) yield LINE[format](record);
}
