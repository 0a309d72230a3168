import { duplicateKey, memberText } from '@switchyard/json-text';

import { type CallArguments, checkSite, fillCloudId, isRecord } from './call-arguments.ts';
import type { Access, Site } from './model.ts';
import { type OwnTool, ownTool } from './own-tools.ts';
import type { DenialReason, SitePolicy } from './policy.ts';
import { successorOf } from './renames/renames.ts';
import type { SiteDirectory } from './site-directory.ts';
import {
  actionsWithin,
  classify,
  classifyCall,
  envelopeAccess,
  envelopeCarries,
  isExactName,
  knownToTakeCloudId,
  type ToolClass,
} from './tool-class.ts';
import type { ToolEntry, ToolIndex } from './tool-index.ts';
import { encodeToolName, splitToolName } from './tool-name.ts';
import type { View } from './view.ts';

/** Where a called name leads, before the tool list of that site is needed. */
export type Target =
  | { readonly kind: 'own'; readonly tool: OwnTool }
  | { readonly kind: 'site'; readonly site: Site; readonly namespace: string; readonly rest: string };

/** What becomes of a call. Forbidden and absent look alike to the client; `reason` is for the metrics. */
export type Resolution =
  | {
      readonly kind: 'call';
      readonly tool: string;
      readonly toolClass: ToolClass;
      /** JSON text of the arguments as upstream wants them. */
      readonly argumentsText: string;
      /** The tool's definition; undefined when its site's list is not at hand. */
      readonly entry: ToolEntry | undefined;
      /** What the person must say yes to first. */
      readonly confirm: ConfirmedCall | undefined;
    }
  | {
      readonly kind: 'unknown';
      readonly name: string;
      readonly reason: DenialReason | 'unknown';
      /** The name of the tool that took its place, when this caller may see that. */
      readonly now?: string;
    }
  | {
      readonly kind: 'invalid';
      readonly message: string;
      readonly reason: 'arguments' | 'site' | 'resource';
    };

/** The tool that really runs, inside an envelope as well, with the arguments that it gets. */
export interface ConfirmedCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Which of the caller's sites a name belongs to; undefined when it says none of them: merged names do not. */
export function locate(
  view: View,
  name: string,
  { sites, directory }: { sites: readonly Site[]; directory: SiteDirectory },
): Target | undefined {
  const own = ownTool(view, name);
  if (own) return { kind: 'own', tool: own };
  const split = splitToolName(name);
  const site = split && directory.find(split.namespace);
  if (split && site && sites.includes(site))
    return { kind: 'site', site, namespace: site.name, rest: split.rest };
  const single = view.mode === 'namespaced' ? view.single : undefined;
  if (!single || !sites.includes(single)) return undefined;
  return { kind: 'site', site: single, namespace: single.name, rest: name };
}

/**
 * Decides one call: a table look-up and the policy predicate, no I/O. Without an index (the site's
 * list is not at hand) only tools that Switchyard itself knows are let through.
 */
export function resolveCall(options: {
  readonly policy: SitePolicy;
  readonly target: Extract<Target, { kind: 'site' }>;
  readonly index: ToolIndex | undefined;
  readonly args: CallArguments;
  readonly directory: SiteDirectory;
  /** The name as the client wrote it. */
  readonly name: string;
}): Resolution {
  const { policy, target, index, directory, name } = options;
  const { tool, args, now } = toolAt(index, target, options.args);
  if (tool === undefined)
    return unknownHere(name, now !== undefined && policy.shows(now) ? now : undefined, target);
  if (!policy.shows(tool)) return { kind: 'unknown', name, reason: denial(policy, tool) };
  const site = checkSite(args, target.site, directory);
  if (!site.ok) return { kind: 'invalid', message: `Invalid arguments: ${site.message}`, reason: 'site' };
  const judged = judgeCall(policy, { tool, args, index });
  if (judged.kind !== 'allowed') return judged;
  const entry = index?.find(tool);
  const takesCloudId = entry?.takesCloudId ?? knownToTakeCloudId(tool);
  return {
    kind: 'call',
    tool,
    toolClass: judged.toolClass,
    argumentsText: fillCloudId(args, target.site, takesCloudId),
    entry,
    confirm: policy.confirms(judged.toolClass.access) ? { tool: judged.tool, args: judged.args } : undefined,
  };
}

