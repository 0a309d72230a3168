import { editObject, memberText } from '@switchyard/json-text';
import type { SessionRef } from '@switchyard/upstream';

import { canBeAsked } from './client-abilities.ts';
import type { ClientContext } from './client-context.ts';

/** What a site said before its answer: told to the client, asked of the client, or neither. */
export interface SiteMessageSinks {
  /** A notification that concerns this client, as it will read it. */
  readonly notify: (message: string) => void;
  /** A request of the site that this client can answer. */
  readonly ask: (request: SiteRequest) => void;
  /** A request of the site that nobody here can answer. */
  readonly decline: (request: SiteRequest) => void;
}

/** A request that a site makes while it works on ours. */
export interface SiteRequest {
  /** The whole message's text. */
  readonly text: string;
  /** The site's id of it, as JSON text. */
  readonly idText: string;
  readonly method: string;
  readonly session: SessionRef;
}

/** Progress tokens are ours on the way up and the client's own on the way back: sessions are shared. */
export interface ProgressTokens {
  /** JSON texts. */
  readonly ours: string;
  readonly theirs: string;
}

/** Sorts what a site says before its answer. A message that cannot be read is dropped: it belongs to nobody. */
export function sortSiteMessages(
  client: ClientContext,
  options: { readonly progress: ProgressTokens | undefined; readonly logs: boolean },
  sinks: SiteMessageSinks,
): (message: Buffer, session: SessionRef) => void {
  return (message, session) => {
    const text = message.toString('utf8');
    const parsed = parse(text);
    if (typeof parsed?.method !== 'string') return;
    const idText = memberText(text, 'id');
    if (idText === undefined) {
      const notification = forClient(text, parsed, options);
      if (notification !== undefined) sinks.notify(notification);
      return;
    }
    const request = { text, idText, method: parsed.method, session };
    if (canBeAsked(client, parsed.method)) sinks.ask(request);
    else sinks.decline(request);
  };
}

interface Parsed {
  readonly method?: unknown;
  readonly params?: { readonly progressToken?: unknown };
}

function parse(text: string): Parsed | undefined {
  try {
    return JSON.parse(text) as Parsed;
  } catch {
    return undefined;
  }
}

function forClient(
  text: string,
  { method, params }: Parsed,
  { progress, logs }: { readonly progress: ProgressTokens | undefined; readonly logs: boolean },
): string | undefined {
  if (method === 'notifications/message') return logs ? text : undefined;
  if (method === 'notifications/elicitation/complete') return text;
  if (method !== 'notifications/progress' || !progress) return undefined;
  if (JSON.stringify(params?.progressToken) !== progress.ours) return undefined;
  const paramsText = editObject(memberText(text, 'params') ?? '{}', { progressToken: progress.theirs });
  return editObject(text, { params: paramsText });
}
