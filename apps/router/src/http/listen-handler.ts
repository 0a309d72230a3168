import { SUBSCRIPTION_ID_KEY } from '@switchyard/wire';

import { type Change, changeKey } from '../gateway/change-hub.ts';
import { waysOf } from '../gateway/runtime.ts';
import type { ChangeStreams } from './change-stream.ts';
import type { McpHandler } from './mcp-exchange.ts';
import type { Admitted } from './mcp-gate.ts';
import { sendError } from './respond.ts';

/** Which switch of `subscriptions/listen` turns on which notification. */
const SWITCHES: Readonly<Record<string, string>> = {
  toolsListChanged: 'notifications/tools/list_changed',
  promptsListChanged: 'notifications/prompts/list_changed',
  resourcesListChanged: 'notifications/resources/list_changed',
};

/** Serves `subscriptions/listen`: one long stream, acknowledged with what will be told on it. */
export function createListenHandler(streams: ChangeStreams): McpHandler {
  return function listen({ res, message, admitted }) {
    const wanted = message.params['notifications'];
    const asked = wanted !== null && typeof wanted === 'object' ? (wanted as Record<string, unknown>) : {};
    const switches = honoured(admitted);
    const on = Object.keys(SWITCHES).filter((key) => asked[key] === true && switches.includes(key));
    const methods = new Set(on.map((key) => SWITCHES[key]));
    const meta = `"_meta":{${JSON.stringify(SUBSCRIPTION_ID_KEY)}:${message.idText}}`;
    const notifications = JSON.stringify(Object.fromEntries(on.map((key) => [key, true])));
    const full = streams.open(res, {
      keys: changeKeys(admitted),
      owner: admitted.identified.caller.id,
      restsOn: admitted.identified.restsOn,
      first: `{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":${notifications},${meta}}}`,
      last: `{"jsonrpc":"2.0","id":${message.idText},"result":{"resultType":"complete",${meta}}}`,
      write: ({ method }) =>
        methods.has(method)
          ? `{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":{${meta}}}`
          : undefined,
    });
    if (full === undefined) return undefined;
    sendError(res, message.idText, {
      code: -32_000,
      message: 'Too many open streams; close some and try again',
    });
    return 'rate_limited';
  };
}

/** Lists of prompts and resources exist on a single-site URL only. */
function honoured({ view }: Admitted): string[] {
  return view.single ? Object.keys(SWITCHES) : ['toolsListChanged'];
}

/** The changes that concern a caller on a view. */
export function changeKeys({ openings }: Admitted): string[] {
  return openings
    .flatMap(waysOf)
    .map(({ request: { target } }) => changeKey(target.credential.id, target.endpoint));
}

/** What is about a site and not about a call. */
const OF_THE_SITE: ReadonlySet<string> = new Set([
  ...Object.values(SWITCHES),
  'notifications/resources/updated',
]);

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
