import {
  faultIn,
  interleave,
  type SearchHit,
  type Site,
  type SiteStatus,
  toolResult,
} from '@switchyard/catalogue';

import type { CallReply } from './call-reply.ts';
import type { Opening } from './runtime.ts';
import { siteFailure } from './site-failure.ts';

const MAX_ANSWER_BYTES = 2 * 1024 * 1024;

/** A site's part of a search: its hits, or why there are none. */
export interface Searched {
  readonly site: Site;
  readonly status: SiteStatus;
  readonly hits: readonly SearchHit[];
  readonly reason?: string;
  readonly call?: CallReply;
}

/** Why a site's list is not known. */
export function reasonOf(
  { site }: Opening,
  outcome: { readonly kind: 'late' } | { readonly kind: 'failed'; readonly error: unknown },
): { readonly status: SiteStatus; readonly reason: string } {
  if (outcome.kind === 'late')
    return { status: 'unavailable', reason: `${site.title} has not answered yet: ask again in a moment.` };
  const { status, text } = siteFailure(site, outcome.error);
  return { status, reason: text };
}

/** The result of a site's tool; a sentence for anything else. */
export function resultOf(reply: CallReply): { readonly value: unknown } | string {
  if (reply.kind === 'failed') return sentenceIn(JSON.parse(reply.result));
  if (reply.kind === 'unknown' || reply.kind === 'invalid') return reply.message;
  if (reply.kind !== 'answer') return 'no answer';
  const { site, answer } = reply;
  if (answer.body.length > MAX_ANSWER_BYTES) return `${site.title} gave an answer that is too large.`;
  const { result, error } = parsed(answer.body);
  if (result === undefined) return `${site.title}: ${error?.message ?? 'no usable answer'}`;
  const fault = faultIn(result);
  return fault === undefined ? { value: result } : `${site.title}: ${fault}`;
}

interface Parsed {
  readonly result?: unknown;
  readonly error?: { readonly message?: string };
}

function parsed(body: Buffer): Parsed {
  try {
    return JSON.parse(body.toString('utf8')) as Parsed;
  } catch {
    return {};
  }
}

function sentenceIn(result: unknown): string {
  return faultIn(result) ?? 'no usable answer';
}

/** How a site stands that gave no hits. */
export function statusOf(reply: CallReply): SiteStatus {
  return reply.kind === 'failed' && reply.outcome === 'not_connected' ? 'not-connected' : 'unavailable';
}

/** Sites that nobody expects an answer from: their rows say why. */
const UNASKED: readonly SiteStatus[] = ['not-connected', 'disabled'];

/** Part of the sites is an answer; none of them is a failure. */
export function searchReply(searched: readonly Searched[]): CallReply {
  const calls = searched.flatMap(({ call }) => call ?? []);
  const failed = searched.filter(({ status }) => status !== 'ok');
  const notice = failed
    .filter(({ status }) => !UNASKED.includes(status))
    .map(({ reason }) => reason)
    .join(' ');
  const rows = searched.map(({ site, status, hits, reason }) => ({
    site: site.name,
    cloudId: site.cloudId,
    status,
    hits: hits.length,
    ...(reason !== undefined && { reason }),
  }));
  const meta = { 'switchyard/partial': failed.length > 0, 'switchyard/sites': rows };
  if (failed.length === searched.length)
    return { ...failedResult(notice, { 'switchyard/reason': 'unavailable', ...meta }), calls };
  const results = interleave(searched.map(({ hits }) => hits));
  const value = { results, ...(notice !== '' && { notice: `Not every site answered. ${notice}` }) };
  return { kind: 'own', result: toolResult(JSON.stringify(value), JSON.stringify(meta)), calls };
}

/** A failure as the result of a tool; what a site itself says has no reason of Switchyard's. */
export function failedResult(
  text: string,
  meta: Readonly<Record<string, unknown>> = {},
): Extract<CallReply, { kind: 'own' }> {
  const result = { content: [{ type: 'text', text }], isError: true, _meta: meta };
  return { kind: 'own', result: JSON.stringify(result) };
}
