import { duplicateKey, memberText } from '@switchyard/json-text';

import { type CallArguments, checkSite, fillCloudId, isRecord } from './call-arguments.ts';
import type { Access, Site } from './model.ts';
import { OWN_TOOLS, SITES_TOOL } from './own-tools.ts';
import type { DenialReason, SitePolicy } from './policy.ts';
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
import { splitToolName } from './tool-name.ts';
import type { View } from './view.ts';

/** Where a called name leads, before the tool list of that site is needed. */
export type Target =
  | { readonly kind: 'own'; readonly tool: typeof SITES_TOOL }
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
    }
  | { readonly kind: 'unknown'; readonly name: string; readonly reason: DenialReason | 'unknown' }
  | { readonly kind: 'invalid'; readonly message: string; readonly reason: 'arguments' | 'site' };

/** Which of the caller's sites a name belongs to; undefined when it is none of them. */
export function locate(
  view: View,
  name: string,
  { sites, directory }: { sites: readonly Site[]; directory: SiteDirectory },
): Target | undefined {
  if (name === SITES_TOOL && OWN_TOOLS.length > 0) return { kind: 'own', tool: SITES_TOOL };
  const split = splitToolName(name);
  const site = split && directory.find(split.namespace);
  if (split && site && sites.includes(site))
    return { kind: 'site', site, namespace: site.name, rest: split.rest };
  const single = view.single;
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
  const { policy, target, index, args, directory, name } = options;
  const tool = index ? index.findAdvertised(target.namespace, target.rest)?.name : knownName(target.rest);
  if (tool === undefined) return { kind: 'unknown', name, reason: 'unknown' };
  if (!policy.shows(tool)) return { kind: 'unknown', name, reason: denial(policy, tool) };
  const site = checkSite(args, target.site, directory);
  if (!site.ok) return { kind: 'invalid', message: `Invalid arguments: ${site.message}`, reason: 'site' };
  const judged = judge(policy, tool, args);
  if (judged.kind !== 'allowed') return judged;
  const entry = index?.find(tool);
  const takesCloudId = entry?.takesCloudId ?? knownToTakeCloudId(tool);
  return {
    kind: 'call',
    tool,
    toolClass: judged.toolClass,
    argumentsText: fillCloudId(args, target.site, takesCloudId),
    entry,
  };
}

function knownName(rest: string): string | undefined {
  return classify(rest).known ? rest : undefined;
}

function denial(policy: SitePolicy, tool: string): DenialReason {
  return policy.denies(tool, classify(tool)) ?? 'access';
}

type Judged =
  | { readonly kind: 'allowed'; readonly toolClass: ToolClass }
  | Exclude<Resolution, { kind: 'call' }>;

function judge(policy: SitePolicy, tool: string, args: CallArguments): Judged {
  if (envelopeAccess(tool) !== undefined) return judgeEnvelope(policy, tool, args);
  const toolClass = classifyCall(tool, args.value);
  const reason = policy.denies(tool, toolClass);
  if (reason === undefined) return { kind: 'allowed', toolClass };
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
    ? { kind: 'allowed', toolClass }
    : { kind: 'unknown', name: inner, reason: refused };
}
