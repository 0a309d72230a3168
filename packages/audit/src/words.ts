/** What can be recorded: one line each. */
export const AUDIT_EVENTS = [
  'authentication',
  'consent',
  'link',
  'token',
  'list',
  'call',
  'admin',
  'config',
] as const;

/** What happened. */
export type AuditEvent = (typeof AUDIT_EVENTS)[number];

/** `jsonl`: the lines' own members; `ocsf`: API Activity events, one a line; `csv`: a table with a header. */
export const EXPORT_FORMATS = ['jsonl', 'ocsf', 'csv'] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];
