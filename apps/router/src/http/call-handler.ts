import { textOf } from '@switchyard/json-text';
import type { Telemetry } from '@switchyard/telemetry';
import { INVALID_PARAMS } from '@switchyard/wire';

import type { CallReply } from '../gateway/call-reply.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { callAnswer, reportCall } from './call-answer.ts';
import { takeTurns } from './input-required.ts';
import type { McpExchange, McpHandler } from './mcp-exchange.ts';
import { sendError } from './respond.ts';
import { createSiteDialogue, logsOf, type SiteDialogue } from './site-dialogue.ts';

/** Serves tools/call: the site's answer goes back as it came, under the client's own id (I7). */
export function createCallHandler({
  gateway,
  telemetry,
}: {
  gateway: Gateway;
  telemetry: Telemetry;
}): McpHandler {
  return async function handleCall(exchange) {
    const { message, client } = exchange;
    const name = message.params['name'];
    if (typeof name !== 'string') {
      sendError(exchange.res, message.idText, {
        code: INVALID_PARAMS,
        message: 'Invalid params: "name" must be a text',
      });
      return 'invalid';
    }
    const run = (dialogue: SiteDialogue): Promise<CallReply> => call(exchange, name, dialogue);
    if (client.era === 'modern' && (client.capabilities || message.params['requestState'] !== undefined)) {
      return takeTurns(exchange, { gateway, telemetry, name, run });
    }
    const dialogue = createSiteDialogue(exchange, { gateway, telemetry, logs: logsOf(exchange) });
    const reply = await run(dialogue);
    dialogue.finish(await callAnswer(exchange, reply, gateway));
    return reportCall(telemetry, reply);
  };

  function call(
    { admitted, message, client, signal, req }: McpExchange,
    name: string,
    dialogue: SiteDialogue,
  ): Promise<CallReply> {
    return gateway.callTool(admitted, {
      name,
      client,
      signal,
      args: message.params['arguments'],
      argumentsText: textOf(message.paramsText, message.paramsMembers, 'arguments'),
      paramsText: dialogue.paramsText,
      paramsMembers: dialogue.paramsText === message.paramsText ? message.paramsMembers : undefined,
      headers: req.headers,
      onMessage: dialogue.onMessage,
    });
  }
}
