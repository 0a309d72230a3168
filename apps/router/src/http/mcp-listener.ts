import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Config } from '../config/config.ts';
import { isMcpPath } from '../gateway/url-views.ts';
import type { Parts } from '../parts.ts';
import { type Listener, listen } from './listeners.ts';
import { createMcpEndpoint } from './mcp-endpoint.ts';
import { createGate } from './mcp-gate.ts';
import { createMcpHandlers } from './mcp-handlers.ts';
import { createMcpMessages } from './mcp-messages.ts';
import { createPublicApp } from './public-app.ts';
import { createSameSiteCheck } from './same-site.ts';

/** MCP messages are taken before Express, which costs more than all that Switchyard does with one. */
export async function listenForMcp(config: Config, parts: Parts): Promise<Listener> {
  const { gateway, telemetry, streams, publicUrl, doors } = parts;
  const gate = createGate({
    gateway,
    sameSite: createSameSiteCheck(config.listen.host, config.publicUrl),
    publicUrl,
    onRefused: (method, reason) => telemetry.emit({ type: 'auth-failure', method, reason }),
  });
  const handlerOf = createMcpHandlers({ gateway, telemetry, streams });
  const messages = createMcpMessages({ gateway, telemetry, streams, handlerOf });
  const endpoint = createMcpEndpoint({ gate, messages, telemetry });
  const app = createPublicApp({ gateway, publicUrl, signIn: doors.router });
  return listen(
    (req: IncomingMessage, res: ServerResponse) => {
      if (isMcpPath(pathOf(req))) void endpoint.serve(req, res);
      else app(req, res);
    },
    config.listen,
    endpoint.post,
  );
}

function pathOf({ url = '/' }: IncomingMessage): string {
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}
