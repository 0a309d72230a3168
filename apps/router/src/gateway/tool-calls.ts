import {
  type CallArguments,
  callArguments,
  isRecord,
  locate,
  type Site,
  type View,
} from '@switchyard/catalogue';
import { editObject } from '@switchyard/json-text';
import { type Upstream, type UpstreamAnswer, UpstreamError } from '@switchyard/upstream';
import { answerKind, type MessageFault } from '@switchyard/wire';

import { type CallReply, siteFailed, type ToolCall, unknownTool } from './call-reply.ts';
import { type FoundTool, findTool } from './find-tool.ts';
import { checkParamHeaders, paramHeadersFor } from './param-header-rules.ts';
import { type Opening, type Runtime, targetFor } from './runtime.ts';
import { siteFailure } from './site-failure.ts';
import type { SiteLists } from './site-lists.ts';

/** Whose call it is and where it may go. */
interface CallContext {
  readonly runtime: Runtime;
  readonly view: View;
  readonly openings: readonly Opening[];
}

/** Runs one tools/call: where it goes, whether it may, and what comes back. Never rejects. */
export type CallTool = (context: CallContext, call: ToolCall) => Promise<CallReply>;

export function createToolCalls(parts: {
  readonly upstream: Upstream;
  readonly lists: SiteLists;
  readonly onUnauthorized: (credentialId: string) => void;
}): CallTool {
  return async function callTool({ runtime, view, openings }, call) {
    const { name } = call;
    const sites = openings.map(({ site }) => site);
    const target = locate(view, name, { sites, directory: runtime.directory });
    if (target?.kind === 'own') return { kind: 'sites' };
    const opening = target && openings.find(({ site }) => site === target.site);
    if (!opening) return unknownTool(name, 'unknown');
    const args = readArguments(call);
    if (!args)
      return {
        kind: 'invalid',
        message: 'Invalid arguments: "arguments" must be an object',
        reason: 'arguments',
      };
    const finding = findTool(parts.lists, { runtime, view, opening, target, args, name });
    const found = finding instanceof Promise ? await finding : finding;
    if (found.kind !== 'found') return found;
    const fault = mismatchOf(found, call);
    if (fault) return { kind: 'mismatch', fault };
    return run({ opening, call, found, timeoutMs: runtime.config.limits.callTimeoutMs });
  };

  async function run(running: Running): Promise<CallReply> {
    const { site, request } = running.opening;
    const { toolClass } = running.found.resolution;
    const idempotent = toolClass.known && toolClass.access === 'read';
    try {
      const answer = await send(running, idempotent);
      const kind = answerKind(answer.body);
      if (kind !== 'result') void forgetMissingTool(parts.lists, running.opening, answer.body);
      return { kind: 'answer', answer, outcome: OUTCOMES[kind], site, toolClass };
    } catch (error) {
      const isGone = error instanceof UpstreamError && error.code === 'unauthorized';
      if (isGone) parts.onUnauthorized(request.target.credential.id);
      return { ...failureOf(error, site, idempotent), toolClass };
    }
  }

  function send({ opening, call, found, timeoutMs }: Running, idempotent: boolean): Promise<UpstreamAnswer> {
    const { tool, argumentsText, entry } = found.resolution;
    const { onMessage, signal, client } = call;
    return parts.upstream.send(targetFor(opening, client), {
      method: 'tools/call',
      paramsText: editObject(
        call.paramsText,
        { name: JSON.stringify(tool), arguments: argumentsText },
        call.paramsMembers,
      ),
      idempotent,
      timeoutMs,
      ...paramHeadersFor(entry, argumentsText),
      ...(client.logLevel !== undefined && { logLevel: client.logLevel }),
      ...(signal && { signal }),
      ...(onMessage && { onMessage: (message, session) => onMessage(message, session, opening) }),
    });
  }
}

/** Only modern clients repeat arguments in headers. */
function mismatchOf(
  { resolution }: FoundTool,
  { client, args, headers }: ToolCall,
): MessageFault | undefined {
  return client.era === 'modern' ? checkParamHeaders(resolution.entry, args, headers) : undefined;
}

/** A write that broke off may have happened all the same. */
function failureOf(error: unknown, site: Site, idempotent: boolean): Extract<CallReply, { kind: 'failed' }> {
  const known = error instanceof UpstreamError ? error : undefined;
  const failed = siteFailed(site, siteFailure(site, error), !idempotent && known?.mayHaveExecuted === true);
  return known?.code === 'cancelled' ? { ...failed, outcome: 'cancelled' } : failed;
}

/** A tool that upstream no longer has: the list is out of date, whatever its age. */
async function forgetMissingTool(lists: SiteLists, opening: Opening, body: Buffer): Promise<void> {
  if (body.length < LONG && MISSING.test(body.toString('utf8'))) await lists.invalidate(opening.request.key);
}

interface Running {
  readonly opening: Opening;
  readonly call: ToolCall;
  readonly found: FoundTool;
  readonly timeoutMs: number;
}

const OUTCOMES = { result: 'ok', 'tool-error': 'tool_error', error: 'upstream_error' } as const;
const LONG = 4_096;
const MISSING = /(?:unknown|no such) tool|tool \S* ?(?:was )?not found/i;

function readArguments({ args, argumentsText }: ToolCall): CallArguments | undefined {
  if (args === undefined || argumentsText === undefined) return callArguments({}, '{}');
  return isRecord(args) ? callArguments(args, argumentsText) : undefined;
}
