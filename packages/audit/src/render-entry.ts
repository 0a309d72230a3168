import type { AuditEntry } from './audit-entry.ts';

const MAX_TEXT = 256;
const MAX_RESOURCES = 20;

/**
 * Characters that JSON leaves as they are and that could fool the eye or a terminal: C1 controls, line separators, marks
 * that turn the direction of writing.
 */
const DECEIVING = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** What credentials look like. No field holds one; this is for the day when a client calls a tool by one. */
const CREDENTIAL =
  /(?:ATATT|ATSTT|ATCTT|swy_pat_)[\w=.-]{8,}|eyJ[\w-]{8,}(?:\.[\w-]*)+|\b(?:Basic|Bearer)\s+[\w+/=.~-]{8,}/gi;

/** The members of a line's JSON object that say what happened; `digest` turns arguments into a keyed digest. */
export function renderEntry(entry: AuditEntry, digest: (text: string) => string): string {
  const { caller, client, upstream, argumentsText, resources } = entry;
  return renderFields({
    event: entry.event,
    decision: entry.decision,
    rule: text(entry.rule),
    outcome: text(entry.outcome),
    caller: caller && { id: text(caller.id), subject: text(caller.subject), email: text(caller.email) },
    method: text(entry.method),
    client: client && {
      id: text(client.id),
      name: text(client.name),
      redirectHost: text(client.redirectHost),
    },
    grant: text(entry.grant),
    address: text(entry.address),
    addressList: text(entry.addressList),
    site: text(entry.site),
    cloudId: text(entry.cloudId),
    product: text(entry.product),
    tool: text(entry.tool),
    access: entry.access,
    upstream: upstream && { kind: text(upstream.kind), accountId: text(upstream.accountId) },
    argsDigest: argumentsText === undefined ? undefined : digest(argumentsText),
    resources: resources?.slice(0, MAX_RESOURCES).map(text),
    target: text(entry.target),
    status: entry.status,
    latencyMs: round(entry.latencyMs),
    bytes: entry.bytes,
    traceId: text(entry.traceId),
    policyVersion: text(entry.policyVersion),
  });
}

/** The members of a JSON object, without its braces. `event` must come first: the verifier reads it there. */
export function renderFields(fields: { readonly event: string } & Readonly<Record<string, unknown>>): string {
  return printableJson(fields).slice(1, -1).replace(CREDENTIAL, '[redacted]');
}

/** JSON without any character that could fool the eye or a terminal; as JSON it says the same. */
export function printableJson(value: object): string {
  return JSON.stringify(value).replace(DECEIVING, escape);
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function text(value: string | undefined): string | undefined {
  return value === undefined || value.length <= MAX_TEXT ? value : `${value.slice(0, MAX_TEXT - 1)}…`;
}

function round(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : Math.round(milliseconds * 1_000) / 1_000;
}
