import type { Telemetry } from '@switchyard/telemetry';
import { UpstreamError } from '@switchyard/upstream';
import {
  answerKind,
  cacheable,
  COMPLETE,
  errorText,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  resultText,
} from '@switchyard/wire';

import { SiteClosed } from '../gateway/closed-site.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { siteFailure } from '../gateway/site-failure.ts';
import { relaysMethod } from '../gateway/site-relay.ts';
import { legacyAnswer, modernAnswer, type Pieces } from './answer-pieces.ts';
import type { McpExchange, McpHandler } from './mcp-exchange.ts';
import { sendError, sendJson } from './respond.ts';
import { createSiteDialogue, logsOf } from './site-dialogue.ts';

/** Methods that a single-site URL relays whole, and how long a modern client may keep their results. */
const TTL_MS: Readonly<Record<string, number | undefined>> = {
  'resources/list': 60_000,
  'resources/templates/list': 60_000,
  'resources/read': 0,
  'prompts/list': 60_000,
};

/**
 * Relays one request to the site of a single-site URL, and its answer back, without looking into
 * either. Where nothing is relayed there are no prompts and resources, and that is said.
 */
export function createRelayHandler(
  { gateway, telemetry }: { gateway: Gateway; telemetry: Telemetry },
  unknownMethod: McpHandler,
): McpHandler {
  return async function relay(exchange) {
    const { admitted, message, client, signal } = exchange;
    const [opening] = admitted.openings;
    const { single } = admitted.view;
    if (!opening || !single || !relaysMethod(opening, message.method))
      return answerNothing(exchange, unknownMethod);
    const dialogue = createSiteDialogue(exchange, { gateway, telemetry, logs: logsOf(exchange) });
    const startedAt = performance.now();
    const record = (outcome: string, bytes?: number): void =>
      gateway.auditing.relayed(admitted, exchange.req.headers, {
        site: opening.site,
        credentialId: opening.request.target.credential.id,
        method: message.method,
        paramsText: message.paramsText,
        outcome,
        latencyMs: Math.round(performance.now() - startedAt),
        bytes,
      });
    try {
      const answer = await gateway.relay.send(opening, client, {
        method: message.method,
        paramsText: dialogue.paramsText,
        idempotent: true,
        timeoutMs: admitted.runtime.config.limits.callTimeoutMs,
        signal,
        ...(client.logLevel !== undefined && { logLevel: client.logLevel }),
        onMessage: (text, session) => dialogue.onMessage(text, session, opening),
      });
      const stamp = stampOf(message.method);
      dialogue.finish(
        client.era === 'modern'
          ? modernAnswer(answer, message.idText, stamp)
          : legacyAnswer(answer, message.idText),
      );
      const isError = answerKind(answer.body) === 'error';
      record(isError ? 'upstream_error' : 'ok', answer.body.length);
      return isError ? 'upstream_error' : undefined;
    } catch (error) {
      if (!(error instanceof UpstreamError) && !(error instanceof SiteClosed)) throw error;
      const { text, reason } = siteFailure(opening.site, error);
      dialogue.finish(failure(exchange, text));
      record(reason);
      return error instanceof UpstreamError ? error.code : reason;
    }
  };
}

/** What a connector of tools alone has to say: clients ask for all lists, whatever was advertised. */
const NOTHING: Readonly<Record<string, string>> = {
  'resources/list': '{"resources":[]}',
  'resources/templates/list': '{"resourceTemplates":[]}',
  'prompts/list': '{"prompts":[]}',
  'logging/setLevel': '{}',
};

function answerNothing(exchange: McpExchange, unknownMethod: McpHandler): ReturnType<McpHandler> {
  const { res, message, client } = exchange;
  const result = NOTHING[message.method];
  if (message.method === 'resources/read') {
    sendError(res, message.idText, {
      code: INVALID_PARAMS,
      message: 'Resource not found: this connector serves tools',
    });
    return 'invalid';
  }
  if (result === undefined) return unknownMethod(exchange);
  const stamped = client.era === 'modern' ? `{${stampOf(message.method)},${result.slice(1)}` : result;
  sendJson(res, resultText(message.idText, stamped));
  return undefined;
}

function stampOf(method: string): string {
  const ttlMs = TTL_MS[method];
  return ttlMs === undefined ? COMPLETE : cacheable(ttlMs);
}

/** These methods have no results with `isError`: the sentence goes into a protocol error. */
function failure({ message }: McpExchange, text: string): Pieces {
  return {
    pieces: [Buffer.from(errorText(message.idText, { code: INTERNAL_ERROR, message: text }))],
    status: 200,
  };
}
