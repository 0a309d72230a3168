import {
  type CallArguments,
  classify,
  type Resolution,
  resolveCall,
  type Target,
  UNDER_SCOPED_REASON,
} from '@switchyard/catalogue';
import type { ToolListOutcome } from '@switchyard/tool-cache';

import { type CallReply, siteFailed, unknownTool } from './call-reply.ts';
import type { GuardedLists } from './drift-lists.ts';
import type { Opening, Runtime } from './runtime.ts';
import { siteFailure } from './site-failure.ts';

/** A call on its way: who may do what where, and what is asked. */
export interface CallPlace {
  readonly runtime: Runtime;
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
  lists: GuardedLists,
  place: CallPlace,
): FoundTool | CallReply | Promise<FoundTool | CallReply> {
  const { site, request } = place.opening;
  const closed = request.closed?.();
  if (closed) return siteFailed(site, siteFailure(site, closed));
  const known = lists.peek(request.key);
  if (!known) return findInNewList(lists, place);
  const outcome: ToolListOutcome = { kind: 'list', list: known, age: 'fresh' };
  const resolution = resolve(lists, place, outcome);
  if (!mayBeNews(resolution, outcome)) return settle(place, resolution, outcome);
  return lists.invalidate(place.opening.request.key).then(() => findInNewList(lists, place));
}

async function findInNewList(lists: GuardedLists, place: CallPlace): Promise<FoundTool | CallReply> {
  const { site, request } = place.opening;
  const outcome = await lists.get(request, place.runtime.config.discovery.deadlineMs);
  if (outcome.kind === 'failed') return siteFailed(site, siteFailure(site, outcome.error));
  return settle(place, resolve(lists, place, outcome), outcome);
}

function resolve(lists: GuardedLists, place: CallPlace, outcome: ToolListOutcome): Resolution {
  const { runtime, opening, target, args, name } = place;
  const index = outcome.kind === 'list' ? lists.index(outcome.list) : lists.pinned(opening.request.key);
  return resolveCall({
    policy: opening.policy,
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
  if (!underScoped) return unknownTool(resolution.name, resolution.reason, resolution.now);
  const { site } = place.opening;
  const text = `${site.title}: ${UNDER_SCOPED_REASON}`;
  return siteFailed(site, { reason: 'under_scoped', status: 'under-scoped', text });
}

/** The name is a tool of Atlassian's that policy would show: only the credential's scopes hide it. */
function isHiddenByScope({ opening, target }: CallPlace, reason: string): boolean {
  return reason === 'unknown' && classify(target.rest).known && opening.policy.shows(target.rest);
}
