import { isRecord } from '@switchyard/catalogue';
import { SUBSCRIPTION_ID_KEY } from '@switchyard/wire';

import type { Change } from '../gateway/change-hub.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { relaysMethod } from '../gateway/site-relay.ts';
import type { ChangeStreams } from './change-stream.ts';
import type { McpExchange, McpHandler } from './mcp-exchange.ts';
import type { Admitted } from './mcp-gate.ts';
import { sendError } from './respond.ts';

/** Which switch of `subscriptions/listen` turns on which notification. */
const SWITCHES: Readonly<Record<string, string>> = {
  toolsListChanged: 'notifications/tools/list_changed',
  promptsListChanged: 'notifications/prompts/list_changed',
  resourcesListChanged: 'notifications/resources/list_changed',
};

const RESOURCE_UPDATED = 'notifications/resources/updated';
/** Resources that one stream may be told of. */
const MAX_URIS = 100;

/** Serves `subscriptions/listen`: one long stream, acknowledged with what will be told on it. */
export function createListenHandler({
  gateway,
  streams,
}: {
  readonly gateway: Gateway;
  readonly streams: ChangeStreams;
}): McpHandler {
  return function listen(exchange) {
    const { message, admitted } = exchange;
    const wanted = message.params['notifications'];
    const asked = isRecord(wanted) ? wanted : {};
    const uris = textsIn(asked['resourceSubscriptions']);
    const [opening] = admitted.openings;
    if (uris.length === 0 || !opening || !admitted.view.single) return open(exchange, asked, []);
    if (!relaysMethod(opening, 'resources/subscribe')) return open(exchange, asked, []);
    return gateway.changes
      .tellsOfResources(opening)
      .then((tells) => open(exchange, asked, tells ? uris.slice(0, MAX_URIS) : []));
  };

  function open(
    { res, message, admitted }: McpExchange,
    asked: Readonly<Record<string, unknown>>,
    uris: readonly string[],
  ): string | undefined {
    const switches = honoured(admitted);
    const on = Object.keys(SWITCHES).filter((key) => asked[key] === true && switches.includes(key));
    const methods = new Set(on.map((key) => SWITCHES[key]));
    const meta = `"_meta":{${JSON.stringify(SUBSCRIPTION_ID_KEY)}:${message.idText}}`;
    const notifications = JSON.stringify({
      ...Object.fromEntries(on.map((key) => [key, true])),
      ...(uris.length > 0 && { resourceSubscriptions: uris }),
    });
    const full = streams.open(res, {
      listen: (listener) => gateway.changes.listen(admitted.openings, uris, listener),
      owner: admitted.identified.caller.id,
      restsOn: admitted.identified.restsOn,
      first: `{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":${notifications},${meta}}}`,
      last: `{"jsonrpc":"2.0","id":${message.idText},"result":{"resultType":"complete",${meta}}}`,
      write({ method, params }) {
        const uri = method === RESOURCE_UPDATED ? updatedOf(params, uris) : undefined;
        if (uri === undefined && !methods.has(method)) return undefined;
        const about = uri === undefined ? '' : `"uri":${JSON.stringify(uri)},`;
        return `{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":{${about}${meta}}}`;
      },
    });
    if (full === undefined) return undefined;
    sendError(res, message.idText, {
      code: -32_000,
      message: 'Too many open streams; close some and try again',
    });
    return 'rate_limited';
  }
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** The resource that has changed, where it is one of these or below one. */
function updatedOf(params: unknown, uris: readonly string[]): string | undefined {
  const uri = isRecord(params) ? params['uri'] : undefined;
  if (typeof uri !== 'string') return undefined;
  return uris.some((each) => uri === each || uri.startsWith(`${each}/`)) ? uri : undefined;
}

/** Lists of prompts and resources exist on a single-site URL only. */
function honoured({ view }: Admitted): string[] {
  return view.single ? Object.keys(SWITCHES) : ['toolsListChanged'];
}

/** What is about a site and not about a call. */
const OF_THE_SITE: ReadonlySet<string> = new Set([...Object.values(SWITCHES), RESOURCE_UPDATED]);

/**
 * What a legacy client hears on its GET stream: everything of its site, or the tool lists of all. On a
 * shared site the session is everybody's, so a log line may be about the call of another (I1).
 */
export function legacyNotification({ method, params }: Change, { view }: Admitted): string | undefined {
  if (!view.single && method !== 'notifications/tools/list_changed') return undefined;
  if (view.single?.identity === 'shared' && !OF_THE_SITE.has(method)) return undefined;
  const text = params === undefined ? '{}' : JSON.stringify(params);
  return `{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":${text}}`;
}
