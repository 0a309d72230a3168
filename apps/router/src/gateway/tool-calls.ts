import {
  type Access,
  type CallArguments,
  callArguments,
  type Credential,
  isRecord,
  type OwnTool,
  quoted,
  type SiteDirectory,
  type Target,
} from '@switchyard/catalogue';
import type { Upstream } from '@switchyard/upstream';

import { createBareCalls } from './bare-calls.ts';
import { type CallReply, invalidCall, type ToolCall, unknownTool } from './call-reply.ts';
import { createCallRoutes } from './call-routes.ts';
import { createCrossSearch } from './cross-search.ts';
import type { GuardedLists } from './drift-lists.ts';
import type { Explainer } from './explain.ts';
import { createLeanCalls } from './lean-calls.ts';
import type { CallContext, NamedCall, OwnCall } from './named-call.ts';
import { createSiteCalls } from './site-call.ts';
import type { CatalogueOf } from './tool-catalogues.ts';

/** Runs one tools/call: where it goes, whether it may, and what comes back. Never rejects. */
export type CallTool = (context: CallContext, call: ToolCall) => Promise<CallReply>;

export function createToolCalls(parts: {
  readonly upstream: Upstream;
  readonly lists: GuardedLists;
  readonly catalogueOf: CatalogueOf;
  readonly explainer: Pick<Explainer, 'forCaller'>;
  readonly onUnauthorized: (credential: Credential) => void;
  readonly refuses: (access: Access) => boolean;
}): CallTool {
  const callSite = createSiteCalls(parts);
  const routeOf = createCallRoutes();
  const callBare = createBareCalls({ lists: parts.lists, callSite });
  const own: Readonly<Record<OwnTool, OwnCall>> = {
    switchyard_sites: () => Promise.resolve({ kind: 'sites' }),
    switchyard_explain: (context, args) => parts.explainer.forCaller(context, args.value),
    ...createCrossSearch({ lists: parts.lists, callSite }),
    ...createLeanCalls({ catalogueOf: parts.catalogueOf, callNamed }),
  };

  return function callTool(context, call) {
    const args = readArguments(call);
    if (!args) return Promise.resolve(invalidCall('Invalid arguments: "arguments" must be an object'));
    return callNamed(context, { name: call.name, args, call });
  };

  function callNamed(context: CallContext, named: NamedCall): Promise<CallReply> {
    const { runtime, view } = context;
    const { name, args, call, isInner } = named;
    const isNamespaced = view.mode === 'namespaced';
    const { target, opening } = routeOf(context, name);
    if (target?.kind === 'own' && !isInner) return own[target.tool](context, args, call);
    if (target?.kind !== 'site' || !opening)
      return isNamespaced ? Promise.resolve(unknownTool(name, 'unknown')) : callBare(context, named);
    const contradiction = contradictionOf(target, named, runtime.directory);
    if (contradiction !== undefined) return Promise.resolve(invalidCall(contradiction, 'site'));
    const called = callSite({
      place: { runtime, opening, target, args, name },
      call,
      judge: named.judge,
      isInner,
    });
    if (isNamespaced) return called;
    // What looks like a site in front may be the tool's own name.
    const isBare = (reply: CallReply): boolean => reply.kind === 'unknown' && reply.name === name;
    return called.then((reply) => (isBare(reply) ? callBare(context, named) : reply));
  }
}

/** A site beside the arguments must be the one that the name says. */
function contradictionOf(
  { site }: Extract<Target, { kind: 'site' }>,
  { name, beside }: NamedCall,
  directory: SiteDirectory,
): string | undefined {
  if (beside === undefined || (typeof beside === 'string' && directory.find(beside.trim()) === site))
    return undefined;
  return `Invalid arguments: "site" ${quoted(beside)} is not the site that ${name} says, ${site.name}`;
}

function readArguments({ args, argumentsText, argumentsMembers }: ToolCall): CallArguments | undefined {
  if (args === undefined || argumentsText === undefined) return callArguments({}, '{}');
  return isRecord(args) ? callArguments(args, argumentsText, argumentsMembers) : undefined;
}
