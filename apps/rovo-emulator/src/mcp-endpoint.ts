// Streamable HTTP of the legacy era: what happens to a request before and after its method is answered.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import { authProblem } from './auth-problem.ts';
import type { Caller, IdentifyCaller } from './credentials.ts';
import type { EmulatorSettings } from './emulator-options.ts';
import type { BreakingEffect, Faults } from './faults.ts';
import {
  httpErrorReply,
  type HttpReply,
  RPC_CODES,
  resultReply,
  rpcErrorReply,
  sendHalf,
  sendReply,
} from './http-reply.ts';
import type { Journal } from './journal.ts';
import type { Admit } from './limits.ts';
import { readBody } from './request-body.ts';
import type { Route } from './route.ts';
import { parseMessage, type RpcMessage } from './rpc-message.ts';
import { type RpcRequest, servedGeneration, sessionProblem } from './rpc-methods.ts';
import type { Sessions } from './sessions.ts';
import type { SiteDirectory } from './site-directory.ts';
import { aimCall, type CallTarget } from './tool-call.ts';
import { encodeOutcome } from './tool-result.ts';

/** What the endpoint needs of the emulator. */
export interface EndpointParts {
  readonly settings: Readonly<EmulatorSettings>;
  readonly identify: IdentifyCaller;
  readonly sessions: Sessions;
  readonly sites: SiteDirectory;
  readonly faults: Faults;
  readonly journal: Journal;
  readonly admit: Admit;
  readonly answer: (request: RpcRequest) => HttpReply;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Aborted when the emulator closes. */
  readonly closing: AbortSignal;
}

/** One HTTP request at an MCP URL. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: Route;
}

/** An exchange whose caller and message are known. */
interface Incoming extends Exchange {
  readonly caller: Caller;
  readonly authorization: string;
  readonly sessionId: string | undefined;
  readonly protocolVersion: string | undefined;
  readonly message: RpcMessage | undefined;
  readonly target: CallTarget | undefined;
}

const BODY_LIMIT_BYTES = 4 * 1024 * 1024;
const GARBAGE: HttpReply = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: '<!doctype html><html><body>Bad gateway</body></html>',
};
const NOT_ALLOWED = { code: RPC_CODES.server, message: 'Method not allowed.' };

/** Builds the handler of MCP URLs. */
export function createMcpEndpoint(parts: EndpointParts): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const { request, response } = exchange;
    if (request.method !== 'POST') {
      await meet(incomingOf(exchange, undefined, parts), parts);
      return;
    }
    const refusal = headerProblem(request);
    if (refusal !== undefined) return sendReply(response, refusal);
    const body = await readBody(request, BODY_LIMIT_BYTES);
    if (body === undefined) return sendReply(response, tooLarge());
    const parsed = parseMessage(body);
    if (!parsed.ok) return sendReply(response, parsed.reply);
    await meet(incomingOf(exchange, parsed.message, parts), parts);
  };
}

/** Journal, limits and faults, then the answer. */
async function meet(incoming: Incoming, parts: EndpointParts): Promise<void> {
  record(incoming, parts);
  const { response, caller, message, target } = incoming;
  const isCall = message?.method === 'tools/call';
  const account = caller.account?.accountId ?? 'nobody';
  const pool = isCall ? (target?.cloudId ?? account) : undefined;
  const admission = parts.admit(pool === undefined ? { account } : { account, pool });
  if (!admission.admitted) return sendReply(response, tooMany(admission.retryAfterSeconds));
  // `close` follows every end of an exchange, also that of a hanging one.
  response.once('close', admission.leave);
  const { delayMs, effect } = strike(incoming, parts.faults);
  if (delayMs > 0) await delay(delayMs, undefined, { signal: parts.closing });
  if (effect === undefined) return answer(incoming, parts);
  applyEffect(effect, incoming, parts);
}

function applyEffect(effect: BreakingEffect, incoming: Incoming, parts: EndpointParts): void {
  const { response, message, sessionId } = incoming;
  switch (effect.kind) {
    case 'hang':
      return;
    case 'reset':
      incoming.request.socket.resetAndDestroy();
      return;
    case 'garbage':
      return sendReply(response, GARBAGE);
    case 'http':
      return sendReply(response, faultReply(effect));
    case 'rpc-error':
      return sendReply(response, rpcErrorReply(message?.id, effect, parts.settings));
    case 'session-lost':
      parts.sessions.end(sessionId ?? '');
      return answer(incoming, parts);
    case 'truncated':
      return sendHalf(response, replyTo(incoming, parts));
    case 'error':
      return sendReply(response, knownErrorReply(effect, incoming, parts));
  }
}

