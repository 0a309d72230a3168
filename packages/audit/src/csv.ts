import type { AuditRecord } from './audit-record.ts';

/** The columns, in order. */
const COLUMNS: readonly (readonly [string, (record: AuditRecord) => string | number | undefined])[] = [
  ['seq', ({ seq }) => seq],
  ['ts', ({ ts }) => ts],
  ['event', ({ event }) => event],
  ['decision', ({ decision }) => decision],
  ['rule', ({ rule }) => rule],
  ['outcome', ({ outcome }) => outcome],
  ['callerId', ({ caller }) => caller?.id],
  ['callerSubject', ({ caller }) => caller?.subject],
  ['callerEmail', ({ caller }) => caller?.email],
  ['method', ({ method }) => method],
  ['clientId', ({ client }) => client?.id],
  ['clientName', ({ client }) => client?.name],
  ['redirectHost', ({ client }) => client?.redirectHost],
  ['grant', ({ grant }) => grant],
  ['address', ({ address }) => address],
  ['addressList', ({ addressList }) => addressList],
  ['site', ({ site }) => site],
  ['cloudId', ({ cloudId }) => cloudId],
  ['product', ({ product }) => product],
  ['tool', ({ tool }) => tool],
  ['access', ({ access }) => access],
  ['upstreamKind', ({ upstream }) => upstream?.kind],
  ['upstreamAccount', ({ upstream }) => upstream?.accountId],
  ['argsDigest', ({ argsDigest }) => argsDigest],
  ['resources', ({ resources }) => resources?.join(' ')],
  ['target', ({ target }) => target],
  ['status', ({ status }) => status],
  ['latencyMs', ({ latencyMs }) => latencyMs],
  ['bytes', ({ bytes }) => bytes],
  ['traceId', ({ traceId }) => traceId],
  ['policyVersion', ({ policyVersion }) => policyVersion],
];

/** What a spreadsheet would run as a formula, also after white space. */
const FORMULA = /^\s*[=+\-@|%]|^\s/;

/** The first line of the table. */
export function csvHeader(): string {
  return COLUMNS.map(([name]) => name).join(',');
}

/** One line of the table (RFC 4180). A text that a spreadsheet would run gets an apostrophe in front. */
export function toCsv(record: AuditRecord): string {
  return COLUMNS.map(([, valueOf]) => cell(valueOf(record))).join(',');
}

function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  const text = String(value);
  const guarded = typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
