import { editObject, memberText } from '@switchyard/json-text';
import type { Telemetry } from '@switchyard/telemetry';
import type { LargeAnswer, LargeAnswerSink } from '@switchyard/upstream';
import { classifyEra, errorText, type Incoming, LEGACY_VERSIONS } from '@switchyard/wire';

import { clientContext, openSessionId } from '../gateway/client-context.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { QUESTION } from './ask-client.ts';
import type { ChangeStreams } from './change-stream.ts';
import type { HttpRequest } from './http-request.ts';
import { passToClient } from './large-answer.ts';
import { legacyNotification } from './listen-handler.ts';
import type { McpExchange, McpHandler } from './mcp-exchange.ts';
import { type Admitted, METHOD_NOT_ALLOWED } from './mcp-gate.ts';
import type { Reply } from './reply.ts';
import { refuse, type Refusal, sendAccepted, sendJson } from './respond.ts';
import { type SealedRequest, SITE_REQUEST } from './site-dialogue.ts';

/** An HTTP request of a known caller. */
interface Sent {
  readonly req: HttpRequest;
  readonly res: Reply;
  readonly admitted: Admitted;
}

/** What a known caller can send: messages, and the wish for a stream. */
export interface McpMessages {
  receive(sent: Sent, message: Incoming): Promise<void> | void;
  /** GET with a session id: changes of lists, as far as this session's URL shows them. */
  openStream(sent: Sent): void;
}

export interface MessageParts {
  readonly gateway: Gateway;
  readonly telemetry: Telemetry;
  readonly streams: ChangeStreams;
  readonly handlerOf: (exchange: McpExchange) => McpHandler;
}

export function createMcpMessages(parts: MessageParts): McpMessages {
  const { gateway, streams } = parts;
  return {
    receive(sent, message) {
      const { res, admitted } = sent;
      switch (message.kind) {
        case 'invalid':
          return sendJson(res, errorText(message.idText, message.fault), { status: 400 });
        case 'notification':
          if (message.method === 'notifications/cancelled') {
            gateway.cancellations.cancel(
              admitted.identified.caller.id,
              memberText(message.paramsText, 'requestId') ?? '',
            );
          }
          return sendAccepted(res);
        case 'response':
          return receiveAnswer(parts, sent, message);
        case 'request':
          return receiveRequest(parts, sent, message);
      }
    },
    openStream({ req, res, admitted }) {
      const token = String(req.headers['mcp-session-id']);
      if (!openSessionId(gateway.sealerOf(admitted.identified), token))
        return refuse(res, METHOD_NOT_ALLOWED);
      const full = streams.open(res, {
        listen: (listener) => gateway.changes.listen(admitted.openings, [], listener),
        owner: admitted.identified.caller.id,
        restsOn: admitted.identified.restsOn,
        write: (change) => legacyNotification(change, admitted),
      });
      if (full !== undefined)
        refuse(res, { status: 429, message: 'Too many open streams; close some and try again' });
    },
  };
}

/** Without a promise where nothing is waited for. */
function receiveRequest(
  parts: MessageParts,
  { req, res, admitted }: Sent,
  message: McpExchange['message'],
): Promise<void> | void {
  const { gateway } = parts;
  const era = classifyEra(message, req.headers);
  if (era.kind === 'fault') return sendJson(res, errorText(message.idText, era.fault), { status: 400 });
  const version = era.kind === 'legacy' ? checkVersion(req, message.method) : undefined;
  if (version) return refuse(res, version);
  const sealer = gateway.sealerOf(admitted.identified);
  const client = clientContext(req, era, sealer);
  const flight = gateway.inFlight.start(admitted.identified.caller.id, message.idText);
  // Leaving is how a modern client cancels; in the old era it only means that nobody reads the answer.
  const stay =
    client.era === 'modern' ? res.onceClosed(() => void (res.isEnded || flight.cancel())) : undefined;
  const keep = (): (() => void) => {
    stay?.();
    return () => flight.cancel();
  };
  const { signal } = flight;
  const isAsked = false;
  const exchange = { req, res, admitted, message, client, sealer, signal, keep, isAsked, takeLarge };
  return dispatch(parts, exchange, () => flight.done());
}

/** One for all exchanges: few calls need it, and each has it at hand. */
function takeLarge(this: McpExchange, answer: LargeAnswer): LargeAnswerSink | undefined {
  return passToClient(this, answer);
}

/** Runs the method's handler; `done` is called when it is over, however it ended. */
function dispatch(
  { telemetry, handlerOf }: MessageParts,
  exchange: McpExchange,
  done: () => void,
): Promise<void> | void {
  const { method } = exchange.message;
  const startedAt = performance.now();
  function succeed(errorType: string | undefined): void {
    done();
    const durationMs = performance.now() - startedAt;
    telemetry.emit({ type: 'server-operation', method, durationMs, errorType });
  }
  function fail(error: unknown): never {
    done();
    throw error;
  }
  try {
    const outcome = handlerOf(exchange)(exchange);
    if (outcome instanceof Promise) return outcome.then(succeed, fail);
    succeed(outcome);
  } catch (error) {
    fail(error);
  }
}

/** The answer to a question of a site: it goes to the session that asked, whichever replica it reaches. */
async function receiveAnswer(
  { gateway, telemetry }: MessageParts,
  { res, admitted }: Sent,
  message: Extract<Incoming, { kind: 'response' }>,
): Promise<void> {
  const { identified, openings } = admitted;
  const question = gateway.sealerOf(identified).open(QUESTION, String(message.id));
  if (typeof question === 'string') {
    const text = memberText(message.text, 'result');
    const answer = text === undefined ? ({ kind: 'error' } as const) : ({ kind: 'result', text } as const);
    gateway.questions.settle(identified.caller.id, question, answer);
    return sendAccepted(res);
  }
  const sealed = gateway.sealerOf(identified).open(SITE_REQUEST, String(message.id)) as
    | SealedRequest
    | undefined;
  const opening = sealed && openings.find(({ site }) => site.name === sealed.site);
  if (sealed && opening) {
    const answer = editObject(message.text, { id: sealed.idText });
    await gateway.relay.respond(opening, sealed.session, answer).catch((error: unknown) => {
      telemetry.log.warn({ site: sealed.site, error }, 'an answer could not be brought to its site');
    });
  }
  sendAccepted(res);
}

/** The version header of later requests; `initialize` negotiates in its body. */
function checkVersion(req: HttpRequest, method: string): Refusal | undefined {
  const version = req.headers['mcp-protocol-version'];
  if (method === 'initialize' || version === undefined || LEGACY_VERSIONS.includes(String(version)))
    return undefined;
  const supported = LEGACY_VERSIONS.join(', ');
  return {
    status: 400,
    message: `Bad Request: Unsupported protocol version (supported versions: ${supported})`,
  };
}
