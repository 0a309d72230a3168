import {
  type ListPart,
  shownEntries,
  type Site,
  type SiteRow,
  type SiteStatus,
  UNDER_SCOPED_REASON,
  type View,
} from '@switchyard/catalogue';
import type { ToolListOutcome } from '@switchyard/tool-cache';

import type { Opening } from './runtime.ts';
import { siteFailure } from './site-failure.ts';
import type { SiteLists } from './site-lists.ts';
import { createSiteOutcome, whenAll } from './site-outcome.ts';

/** How one site stands for one caller: its row, and its list where there is one. */
export interface SiteTools extends ListPart {
  /** Changes whenever the row or the tools do. */
  readonly signature: string;
}

/** Who asks which sites on which URL, and how long slow ones are waited for. */
export interface SitesAsked {
  readonly view: View;
  readonly openings: readonly Opening[];
  readonly deadlineMs: number;
}

/** The tools of a view's sites. Nothing here rejects (I3). */
export interface CollectSiteTools {
  /** Asks all sites at once and waits for the slow ones until the deadline. Without a promise where all lists are fresh. */
  ask(asked: SitesAsked): readonly ToolListOutcome[] | Promise<readonly ToolListOutcome[]>;
  /** What the view shows of that: one entry an opening. */
  show(asked: SitesAsked, outcomes: readonly ToolListOutcome[]): SiteTools[];
}

export function createSiteTools(lists: SiteLists): CollectSiteTools {
  const outcomeOf = createSiteOutcome(lists);
  function showOne({ deadlineMs }: SitesAsked, opening: Opening, outcome: ToolListOutcome): SiteTools {
    const { site, policy } = opening;
    const list = outcome.kind === 'list' ? outcome.list : undefined;
    const shown = list && { site, policy, index: lists.index(list) };
    const { status, reason } = judge(site, outcome, deadlineMs);
    const row: SiteRow = {
      site,
      status,
      tools: shown ? shownEntries(shown).length : 0,
      ...(reason === undefined ? {} : { reason }),
    };
    return {
      row,
      shown,
      signature: `${site.name} ${policy.id} ${list?.hash ?? ''} ${status} ${reason ?? ''}`,
    };
  }

  return {
    ask: ({ openings, deadlineMs }) => whenAll(openings.map((opening) => outcomeOf(opening, deadlineMs))),
    show: (asked, outcomes) =>
      asked.openings.map((opening, at) => showOne(asked, opening, outcomes[at] ?? { kind: 'late' })),
  };
}

function judge(
  site: Site,
  outcome: ToolListOutcome,
  deadlineMs: number,
): { status: SiteStatus; reason?: string } {
  if (outcome.kind === 'late') {
    const reason = `${site.title} did not answer within ${deadlineMs} ms. Its tools appear as soon as it does: ask again in a moment.`;
    return { status: 'unavailable', reason };
  }
  if (outcome.kind === 'failed') {
    const { status, text } = siteFailure(site, outcome.error);
    return { status, reason: text };
  }
  if (outcome.list.underScoped) return { status: 'under-scoped', reason: UNDER_SCOPED_REASON };
  if (outcome.age === 'fresh') return { status: 'ok' };
  if (outcome.error === undefined)
    return { status: 'stale', reason: `The list of ${site.title} is being refreshed.` };
  return {
    status: 'stale',
    reason: `This is the last list that is known. ${siteFailure(site, outcome.error).text}`,
  };
}