/** The tool that a name means, with its arguments: those of the other generation are carried over where they fit. */
function toolAt(
  index: ToolIndex | undefined,
  { namespace, rest }: Extract<Target, { kind: 'site' }>,
  args: CallArguments,
): { tool: string | undefined; args: CallArguments; now?: string } {
  if (!index) return { tool: knownName(rest), args };
  const found = index.findAdvertised(namespace, rest)?.name;
  const successor = successorOf(index, found ?? rest, args);
  if (successor?.args) return { tool: successor.tool, args: successor.args };
  return { tool: found, args, ...(successor && { now: successor.tool }) };
}

function unknownHere(
  name: string,
  now: string | undefined,
  { namespace, rest }: Extract<Target, { kind: 'site' }>,
): Resolution {
  if (now === undefined) return { kind: 'unknown', name, reason: 'unknown' };
  return {
    kind: 'unknown',
    name,
    reason: 'unknown',
    now: name === rest ? now : encodeToolName(namespace, now),
  };
}

function knownName(rest: string): string | undefined {
  return classify(rest).known ? rest : undefined;
}

function denial(policy: SitePolicy, tool: string): DenialReason {
  return policy.denies(tool, classify(tool)) ?? 'access';
}

type Judged =
  | ({ readonly kind: 'allowed'; readonly toolClass: ToolClass } & ConfirmedCall)
  | Exclude<Resolution, { kind: 'call' }>;

/** All that policy says of a call: its tool, its arguments, and what they name. */
function judgeCall(
  policy: SitePolicy,
  call: { readonly tool: string; readonly args: CallArguments; readonly index: ToolIndex | undefined },
): Judged {
  const judged = judge(policy, call.tool, call.args);
  if (judged.kind !== 'allowed') return judged;
  if (call.index?.withheld?.has(judged.tool))
    return { kind: 'unknown', name: judged.tool, reason: 'unknown' };
  const refusal = policy.refuses(judged);
  return refusal === undefined ? judged : { kind: 'invalid', message: refusal, reason: 'resource' };
}

function judge(policy: SitePolicy, tool: string, args: CallArguments): Judged {
  if (envelopeAccess(tool) !== undefined) return judgeEnvelope(policy, tool, args);
  const toolClass = classifyCall(tool, args.value);
  const reason = policy.denies(tool, toolClass);
  if (reason === undefined) return { kind: 'allowed', toolClass, tool, args: args.value };
  const permits = (access: Access): boolean =>
    policy.denies(tool, { ...toolClass, verb: access }) === undefined;
  const choices = actionsWithin(tool, permits).join(', ');
  return {
    kind: 'invalid',
    message: `Invalid arguments: action ${JSON.stringify(args.value['action'])} of ${tool} is not available here; available: ${choices}`,
    reason: 'arguments',
  };
}

/** Looks inside `executeRead`, `executeWrite`, `executeDestructive` and `execute`: the tool they run is the tool that is judged. */
function judgeEnvelope(policy: SitePolicy, envelope: string, args: CallArguments): Judged {
  const inner = args.value['name'];
  if (typeof inner !== 'string' || inner === '') {
    return {
      kind: 'invalid',
      message: `Invalid arguments: ${envelope} needs "name", the tool to run`,
      reason: 'arguments',
    };
  }
  if (!isExactName(inner)) return { kind: 'unknown', name: inner, reason: 'unknown' };
  const inputs = args.value['inputs'] ?? {};
  if (!isRecord(inputs)) {
    return { kind: 'invalid', message: 'Invalid arguments: "inputs" must be an object', reason: 'arguments' };
  }
  const twice = duplicateKey(memberText(args.text, 'inputs') ?? '{}');
  if (twice !== undefined) {
    return {
      kind: 'invalid',
      message: `Invalid arguments: the input "${twice}" is given twice`,
      reason: 'arguments',
    };
  }
  const toolClass = classifyCall(inner, inputs);
  const reason = policy.denies(inner, toolClass);
  const refused =
    reason ??
    (envelopeAccess(inner) !== undefined || !envelopeCarries(envelope, toolClass) ? 'access' : undefined);
  return refused === undefined
    ? { kind: 'allowed', toolClass, tool: inner, args: inputs }
    : { kind: 'unknown', name: inner, reason: refused };
}
