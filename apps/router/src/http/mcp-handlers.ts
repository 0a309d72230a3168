import type { Telemetry } from '@switchyard/telemetry';
import { cacheable, METHOD_NOT_FOUND, errorText, resultText } from '@switchyard/wire';

import { mintSessionId } from '../gateway/client-context.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { ListAnswer } from '../gateway/list-answers.ts';
import { createCallHandler } from './call-handler.ts';
import type { ChangeStreams } from './change-stream.ts';
import { discoverResult, initializeResult } from './initialize.ts';
import { createListenHandler } from './listen-handler.ts';
import type { McpExchange, McpHandler } from './mcp-exchange.ts';
import { createPackAnswer, takesGzip } from './packed-lists.ts';
import { createRelayHandler } from './relay-handler.ts';
import { sendJson, sendPacked, sendPieces } from './respond.ts';

export interface HandlerParts {
  readonly gateway: Gateway;
  readonly telemetry: Telemetry;
  readonly streams: ChangeStreams;
}

/** Which method of which era is answered by what. */
export function createMcpHandlers(parts: HandlerParts): (exchange: McpExchange) => McpHandler {
  const { gateway } = parts;
  const relay = createRelayHandler(parts, unknownMethod);
  const both: Readonly<Record<string, McpHandler>> = {
    'tools/list': createListHandler(gateway),
    'tools/call': createCallHandler(parts),
    'resources/list': relay,
    'resources/templates/list': relay,
    'resources/read': relay,
    'prompts/list': relay,
    'prompts/get': relay,
    'completion/complete': relay,
  };
  const byEra: Readonly<Record<'legacy' | 'modern', Readonly<Record<string, McpHandler>>>> = {
    legacy: {
      ...both,
      initialize: (exchange) => initialize(exchange, gateway),
      ping: (exchange) => sendResult(exchange, '{}'),
      'logging/setLevel': relay,
      'resources/subscribe': relay,
      'resources/unsubscribe': relay,
    },
    modern: {
      ...both,
      'server/discover': async (exchange) => sendResult(exchange, await discoverResult(exchange, gateway)),
      'subscriptions/listen': createListenHandler(parts),
    },
  };
  return ({ message, client }) => {
    const handlers = byEra[client.era];
    return (Object.hasOwn(handlers, message.method) ? handlers[message.method] : undefined) ?? unknownMethod;
  };
}

function sendResult({ res, message }: McpExchange, result: string): undefined {
  sendJson(res, resultText(message.idText, result));
}

async function initialize(exchange: McpExchange, gateway: Gateway): Promise<undefined> {
  const { res, message, sealer } = exchange;
  const sessionId = mintSessionId(sealer, message.params['capabilities']);
  const headers = sessionId === undefined ? {} : { 'mcp-session-id': sessionId };
  sendJson(res, resultText(message.idText, await initializeResult(exchange, gateway)), { headers });
}

/** Ready bytes: the list itself is never copied, parsed or compressed for an answer. */
function createListHandler(gateway: Gateway): McpHandler {
  const packAnswer = createPackAnswer();

  function send({ req, res, admitted, message, client }: McpExchange, { bytes, key }: ListAnswer): void {
    gateway.explainer.noteList(admitted, key);
    const { freshSeconds } = admitted.runtime.config.discovery;
    const stamp = client.era === 'legacy' ? '' : `${cacheable(freshSeconds * 1_000)},`;
    const head = `{"jsonrpc":"2.0","id":${message.idText},"result":{${stamp}`;
    const packed = takesGzip(req.headers['accept-encoding'])
      ? packAnswer(head, restOf(bytes), '}')
      : undefined;
    if (packed) sendPacked(res, packed);
    else sendPieces(res, [Buffer.from(head), restOf(bytes), CLOSE]);
  }

  return function listTools(exchange) {
    const { admitted } = exchange;
    const { view, openings, runtime } = admitted;
    const { deadlineMs } = runtime.config.discovery;
    const startedAt = performance.now();
    function finish(answer: ListAnswer): undefined {
      send(exchange, answer);
      const latencyMs = Math.round(performance.now() - startedAt);
      gateway.auditing.listed(admitted, { latencyMs, bytes: answer.bytes.length });
    }
    const answer = gateway.answers.tools({ view, openings, deadlineMs });
    return answer instanceof Promise ? answer.then(finish) : finish(answer);
  };
}

const CLOSE = Buffer.from('}');

/** One object for each ready list, so that what is kept of it can be found by it. */
const rests = new WeakMap<Buffer, Buffer>();

/** A result without its opening bracket: members of the answer's own may go before. */
function restOf(result: Buffer): Buffer {
  const rest = rests.get(result) ?? result.subarray(1);
  rests.set(result, rest);
  return rest;
}

/** The modern era says it with the status too: HTTP 404. */
function unknownMethod({ res, message, client }: McpExchange): string {
  const body = errorText(message.idText, {
    code: METHOD_NOT_FOUND,
    message: `Method not found: ${message.method}`,
  });
  sendJson(res, body, { status: client.era === 'modern' ? 404 : 200 });
  return 'method_not_found';
}
