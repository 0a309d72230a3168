import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Telemetry } from '@switchyard/telemetry';
import { errorText, INTERNAL_ERROR, INVALID_REQUEST, LEGACY_VERSIONS, readMessage } from '@switchyard/wire';

import type { McpExchange, McpHandler, McpRequest } from './mcp-exchange.ts';
import type { Admitted, Gate } from './mcp-gate.ts';
import { readBody } from './read-body.ts';
import { refuse, type Refusal, sendJson } from './respond.ts';

/** Serves one HTTP request on an MCP path. Never rejects. */
export type McpEndpoint = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

export function createMcpEndpoint({
  gate,
  handlerOf,
  telemetry,
}: {
  readonly gate: Gate;
  readonly handlerOf: (method: string) => McpHandler;
  readonly telemetry: Telemetry;
}): McpEndpoint {
  return async function mcpEndpoint(req, res) {
    try {
      const admitted = await gate(req);
      if ('goodbye' in admitted) res.writeHead(200, { 'content-length': 0 }).end();
      else if ('status' in admitted) refuseUnread(req, res, admitted);
      else await serve(req, res, admitted);
    } catch (error) {
      telemetry.log.error({ error }, 'request failed');
      if (res.headersSent) res.destroy();
      else refuse(res, { status: 500, code: INTERNAL_ERROR, message: 'Internal error' });
    }
  };

  async function serve(req: IncomingMessage, res: ServerResponse, admitted: Admitted): Promise<void> {
    const unreadable = checkHeaders(req);
    if (unreadable) return refuseUnread(req, res, unreadable);
    const { maxBodyBytes } = admitted.runtime.config.limits;
    const body = await readBody(req, maxBodyBytes);
    if (body.kind === 'gone') return void res.destroy();
    if (body.kind === 'too-large') return refuseUnread(req, res, tooLarge(maxBodyBytes));
    const message = readMessage(body.text);
    if (message.kind === 'invalid') {
      return sendJson(res, errorText(message.idText, message.fault), { status: 400 });
    }
    if (message.kind !== 'request') return void res.writeHead(202).end();
    const version = checkVersion(req, message);
    return version ? refuse(res, version) : dispatch({ req, res, admitted, message });
  }

  async function dispatch(exchange: McpExchange): Promise<void> {
    const { method } = exchange.message;
    const startedAt = performance.now();
    const errorType = await handlerOf(method)(exchange);
    const durationMs = performance.now() - startedAt;
    telemetry.emit({
      type: 'server-operation',
      method,
      durationMs,
      ...(errorType !== undefined && { errorType }),
    });
    const caller = exchange.admitted.identified.caller.id;
    telemetry.log.debug({ method, errorType, durationMs, caller }, 'served');
  }
}

const SMALL_BODY = 65_536;

/** What was not read must not be taken for the next request on this connection: small bodies are read away, large ones end it. */
function refuseUnread(req: IncomingMessage, res: ServerResponse, refusal: Refusal): void {
  const declared = Number(req.headers['content-length'] ?? (req.headers['transfer-encoding'] ? Infinity : 0));
  if (req.complete || declared <= SMALL_BODY) {
    req.resume();
    refuse(res, refusal);
  } else {
    refuse(res, { ...refusal, headers: { ...refusal.headers, connection: 'close' } });
  }
}

function tooLarge(maxBodyBytes: number): Refusal {
  return { status: 413, code: INVALID_REQUEST, message: `The body is larger than ${maxBodyBytes} bytes` };
}

function checkHeaders(req: IncomingMessage): Refusal | undefined {
  const { accept, 'content-type': contentType } = req.headers;
  if (contentType !== undefined && !/^application\/json\b/i.test(contentType)) {
    return { status: 415, message: 'Unsupported media type: send Content-Type: application/json' };
  }
  if (accept !== undefined && !/application\/json|text\/event-stream|application\/\*|\*\/\*/i.test(accept)) {
    return {
      status: 406,
      message: 'Not acceptable: the Accept header must allow application/json and text/event-stream',
    };
  }
  return undefined;
}

/** The version header of later requests; `initialize` negotiates in its body. */
function checkVersion(req: IncomingMessage, message: McpRequest): Refusal | undefined {
  const version = req.headers['mcp-protocol-version'];
  if (message.method === 'initialize' || version === undefined || LEGACY_VERSIONS.includes(String(version)))
    return undefined;
  const supported = LEGACY_VERSIONS.join(', ');
  return {
    status: 400,
    message: `Bad Request: Unsupported protocol version (supported versions: ${supported})`,
  };
}
