import {
  among,
  describedResult,
  foundResult,
  type LeanTool,
  quoted,
  readInnerCall,
  readToolName,
  readToolQuery,
  runnerOf,
  type Site,
  splitToolName,
} from '@switchyard/catalogue';

import { type CallReply, invalidCall, unknownTool } from './call-reply.ts';
import type { CallContext, CallNamed, OwnCall } from './named-call.ts';
import type { SiteCall } from './site-call.ts';
import type { CatalogueOf } from './tool-catalogues.ts';

/** The tools of lean mode. What they run is judged, counted and recorded as if it had been called by its name. */
export function createLeanCalls({
  catalogueOf,
  callNamed,
}: {
  readonly catalogueOf: CatalogueOf;
  readonly callNamed: CallNamed;
}): Readonly<Record<LeanTool, OwnCall>> {
  return {
    async findTools(context, args) {
      const asked = readToolQuery(args.value);
      if (typeof asked === 'string') return invalidCall(asked);
      const { query, ...filter } = asked;
      const site = siteOf(context, filter.site);
      if (typeof site === 'string') return invalidCall(site, 'site');
      const { search } = await catalogueFor(context);
      return { kind: 'own', result: foundResult(search.find(query, { ...filter, site })) };
    },
    async describeTool(context, args) {
      const asked = readToolName(args.value);
      if (typeof asked === 'string') return invalidCall(asked);
      return describe(context, asked);
    },
    callReadTool: runInner('callReadTool', callNamed),
    callWriteTool: runInner('callWriteTool', callNamed),
  };

  function catalogueFor({ runtime, view, openings }: CallContext): ReturnType<CatalogueOf> {
    return catalogueOf(view, openings, runtime.config.discovery.deadlineMs);
  }

  async function describe(
    context: CallContext,
    asked: { readonly tool: string; readonly site?: unknown },
  ): Promise<CallReply> {
    const { tool, spelling } = apart(context, asked);
    const site = siteOf(context, spelling);
    if (typeof site === 'string') return invalidCall(site, 'site');
    const found = (await catalogueFor(context)).find(tool);
    if (!found) return unknownTool(asked.tool, 'unknown');
    if (site && !found.sites.includes(site))
      return invalidCall(
        `Invalid arguments: ${site.name} does not offer ${tool}${among(found.sites)}`,
        'site',
      );
    return { kind: 'own', result: describedResult(found, site) };
  }
}

/** Runs the tool inside, if it is one for this runner: clients let people approve the two apart. */
function runInner(lean: 'callReadTool' | 'callWriteTool', callNamed: CallNamed): OwnCall {
  const judge: SiteCall['judge'] = ({ tool, toolClass }) => {
    const right = runnerOf(toolClass.access);
    if (right === lean) return undefined;
    const does = toolClass.access === 'read' ? 'only reads' : 'does not only read';
    return invalidCall(`Invalid arguments: ${tool} ${does} here; use ${right}`);
  };
  return (context, args, call) => {
    const inner = readInnerCall(lean, args);
    if (typeof inner === 'string') return Promise.resolve(invalidCall(inner));
    const { tool: name, site: beside, args: innerArgs } = inner;
    return callNamed(context, { name, beside, args: innerArgs, call, judge, isInner: true });
  };
}

/** A tool may be named as in a list of namespaced tools. */
function apart(
  { runtime, openings }: CallContext,
  { tool, site }: { readonly tool: string; readonly site?: unknown },
): { readonly tool: string; readonly spelling: unknown } {
  const split = splitToolName(tool);
  const named = split && runtime.directory.find(split.namespace);
  if (site !== undefined || !split || !openings.some((each) => each.site === named))
    return { tool, spelling: site };
  return { tool: split.rest, spelling: split.namespace };
}

/** One of the caller's sites in any spelling; a sentence for what is none. */
function siteOf({ runtime, openings }: CallContext, spelling: unknown): Site | undefined | string {
  if (spelling === undefined) return undefined;
  const site = typeof spelling === 'string' ? runtime.directory.find(spelling.trim()) : undefined;
  const sites = openings.map((each) => each.site);
  if (site && sites.includes(site)) return site;
  return `Invalid arguments: site ${quoted(spelling)} is no site here${among(sites)}`;
}
