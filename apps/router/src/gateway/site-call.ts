import type { Access, ConfirmedCall, Credential, Resolution, Site } from '@switchyard/catalogue';
import { editObject } from '@switchyard/json-text';
import { type Upstream, type UpstreamAnswer, UpstreamError } from '@switchyard/upstream';
import { answerKind, type MessageFault } from '@switchyard/wire';

import { type CallReply, siteFailed, type ToolCall } from './call-reply.ts';
import { unrecorded } from './closed-site.ts';
import { consentParams, notConfirmed } from './confirm.ts';
import type { GuardedLists } from './drift-lists.ts';
import { type CallPlace, findTool, type FoundTool } from './find-tool.ts';
import { checkParamHeaders, paramHeadersFor } from './param-header-rules.ts';
import { type Opening, targetFor } from './runtime.ts';
import { siteFailure } from './site-failure.ts';
import type { SiteLists } from './site-lists.ts';
import {
  type InputRequired,
  inputRequiredOf,
  takeSiteTurns,
  type Unanswered,
  unansweredReply,
} from './site-turns.ts';

/** A call of one tool at one site. */
export interface SiteCall {
  readonly place: CallPlace;
  readonly call: ToolCall;
  /** What else a call that policy lets through must be; a reply is a refusal. */
  readonly judge?: ((resolution: Extract<Resolution, { kind: 'call' }>) => CallReply | undefined) | undefined;
  /** The arguments stand elsewhere than in the client's own: it repeats none in headers. */
  readonly isInner?: boolean | undefined;
}

/** Runs a call at its site: whether it may, and what comes back. Never rejects. */
export type CallSite = (call: SiteCall) => Promise<CallReply>;

export function createSiteCalls(parts: {
  readonly upstream: Upstream;
  readonly lists: GuardedLists;
  readonly onUnauthorized: (credential: Credential) => void;
  /** Whether what could not be recorded now must not be done. */
  readonly refuses: (access: Access) => boolean;
}): CallSite {
  /** Without an async frame of its own where nothing is waited for: every call comes this way. */
  return function callSite(asked) {
    const finding = findWay(parts.lists, asked.place);
    return finding instanceof Promise ? finding.then((way) => runAt(asked, way)) : runAt(asked, finding);
  };

  function runAt({ place, call, judge, isInner }: SiteCall, { opening, found }: Way): Promise<CallReply> {
    if (found.kind !== 'found') return Promise.resolve(found);
    const { access } = found.resolution.toolClass;
    if (parts.refuses(access)) return Promise.resolve(siteFailed(opening.site, unrecorded(access).failure));
    const refused = judge?.(found.resolution);
    if (refused) return Promise.resolve(refused);
    const fault = isInner ? undefined : mismatchOf(found, place, call);
    if (fault) return Promise.resolve({ kind: 'mismatch', fault });
    const { callTimeoutMs } = place.runtime.config.limits;
    const timeoutMs = Math.min(callTimeoutMs, call.timeoutMs ?? callTimeoutMs);
    const { toolClass, confirm } = found.resolution;
    const idempotent = toolClass.known && toolClass.access === 'read';
    const running = { opening, call, found, timeoutMs, idempotent };
    if (!confirm) return run(running);
    return refusedConsent(running, confirm).then((refusal) => refusal ?? run(running));
  }

  function run(running: Running): Promise<CallReply> {
    const sent = send(parts.upstream, running);
    return sent.then(
      (answer): CallReply | Promise<CallReply> => {
        const required = running.call.client.era === 'legacy' ? inputRequiredOf(answer) : undefined;
        return required ? goOn(running, required) : replyOf(parts.lists, running, answer);
      },
      (error: unknown) => failed(running, error),
    );
  }

  function failed(running: Running, error: unknown): CallReply {
    const isGone = error instanceof UpstreamError && error.code === 'unauthorized';
    if (isGone) parts.onUnauthorized(running.opening.request.target.credential);
    return failedReply(running, error);
  }

  /** A client of the session era is asked on its own stream what a site of the modern one wants to know. */
  async function goOn(running: Running, required: InputRequired): Promise<CallReply> {
    const { site, request } = running.opening;
    const { tool, toolClass } = running.found.resolution;
    try {
      const answer = await takeTurns(parts.upstream, running, required);
      if (typeof answer !== 'string') return replyOf(parts.lists, running, answer);
      return {
        ...unansweredReply(site, answer),
        tool,
        toolClass,
        credentialId: request.target.credential.id,
      };
    } catch (error) {
      return failed(running, error);
    }
  }
}

function replyOf(lists: GuardedLists, { opening, found }: Running, answer: UpstreamAnswer): CallReply {
  const { tool, toolClass } = found.resolution;
  const kind = answerKind(answer.body);
  if (kind !== 'result') void forgetMissingTool(lists, opening, answer);
  const { id: credentialId } = opening.request.target.credential;
  return {
    kind: 'answer',
    answer,
    outcome: OUTCOMES[kind],
    site: opening.site,
    tool,
    toolClass,
    credentialId,
  };
}

