import {
  type Caller,
  explain,
  type Explanation,
  type ExplainFacts,
  explainNoSite,
  type Site,
  type View,
} from '@switchyard/catalogue';
import type { Identified } from '@switchyard/identity';
import type { StoredToolList, ToolListOutcome } from '@switchyard/tool-cache';

import type { CallReply } from './call-reply.ts';
import { readExplainQuestion, upstreamName } from './explain-question.ts';
import { explanationLines } from './explanation-text.ts';
import { createFetchedLists, credentialKind, type SeenCaller } from './fetched-lists.ts';
import { type Opening, type Runtime, waysOf } from './runtime.ts';
import { siteFailure } from './site-failure.ts';
import type { SiteLists } from './site-lists.ts';

/** Whose question it is, and on which URL. */
interface ExplainContext {
  readonly runtime: Runtime;
  readonly view: View;
  readonly identified: Identified;
  readonly openings: readonly Opening[];
}

/** What an administrator asks about somebody. */
interface AdminQuestion {
  /** By id or e-mail address. */
  readonly caller: string;
  readonly site: string;
  readonly tool: string;
  /** Path and query of an MCP URL; default `/mcp`. */
  readonly path?: string;
}

/** Says why a tool is or is not available. */
export interface Explainer {
  /** A client was given the list of this URL just now; `key` is that of the answer. */
  noteList(context: ExplainContext, key: string): void;
  /** For `switchyard_explain`: tells nothing of sites that the caller may not use (I1). */
  forCaller(context: ExplainContext, args: unknown): Promise<CallReply>;
  /** For an administrator. A caller who was not here lately is explained as far as the configuration goes. */
  forAdmin(runtime: Runtime, question: AdminQuestion): Explanation;
}

export function createExplainer(lists: SiteLists): Explainer {
  const fetched = createFetchedLists(lists);

  /** What is known of a caller at one site; `missing` says why there is no list. */
  function explainKnown(place: KnownPlace, known: readonly StoredToolList[], missing: string): Explanation {
    const { caller, view, site } = place;
    const indexes = known.map((list) => lists.index(list));
    const last = fetched.last(caller, view, site.cloudId);
    const now = fetched.digest(view.policyFor(caller, site), known);
    const facts: ExplainFacts = {
      credential: place.credential,
      list: known.length === 0 ? missing : { indexes, underScoped: known.every((list) => list.underScoped) },
      fetched: last && { current: last.digest === now, ago: ago(Date.now() - last.at) },
    };
    return explain({ caller, seen: true, view, site, tool: upstreamName(place.tool, site, indexes), facts });
  }

  async function explainOpening(
    { runtime, view, identified }: ExplainContext,
    opening: Opening,
    tool: string,
  ): Promise<Explanation> {
    const { deadlineMs } = runtime.config.discovery;
    const asked = waysOf(opening).map(({ request }) => lists.get(request, deadlineMs));
    const outcomes = await Promise.all(asked);
    const known = outcomes.flatMap((outcome) => (outcome.kind === 'list' ? [outcome.list] : []));
    const { site } = opening;
    const place = {
      view,
      site,
      tool,
      caller: identified.caller,
      credential: credentialKind(identified, opening),
    };
    return explainKnown(place, known, noList(site, outcomes));
  }

  function explainSeen({ runtime, view, site }: AdminPlace, tool: string, seen: SeenCaller): Explanation {
    const way = seen.sites.get(site.cloudId);
    const keys = (way?.credentialIds ?? []).map((id) => runtime.listKey(site, id));
    const known = keys.flatMap((key) => lists.peek(key) ?? []);
    return explainKnown({ view, site, tool, caller: seen.caller, credential: way?.kind }, known, NO_LIST);
  }

  return {
    noteList: ({ identified, view, openings }, key) => fetched.note({ identified, view, openings, key }),
    async forCaller(context, args) {
      const asked = readExplainQuestion(args, context.runtime.directory);
      if (typeof asked === 'string') return { kind: 'invalid', message: asked, reason: 'arguments' };
      const { site, tool } = asked;
      const places = context.openings.filter((each) => site === undefined || each.site === site.found);
      const explanations = await Promise.all(places.map((each) => explainOpening(context, each, tool)));
      const none = explainNoSite({ site: site?.spelling ?? 'any site', tool });
      return { kind: 'own', result: resultOf(explanations.length > 0 ? explanations : [none]) };
    },
    forAdmin(runtime, question) {
      const { caller, site, tool } = question;
      const place = adminPlace(runtime, question);
      if (!place) return explainNoSite({ site, tool });
      const seen = fetched.find(caller);
      return seen ? explainSeen(place, tool, seen) : explainStranger(place, tool, caller);
    },
  };
}

function adminPlace(
  runtime: Runtime,
  { site: spelling, path = '/mcp' }: AdminQuestion,
): AdminPlace | undefined {
  const site = runtime.directory.find(spelling);
  const url = runtime.viewOf(path);
  return site && url.ok && url.view.sites.includes(site) ? { runtime, view: url.view, site } : undefined;
}

interface KnownPlace {
  readonly caller: Caller;
  readonly view: View;
  readonly site: Site;
  readonly tool: string;
  readonly credential: ExplainFacts['credential'];
}

interface AdminPlace {
  readonly runtime: Runtime;
  readonly view: View;
  readonly site: Site;
}

const NO_LIST = 'This process has no list of it for the caller.';

function noList(site: Site, outcomes: readonly ToolListOutcome[]): string {
  const failed = outcomes.find((outcome) => outcome.kind === 'failed');
  return failed ? siteFailure(site, failed.error).text : `${site.title} has not answered yet.`;
}

/** Groups and accounts are not known: rules about them count as fitting. */
function explainStranger({ view, site }: AdminPlace, tool: string, name: string): Explanation {
  const email = name.includes('@') ? { email: name.toLowerCase() } : {};
  const caller: Caller = { id: name, method: 'basic', groups: [], cloudIds: new Set(), ...email };
  const facts: ExplainFacts = { credential: undefined, list: NO_LIST, fetched: undefined };
  return explain({ view, site, tool: upstreamName(tool, site, []), caller, seen: false, facts });
}

function ago(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'less than a minute ago';
  return minutes < 120 ? `${minutes} minutes ago` : `${Math.floor(minutes / 60)} hours ago`;
}

/** For people and models alike: the first line says it, the steps say why. */
function resultOf(explanations: readonly Explanation[]): string {
  const text = explanations.map((each) => explanationLines(each).join('\n')).join('\n\n');
  return JSON.stringify({ content: [{ type: 'text', text }], structuredContent: { explanations } });
}