function knownErrorReply(
  { id, style }: Extract<BreakingEffect, { readonly kind: 'error' }>,
  { message, route }: Incoming,
  { settings }: EndpointParts,
): HttpReply {
  const outcome = { kind: 'known-error', id, style: style ?? settings.errorStyle } as const;
  const generation = servedGeneration(route.generation, settings);
  return resultReply(message?.id, encodeOutcome(outcome, generation, settings), settings);
}

function answer(incoming: Incoming, parts: EndpointParts): void {
  if (incoming.request.method !== 'GET') return sendReply(incoming.response, replyTo(incoming, parts));
  openStream(incoming, parts);
}

function replyTo(incoming: Incoming, parts: EndpointParts): HttpReply {
  const { caller, route, request, message } = incoming;
  if (request.method !== 'POST' && request.method !== 'DELETE') return notAllowed();
  const refusal = authProblem({ caller, route, host: request.headers.host ?? '' }, parts.settings);
  if (refusal !== undefined) return refusal;
  if (message !== undefined) return parts.answer({ ...incoming, message });
  const problem = sessionProblem(incoming, parts.sessions);
  if (problem !== undefined) return problem;
  parts.sessions.end(incoming.sessionId ?? '');
  return { status: 200 };
}

function openStream(incoming: Incoming, parts: EndpointParts): void {
  const { caller, route, request, response } = incoming;
  if (!parts.settings.getStream) return sendReply(response, notAllowed());
  const refusal =
    authProblem({ caller, route, host: request.headers.host ?? '' }, parts.settings) ??
    sessionProblem(incoming, parts.sessions);
  if (refusal !== undefined) return sendReply(response, refusal);
  const { authorization, sessionId = '' } = incoming;
  const session = parts.sessions.find(sessionId, { authorization, lane: route.lane });
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' });
  response.flushHeaders();
  session?.streams.add(response);
  response.once('close', () => session?.streams.delete(response));
}

function incomingOf(exchange: Exchange, message: RpcMessage | undefined, parts: EndpointParts): Incoming {
  const { headers } = exchange.request;
  return {
    ...exchange,
    message,
    caller: parts.identify(headers.authorization),
    authorization: headers.authorization ?? '',
    sessionId: headerText(headers['mcp-session-id']),
    protocolVersion: headerText(headers['mcp-protocol-version']),
    target: message?.method === 'tools/call' ? aimCall(message.params, parts.sites) : undefined,
  };
}

function record(incoming: Incoming, { journal, now }: EndpointParts): void {
  const { request, route, caller, sessionId, message, target } = incoming;
  const accountId = caller.account?.accountId;
  journal.record({
    at: now(),
    httpMethod: request.method ?? '',
    path: request.url ?? '',
    lane: route.lane,
    generation: route.generation,
    ...(message === undefined ? {} : { method: message.method, params: message.params }),
    ...(message?.hasId === true ? { rpcId: message.id } : {}),
    ...(target === undefined ? {} : { tool: target.tool, arguments: target.args }),
    ...(target?.cloudId === undefined ? {} : { cloudId: target.cloudId }),
    ...(accountId === undefined ? {} : { account: accountId }),
    ...(sessionId === undefined ? {} : { sessionId }),
  });
}

function strike(
  { request, route, caller, message, target }: Incoming,
  faults: Faults,
): ReturnType<Faults['strike']> {
  return faults.strike({
    lane: route.lane,
    generation: route.generation,
    method: message?.method ?? request.method ?? '',
    account: caller.account?.accountId,
    cloudId: target?.cloudId,
    tools: target === undefined ? [] : [target.name, target.tool],
    hasId: message?.hasId ?? false,
  });
}

function headerProblem({ headers }: IncomingMessage): HttpReply | undefined {
  const accept = headers.accept ?? '';
  if (!accept.includes('application/json') || !accept.includes('text/event-stream')) {
    const message = 'Not Acceptable: Client must accept both application/json and text/event-stream';
    return httpErrorReply(406, { code: RPC_CODES.server, message });
  }
  if (headers['content-type']?.includes('application/json') === true) return undefined;
  const message = 'Unsupported Media Type: Content-Type must be application/json';
  return httpErrorReply(415, { code: RPC_CODES.server, message });
}

function faultReply(effect: Extract<BreakingEffect, { readonly kind: 'http' }>): HttpReply {
  const { status, retryAfterSeconds, body = '' } = effect;
  const retryAfter = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return { status, body, headers: { 'content-type': 'text/plain', ...retryAfter } };
}

function tooMany(retryAfterSeconds: number): HttpReply {
  const headers = { 'retry-after': String(retryAfterSeconds) };
  return httpErrorReply(429, { code: RPC_CODES.server, message: 'Too Many Requests' }, headers);
}

function tooLarge(): HttpReply {
  return httpErrorReply(413, { code: RPC_CODES.server, message: 'Payload Too Large' });
}

function notAllowed(): HttpReply {
  return httpErrorReply(405, NOT_ALLOWED, { allow: 'POST' });
}

function headerText(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
