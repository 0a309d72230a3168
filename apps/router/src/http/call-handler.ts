import { textOf } from '@switchyard/json-text';
import type { Telemetry } from '@switchyard/telemetry';
import { INVALID_PARAMS } from '@switchyard/wire';

import type { CallReply, ToolCall } from '../gateway/call-reply.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Pieces } from './answer-pieces.ts';
import { callAnswer, reportCall } from './call-answer.ts';
import { mayTakeTurns, takeTurns } from './input-required.ts';
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
  return function handleCall(exchange) {
    const { message } = exchange;
    const name = message.params['name'];
    if (typeof name !== 'string') {
      sendError(exchange.res, message.idText, {
        code: INVALID_PARAMS,
        message: 'Invalid params: "name" must be a text',
      });
      return 'invalid';
    }
    const run = (dialogue: SiteDialogue): Promise<CallReply> => call(exchange, name, dialogue);
    if (mayTakeTurns(exchange)) return takeTurns(exchange, { gateway, telemetry, run, write, report });
    const dialogue = createSiteDialogue(exchange, { gateway, telemetry, logs: logsOf(exchange) });
    return run(dialogue).then((reply) => {
      const answer = write(exchange, reply);
      // Nearly always there at once; then a call waits for its site alone.
      if (answer instanceof Promise) return answer.then((late) => finish(dialogue, late, reply));
      return finish(dialogue, answer, reply);
    });
  };

  function write(exchange: McpExchange, reply: CallReply): Pieces | Promise<Pieces> {
    return callAnswer(exchange, reply, gateway);
  }

  function report(reply: CallReply): string | undefined {
    return reportCall(telemetry, reply);
  }

  function finish(dialogue: SiteDialogue, answer: Pieces, reply: CallReply): string | undefined {
    dialogue.finish(answer);
    return report(reply);
  }

  function call(exchange: McpExchange, name: string, dialogue: SiteDialogue): Promise<CallReply> {
    const { admitted, message, client, signal, req } = exchange;
    const asked: ToolCall = {
      name,
      client,
      signal,
      args: message.params['arguments'],
      argumentsText: textOf(message.paramsText, message.paramsMembers, 'arguments'),
      argumentsMembers: message.argumentsMembers,
      paramsText: dialogue.paramsText,
      paramsMembers: dialogue.paramsText === message.paramsText ? message.paramsMembers : undefined,
      headers: req.headers,
      onMessage: dialogue.onMessage,
      asking: dialogue.asking,
      reader: exchange,
    };
    return gateway.auditing.call(admitted, asked, () => gateway.callTool(admitted, asked));
  }
}