function failedReply({ opening, found, idempotent }: Running, error: unknown): CallReply {
  const { tool, toolClass } = found.resolution;
  const { id: credentialId } = opening.request.target.credential;
  return { ...failureOf(error, opening.site, idempotent), tool, toolClass, credentialId };
}

function takeTurns(
  upstream: Upstream,
  running: Running,
  required: InputRequired,
): Promise<UpstreamAnswer | Unanswered> {
  const { call, timeoutMs: waitMs } = running;
  return takeSiteTurns(required, {
    askAll: call.asking?.().askAll,
    waitMs,
    signal: call.signal,
    async send(added, timeoutMs) {
      const closed = running.opening.request.closed?.();
      if (closed) throw closed;
      const again = { ...call, paramsText: editObject(call.paramsText, added), paramsMembers: undefined };
      return send(upstream, { ...running, call: again, timeoutMs });
    },
  });
}

/** The client's `params` go with the tool's own name and the arguments that its site wants. */
function send(
  upstream: Upstream,
  { opening, call, found, timeoutMs, idempotent }: Running,
): Promise<UpstreamAnswer> {
  const { tool, argumentsText, entry } = found.resolution;
  const { onMessage, signal, client, reader } = call;
  const edits = { name: JSON.stringify(tool), arguments: argumentsText };
  return upstream.send(targetFor(opening, client), {
    method: 'tools/call',
    paramsText: editObject(call.paramsText, edits, call.paramsMembers),
    idempotent,
    timeoutMs,
    signal,
    paramHeaders: paramHeadersFor(entry, argumentsText),
    logLevel: client.logLevel,
    onMessage: onMessage && ((message, session) => onMessage(message, session, opening)),
    reader,
  });
}

interface Way {
  readonly opening: Opening;
  readonly found: FoundTool | CallReply;
}

/** With several credentials for one site: the first that opens the tool. */
function findWay(lists: GuardedLists, place: CallPlace): Way | Promise<Way> {
  const { opening } = place;
  const finding = findTool(lists, place);
  if (!opening.more) {
    if (!(finding instanceof Promise)) return { opening, found: finding };
    return finding.then((found) => ({ opening, found }));
  }
  return findAmong(
    lists,
    place,
    Promise.resolve(finding).then((found) => ({ opening, found })),
  );
}

async function findAmong(lists: GuardedLists, place: CallPlace, first: Promise<Way>): Promise<Way> {
  const preferred = await first;
  if (preferred.found.kind === 'found') return preferred;
  for (const opening of place.opening.more ?? []) {
    const found = await findTool(lists, { ...place, opening });
    if (found.kind === 'found') return { opening, found };
  }
  return preferred;
}

/** What becomes of a call that the person did not say yes to; undefined for one that they did. */
async function refusedConsent(
  { opening: { site }, call, found }: Running,
  confirm: ConfirmedCall,
): Promise<CallReply | undefined> {
  const consent = (await call.asking?.().consent(consentParams(site, confirm))) ?? 'cannot_ask';
  if (consent === 'yes') return undefined;
  const { tool, toolClass } = found.resolution;
  return { ...notConfirmed(site, confirm.tool, consent), tool, toolClass };
}

/** Only modern clients repeat arguments in headers. */
function mismatchOf(
  { resolution }: FoundTool,
  { args }: CallPlace,
  { client, headers }: ToolCall,
): MessageFault | undefined {
  return client.era === 'modern' ? checkParamHeaders(resolution.entry, args.value, headers) : undefined;
}

/** A write that broke off may have happened all the same. */
function failureOf(error: unknown, site: Site, idempotent: boolean): Extract<CallReply, { kind: 'failed' }> {
  const known = error instanceof UpstreamError ? error : undefined;
  const failed = siteFailed(site, siteFailure(site, error), !idempotent && known?.mayHaveExecuted === true);
  return known?.code === 'cancelled' ? { ...failed, outcome: 'cancelled' } : failed;
}

/** A tool that upstream no longer has: the list is out of date, whatever its age. */
async function forgetMissingTool(
  lists: SiteLists,
  opening: Opening,
  { body, passedOn }: UpstreamAnswer,
): Promise<void> {
  if ((passedOn ?? body.length) < LONG && MISSING.test(body.toString('utf8')))
    await lists.invalidate(opening.request.key);
}

interface Running {
  readonly opening: Opening;
  readonly call: ToolCall;
  readonly found: FoundTool;
  readonly timeoutMs: number;
  /** Known to read only. */
  readonly idempotent: boolean;
}

const OUTCOMES = { result: 'ok', 'tool-error': 'tool_error', error: 'upstream_error' } as const;
const LONG = 4_096;
const MISSING = /(?:unknown|no such) tool|tool \S* ?(?:was )?not found/i;
