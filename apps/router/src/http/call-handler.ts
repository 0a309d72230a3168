import { memberText } from '@switchyard/json-text';
import type { Telemetry } from '@switchyard/telemetry';
import { errorText, INTERNAL_ERROR, INVALID_PARAMS, resultText, splitAtId } from '@switchyard/wire';

import type { CallReply } from '../gateway/call-reply.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { createEventStream } from './event-stream.ts';
import type { McpExchange, McpHandler } from './mcp-exchange.ts';
import { sendError, sendPieces } from './respond.ts';

/** Serves tools/call: the site's answer goes back as it came, under the client's own id (I7). */
export function createCallHandler({
  gateway,
  telemetry,
}: {
  gateway: Gateway;
  telemetry: Telemetry;
}): McpHandler {
  return async function handleCall(exchange) {
    const { req, res, admitted, message } = exchange;
    const name = message.params['name'];
    if (typeof name !== 'string') {
      sendError(res, message.idText, {
        code: INVALID_PARAMS,
        message: 'Invalid params: "name" must be a text',
      });
      return 'invalid';
    }
    const stream = createEventStream(req, res, message.params);
    const reply = await gateway.callTool(admitted, {
      name,
      args: message.params['arguments'],
      argumentsText: memberText(message.paramsText, 'arguments'),
      paramsText: message.paramsText,
      ...(stream && { onNotification: stream.notify }),
    });
    const pieces = await render(exchange, reply);
    if (stream?.isOpen()) stream.end(pieces);
    else sendPieces(res, pieces);
    return report(telemetry, reply);
  };

  async function render({ admitted, message }: McpExchange, reply: CallReply): Promise<Buffer[]> {
    const { idText } = message;
    switch (reply.kind) {
      case 'answer':
        return underId(reply.answer, idText);
      case 'failed':
        return [Buffer.from(resultText(idText, reply.result))];
      case 'sites': {
        const { view, openings, runtime } = admitted;
        const result = await gateway.answers.sites(view, openings, runtime.config.discovery.deadlineMs);
        return [Buffer.from(resultText(idText, result))];
      }
      case 'unknown':
      case 'invalid':
        return [Buffer.from(errorText(idText, { code: INVALID_PARAMS, message: reply.message }))];
    }
  }
}

function underId({ body, idText: ours }: { body: Buffer; idText: string }, idText: string): Buffer[] {
  const halves = splitAtId(body, ours);
  if (halves) return [halves.before, Buffer.from(idText), halves.after];
  return [Buffer.from(errorText(idText, { code: INTERNAL_ERROR, message: 'Internal error' }))];
}

function report(telemetry: Telemetry, reply: CallReply): string | undefined {
  switch (reply.kind) {
    case 'sites':
      return undefined;
    case 'unknown':
    case 'invalid':
      telemetry.emit({ type: 'policy-denial', reason: reply.reason });
      return reply.kind === 'unknown' ? 'denied' : 'invalid';
    case 'answer':
    case 'failed': {
      const { site, outcome, toolClass } = reply;
      const { product, access } = toolClass ?? { product: 'other', access: 'write' as const };
      telemetry.emit({ type: 'tool-call', site: site.name, product, access, outcome });
      return outcome === 'ok' ? undefined : outcome;
    }
  }
}
