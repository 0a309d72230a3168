import { classify, fitToolName, type Site, type ToolEntry, type ToolIndex } from '@switchyard/catalogue';

import type { GuardedLists } from './drift-lists.ts';
import type { CallContext } from './named-call.ts';
import type { Opening } from './runtime.ts';

/** A site, and whether it offers a tool to this caller. */
interface Offer {
  readonly site: Site;
  /** `unknown`: its list is not at hand, and it might have the tool. */
  readonly verdict: 'yes' | 'no' | 'unknown';
}

/** Which sites have a tool that is called without a site in its name. */
export interface ToolOffers {
  /** The tool at one site, as far as its list is in memory and policy shows it. */
  now(opening: Opening, name: string): ToolEntry | undefined;
  /** All sites; waits for slow ones until the deadline. */
  all(context: CallContext, name: string): Promise<Offer[]>;
  /** Brings one site's list into memory, when it is not there yet and the site answers in time. */
  ready(context: CallContext, opening: Opening): Promise<void>;
}

export function createToolOffers(lists: GuardedLists): ToolOffers {
  async function offerOf(opening: Opening, name: string, deadlineMs: number): Promise<Offer> {
    const { site, request, policy } = opening;
    if (request.closed?.()) return { site, verdict: 'no' };
    const outcome = await lists.get(request, deadlineMs);
    if (outcome.kind !== 'list')
      return { site, verdict: classify(name).known && policy.shows(name) ? 'unknown' : 'no' };
    const entry = entryIn(lists.index(outcome.list), name);
    return { site, verdict: entry && policy.shows(entry.name) ? 'yes' : 'no' };
  }

  return {
    now({ request, policy }, name) {
      const list = lists.peek(request.key);
      const entry = list && entryIn(lists.index(list), name);
      return entry && policy.shows(entry.name) ? entry : undefined;
    },
    all({ runtime, openings }, name) {
      const { deadlineMs } = runtime.config.discovery;
      return Promise.all(openings.map((opening) => offerOf(opening, name, deadlineMs)));
    },
    async ready({ runtime }, { request }) {
      if (!lists.peek(request.key)) await lists.get(request, runtime.config.discovery.deadlineMs);
    },
  };
}

function entryIn(index: ToolIndex, name: string): ToolEntry | undefined {
  return index.find(name) ?? index.entries.find((entry) => fitToolName(entry.name) === name);
}

/** The sites that certainly have the tool. */
export function offering(offers: readonly Offer[]): Site[] {
  return offers.filter(({ verdict }) => verdict === 'yes').map(({ site }) => site);
}

/** Those that have it or might have it. */
export function possible(offers: readonly Offer[]): Site[] {
  return offers.filter(({ verdict }) => verdict !== 'no').map(({ site }) => site);
}
