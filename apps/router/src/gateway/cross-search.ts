import {
  callArguments,
  encodeToolName,
  type FETCH_TOOL,
  fetchCallOf,
  parseHitId,
  readFetched,
  readHits,
  type SEARCH_TOOL,
  searchToolOf,
  toolResult,
} from '@switchyard/catalogue';

import { type CallReply, invalidCall, siteFailed, type ToolCall, unknownTool } from './call-reply.ts';
import type { ClientContext } from './client-context.ts';
import type { GuardedLists } from './drift-lists.ts';
import type { CallContext, OwnCall } from './named-call.ts';
import type { Opening, Runtime } from './runtime.ts';
import { failedResult, reasonOf, resultOf, type Searched, searchReply, statusOf } from './search-reply.ts';
import type { CallSite } from './site-call.ts';

/** How long one site may take, whatever a call may. */
const SEARCH_TIMEOUT_MS = 10_000;
const LONGEST_QUERY = 2_000;

/** What search and fetch are built on. */
interface SearchParts {
  readonly lists: GuardedLists;
  readonly callSite: CallSite;
}

/** Search and fetch over all sites at once: each site is asked by its own tool, under the same policy as any call. */
export function createCrossSearch(
  parts: SearchParts,
): Readonly<Record<typeof SEARCH_TOOL | typeof FETCH_TOOL, OwnCall>> {
  const fetchOne = createFetch(parts);
  const searchSite = createSiteSearch(parts);

  return {
    async search(context, { value }, call) {
      const ways = await waysTo(context);
      if (!ways.some(canSearch)) return unknownTool(call.name, 'unknown');
      const { query } = value;
      if (typeof query !== 'string' || query.trim() === '' || query.length > LONGEST_QUERY)
        return invalidCall('Invalid arguments: search needs "query", what to look for');
      const searched = await Promise.all(
        ways.map((way) => searchSite(context.runtime, way, { query, call })),
      );
      return searchReply(searched.filter((each) => each !== undefined));
    },
    async fetch(context, { value }, call) {
      if (!(await waysTo(context)).some(canSearch)) return unknownTool(call.name, 'unknown');
      const { id } = value;
      return fetchOne(context, typeof id === 'string' ? id.trim() : '', call);
    },
  };

  /** Every site of the caller with its search tool; without a list it is not known whether it has one. */
  function waysTo({ runtime, openings }: CallContext): Promise<Way[]> {
    const { deadlineMs } = runtime.config.discovery;
    return Promise.all(
      openings.map(async (opening): Promise<Way> => {
        const outcome = await parts.lists.get(opening.request, deadlineMs);
        if (outcome.kind !== 'list') return { opening, missing: reasonOf(opening, outcome) };
        const shown = { policy: opening.policy, index: parts.lists.index(outcome.list) };
        return { opening, tool: searchToolOf(shown) };
      }),
    );
  }
}

/** How a site is searched, or why it cannot be just now; neither: it has no such tool for this caller. */
interface Way {
  readonly opening: Opening;
  readonly tool?: string | undefined;
  readonly missing?: Pick<Searched, 'status' | 'reason'>;
}

function canSearch({ tool }: Way): boolean {
  return tool !== undefined;
}

type SearchSite = (
  runtime: Runtime,
  way: Way,
  asked: { readonly query: string; readonly call: ToolCall },
) => Promise<Searched | undefined>;

function createSiteSearch({ callSite }: SearchParts): SearchSite {
  return async function searchSite(runtime, { opening, tool, missing }, { query, call }) {
    const { site } = opening;
    if (missing) return { site, hits: [], ...missing };
    if (tool === undefined) return undefined;
    const reply = await callSite(innerCall(runtime, { opening, tool, args: { query } }, call));
    const said = resultOf(reply);
    if (typeof said === 'string')
      return { site, status: statusOf(reply), hits: [], reason: said, call: reply };
    const hits = readHits(site, said.value);
    if (hits) return { site, status: 'ok', hits, call: reply };
    const reason = `${site.title} gave an answer that is no list of hits.`;
    return { site, status: 'unavailable', hits: [], reason, call: reply };
  };
}

function createFetch({
  lists,
  callSite,
}: SearchParts): (context: CallContext, id: string, call: ToolCall) => Promise<CallReply> {
  return async function fetchOne({ runtime, openings }, id, call) {
    const sites = openings.map(({ site }) => site);
    const hit = parseHitId(id, { sites, directory: runtime.directory });
    const opening = hit && openings.find(({ site }) => site === hit.site);
    if (!opening) return invalidCall('Invalid arguments: fetch needs "id", the id of a hit of search');
    const outcome = await lists.get(opening.request, runtime.config.discovery.deadlineMs);
    if (outcome.kind !== 'list') {
      const { status, reason: text } = reasonOf(opening, outcome);
      return siteFailed(opening.site, { reason: 'unavailable', status, text });
    }
    const way = fetchCallOf({ policy: opening.policy, index: lists.index(outcome.list) }, hit.id);
    if (!way) return invalidCall(`Invalid arguments: ${hit.site.name} has no tool here that reads this id`);
    const reply = await callSite(innerCall(runtime, { opening, ...way }, call));
    const said = resultOf(reply);
    // What the site itself says of the failure is the best answer that there is.
    if (typeof said === 'string')
      return reply.kind === 'answer' ? { ...failedResult(said), calls: [reply] } : reply;
    const fetched = readFetched(hit.site, hit.id, said.value);
    return { kind: 'own', result: toolResult(JSON.stringify(fetched)), calls: [reply] };
  };
}

const NOBODY_TO_ASK: ClientContext = {
  era: 'legacy',
  capabilities: undefined,
  logLevel: undefined,
  takesStream: false,
};

interface Inner {
  readonly opening: Opening;
  readonly tool: string;
  readonly args: Readonly<Record<string, string>>;
}

/** The same way as a call by name; nothing of it reaches the client but its result. */
function innerCall(
  runtime: Runtime,
  { opening, tool, args }: Inner,
  { signal }: ToolCall,
): Parameters<CallSite>[0] {
  const { site } = opening;
  const argumentsText = JSON.stringify(args);
  const name = encodeToolName(site.name, tool);
  const call: ToolCall = {
    name,
    args,
    argumentsText,
    paramsText: JSON.stringify({ name, arguments: args }),
    client: NOBODY_TO_ASK,
    headers: {},
    timeoutMs: SEARCH_TIMEOUT_MS,
    ...(signal && { signal }),
  };
  const target = { kind: 'site', site, namespace: site.name, rest: tool } as const;
  const place = { runtime, opening, target, args: callArguments(args, argumentsText), name };
  return { place, call, isInner: true };
}
