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

/** Resolves a call against its site's list: from memory when it is there, which it is but for the first call. Never rejects. */
export async function findTool(lists: SiteLists, place: CallPlace): Promise<FoundTool | CallReply> {
  const { opening, runtime } = place;
  const { deadlineMs } = runtime.config.discovery;
  const known = lists.peek(opening.request.key);
  const outcome: ToolListOutcome = known
    ? { kind: 'list', list: known, age: 'fresh' }
    : await lists.get(opening.request, deadlineMs);
  if (outcome.kind === 'failed') return siteFailed(opening.site, siteFailure(opening.site, outcome.error));
  const first = resolve(lists, place, outcome);
  if (!mayBeNews(first, outcome)) return settle(place, first, outcome);
  await lists.invalidate(opening.request.key);
  const newer = await lists.get(opening.request, deadlineMs);
  return settle(place, newer.kind === 'list' ? resolve(lists, place, newer) : first, newer);
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
