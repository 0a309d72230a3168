import {
  type CallArguments,
  classify,
  type Resolution,
  resolveCall,
  type Target,
  UNDER_SCOPED_REASON,
  type View,
} from '@switchyard/catalogue';
import type { ToolListOutcome } from '@switchyard/tool-cache';

import { type CallReply, siteFailed, unknownTool } from './call-reply.ts';
import type { Opening, Runtime } from './runtime.ts';
import { siteFailure } from './site-failure.ts';
import type { SiteLists } from './site-lists.ts';

/** A call on its way: who may do what where, and what is asked. */
export interface CallPlace {
  readonly runtime: Runtime;
  readonly view: View;
  readonly opening: Opening;
  readonly target: Extract<Target, { kind: 'site' }>;
  readonly args: CallArguments;
  /** As the client wrote it. */
  readonly name: string;
}

/** A call that may be sent. */
export interface FoundTool {
  readonly kind: 'found';
  readonly resolution: Extract<Resolution, { kind: 'call' }>;
}

/** A list this old is asked for again before a name counts as unknown: the tool may be new. */
const NEWS_AFTER_MS = 5_000;

/**
 * Resolves a call against its site's list. At once when the list is in memory, which it is but for
 * the first call and for names that an older list does not have. Never rejects.
 */
export function findTool(
  lists: SiteLists,
  place: CallPlace,
): FoundTool | CallReply | Promise<FoundTool | CallReply> {
  const known = lists.peek(place.opening.request.key);
  if (!known) return findInNewList(lists, place);
  const outcome: ToolListOutcome = { kind: 'list', list: known, age: 'fresh' };
  const resolution = resolve(lists, place, outcome);
  if (!mayBeNews(resolution, outcome)) return settle(place, resolution, outcome);
  return lists.invalidate(place.opening.request.key).then(() => findInNewList(lists, place));
}

async function findInNewList(lists: SiteLists, place: CallPlace): Promise<FoundTool | CallReply> {
  const { site, request } = place.opening;
  const outcome = await lists.get(request, place.runtime.config.discovery.deadlineMs);
  if (outcome.kind === 'failed') return siteFailed(site, siteFailure(site, outcome.error));
  return settle(place, resolve(lists, place, outcome), outcome);
}

function resolve(lists: SiteLists, place: CallPlace, outcome: ToolListOutcome): Resolution {
  const { runtime, view, opening, target, args, name } = place;
  const index = outcome.kind === 'list' ? lists.index(outcome.list) : undefined;
  return resolveCall({
    policy: view.policy(opening.site),
    target,
    index,
    args,
    directory: runtime.directory,
    name,
  });
}

function mayBeNews(resolution: Resolution, outcome: ToolListOutcome): boolean {
  if (resolution.kind !== 'unknown' || resolution.reason !== 'unknown' || outcome.kind !== 'list')
    return false;
  return Date.now() - outcome.list.fetchedAt > NEWS_AFTER_MS;
}

function settle(place: CallPlace, resolution: Resolution, outcome: ToolListOutcome): FoundTool | CallReply {
  if (resolution.kind === 'call') return { kind: 'found', resolution };
  if (resolution.kind === 'invalid') return resolution;
  const underScoped =
    outcome.kind === 'list' && outcome.list.underScoped && isHiddenByScope(place, resolution.reason);
  if (!underScoped) return unknownTool(resolution.name, resolution.reason);
  const { site } = place.opening;
  const text = `${site.title}: ${UNDER_SCOPED_REASON}`;
  return siteFailed(site, { reason: 'under_scoped', status: 'under-scoped', text });
}

/** The name is a tool of Atlassian's that policy would show: only the credential's scopes hide it. */
function isHiddenByScope({ view, opening, target }: CallPlace, reason: string): boolean {
  return reason === 'unknown' && classify(target.rest).known && view.policy(opening.site).shows(target.rest);
}
