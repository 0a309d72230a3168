import { randomUUID } from 'node:crypto';

import { createSseScanner, requestText } from '@switchyard/wire';
import type { Dispatcher } from 'undici';

import { pairsOf } from './session-headers.ts';
import type { Session } from './session.ts';
import { fromStatus, UpstreamError } from './upstream-error.ts';

/** What a site of the modern era tells of itself, and which of its parameters go on. */
const TOLD: Readonly<Record<string, readonly string[]>> = {
  'notifications/tools/list_changed': [],
  'notifications/prompts/list_changed': [],
  'notifications/resources/list_changed': [],
  'notifications/resources/updated': ['uri'],
};

const MAX_EVENT_BYTES = 1_048_576;

/** One `subscriptions/listen`: resolves when the site ends it, rejects when it is refused, breaks off or is given up. */
export async function listenToSite({
  session,
  uris,
  dispatcher,
  signal,
  onNotification,
}: {
  readonly session: Session;
  /** Resources whose contents are of interest. */
  readonly uris: readonly string[];
  readonly dispatcher: Dispatcher;
  readonly signal: AbortSignal;
  readonly onNotification: (method: string, params: unknown) => void;
}): Promise<void> {
  const { url } = session;
  const response = await dispatcher.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: 'POST',
    ...wish(session, uris),
    signal,
  });
  const { statusCode, headers } = response;
  if (statusCode >= 300 || !String(headers['content-type']).startsWith('text/event-stream')) {
    await response.body.dump();
    throw fromStatus(statusCode, undefined, url.host) ?? noStream(url);
  }
  const scanner = createSseScanner(MAX_EVENT_BYTES);
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    for (const event of scanner.push(chunk)) {
      const message = parse(event);
      // Only the end of it has no method.
      if (message && message.method === undefined) return;
      tell(message, onNotification);
    }
  }
}

function wish(session: Session, uris: readonly string[]): { body: string; headers: string[] } {
  const notifications = {
    toolsListChanged: true,
    promptsListChanged: true,
    resourcesListChanged: true,
    ...(uris.length > 0 && { resourceSubscriptions: uris }),
  };
  const method = 'subscriptions/listen';
  const request = { method, paramsText: JSON.stringify({ notifications }), idempotent: true, timeoutMs: 0 };
  const { paramsText, headers } = session.prepare(request);
  return { body: requestText(JSON.stringify(randomUUID()), method, paramsText), headers: pairsOf(headers) };
}

function noStream({ host }: URL): UpstreamError {
  return new UpstreamError('garbled', `${host} does not tell what changes there`);
}

interface Message {
  readonly method?: unknown;
  readonly params?: Readonly<Record<string, unknown>>;
}

function parse(event: Buffer): Message | undefined {
  try {
    const value = JSON.parse(event.toString('utf8')) as unknown;
    return value !== null && typeof value === 'object' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What is said of the stream itself, such as its id, is of this hop. */
function tell(message: Message | undefined, onNotification: (method: string, params: unknown) => void): void {
  const { method, params = {} } = message ?? {};
  if (typeof method !== 'string' || !Object.hasOwn(TOLD, method)) return;
  const kept = Object.fromEntries((TOLD[method] ?? []).map((key) => [key, params[key]]));
  onNotification(method, kept);
}
