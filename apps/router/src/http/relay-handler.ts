import type { Site } from '@switchyard/catalogue';
import type { Telemetry } from '@switchyard/telemetry';
import { type UpstreamAnswer, UpstreamError } from '@switchyard/upstream';
import { answerKind, errorText, INTERNAL_ERROR, INVALID_PARAMS, resultText } from '@switchyard/wire';

import { sizeOf } from '../gateway/auditing.ts';
import { SiteClosed } from '../gateway/closed-site.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Opening } from '../gateway/runtime.ts';
import { siteFailure } from '../gateway/site-failure.ts';
import { relaysMethod } from '../gateway/site-relay.ts';
import { unansweredText } from '../gateway/site-turns.ts';
import { legacyAnswer, modernAnswer, type Pieces, stampOf } from './answer-pieces.ts';
import { mayTakeTurns, takeTurns } from './input-required.ts';
import type { McpExchange, McpHandler } from './mcp-exchange.ts';
import { sendError, sendJson } from './respond.ts';
import { createSiteDialogue, logsOf, type SiteDialogue } from './site-dialogue.ts';

/**
 * Relays one request to the site of a single-site URL, and its answer back, without looking into
 * either. Where nothing is relayed there are no prompts and resources, and that is said.
 */
export function createRelayHandler(
  { gateway, telemetry }: { gateway: Gateway; telemetry: Telemetry },
  unknownMethod: McpHandler,
): McpHandler {
  return async function relay(exchange) {
    const { admitted, message } = exchange;
    const [opening] = admitted.openings;
    const { single } = admitted.view;
    if (!opening || !single || !relaysMethod(opening, message.method))
      return answerNothing(exchange, unknownMethod);
    const run = (dialogue: SiteDialogue): Promise<RelayReply> =>
      relayed(gateway, { exchange, opening, dialogue });
    if (IN_TURNS.includes(message.method) && mayTakeTurns(exchange))
      return takeTurns(exchange, { gateway, telemetry, run, write: piecesOf, report: errorTypeOf });
    const dialogue = createSiteDialogue(exchange, { gateway, telemetry, logs: logsOf(exchange) });
    const reply = await run(dialogue);
    dialogue.finish(piecesOf(exchange, reply));
    return errorTypeOf(reply);
  };
}

/** Besides calls of tools these may ask the client something in the modern era. */
const IN_TURNS: readonly string[] = ['prompts/get', 'resources/read'];

function errorTypeOf({ errorType }: RelayReply): string | undefined {
  return errorType;
}

/** What became of a request; the error is for the metric, where there is one. */
type RelayReply = { readonly errorType?: string } & (
  | { readonly kind: 'answer'; readonly answer: UpstreamAnswer }
  | { readonly kind: 'failed'; readonly text: string }
);

interface Relaying {
  readonly exchange: McpExchange;
  readonly opening: Opening;
  readonly dialogue: SiteDialogue;
}

/** Asks the site, and writes down what came of it. */
async function relayed(gateway: Gateway, relaying: Relaying): Promise<RelayReply> {
  const { exchange, opening } = relaying;
  const { admitted, req, message } = exchange;
  const startedAt = performance.now();
  const reply = await ask(gateway, relaying).catch((error: unknown) => failed(opening.site, error));
  gateway.auditing.relayed(admitted, req.headers, {
    site: opening.site,
    credentialId: opening.request.target.credential.id,
    method: message.method,
    paramsText: message.paramsText,
    outcome: reply.outcome,
    latencyMs: Math.round(performance.now() - startedAt),
    bytes: reply.kind === 'answer' ? sizeOf(reply.answer) : undefined,
  });
  return reply;
}

/** The outcome is for the audit trail. */
type Audited = RelayReply & { readonly outcome: string };

async function ask(gateway: Gateway, { exchange, opening, dialogue }: Relaying): Promise<Audited> {
  const { admitted, message, client, signal } = exchange;
  const answer = await gateway.relay.send(opening, client, {
    method: message.method,
    paramsText: dialogue.paramsText,
    idempotent: true,
    timeoutMs: admitted.runtime.config.limits.callTimeoutMs,
    signal,
    ...(client.logLevel !== undefined && { logLevel: client.logLevel }),
    onMessage: (text, session) => dialogue.onMessage(text, session, opening),
    reader: exchange,
    askAll: dialogue.asking().askAll,
  });
  if (typeof answer === 'string') {
    const text = unansweredText(opening.site, answer);
    return { kind: 'failed', text, outcome: 'input_required', errorType: 'input_required' };
  }
  const isError = answerKind(answer.body) === 'error';
  if (!isError) return { kind: 'answer', answer, outcome: 'ok' };
  return { kind: 'answer', answer, outcome: 'upstream_error', errorType: 'upstream_error' };
}

function failed(site: Site, error: unknown): Audited {
  if (!(error instanceof UpstreamError) && !(error instanceof SiteClosed)) throw error;
  const { text, reason: outcome } = siteFailure(site, error);
  return { kind: 'failed', text, outcome, errorType: error instanceof UpstreamError ? error.code : outcome };
}

/** These methods have no results with `isError`: a sentence goes into a protocol error. */
function piecesOf({ message, client }: McpExchange, reply: RelayReply): Pieces {
  const { idText, method } = message;
  if (reply.kind === 'failed') {
    const fault = { code: INTERNAL_ERROR, message: reply.text };
    return { pieces: [Buffer.from(errorText(idText, fault))], status: 200 };
  }
  if (client.era === 'legacy') return legacyAnswer(reply.answer, idText);
  return modernAnswer(reply.answer, idText, stampOf(method));
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
