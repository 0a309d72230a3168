import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Telemetry } from '@switchyard/telemetry';
import { INTERNAL_ERROR, INVALID_REQUEST, readMessage } from '@switchyard/wire';

import type { Admitted, Gate } from './mcp-gate.ts';
import type { McpMessages } from './mcp-messages.ts';
import { readBody } from './read-body.ts';
import { refuse, type Refusal } from './respond.ts';

/** Serves one HTTP request on an MCP path. Never rejects. */
export type McpEndpoint = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

export function createMcpEndpoint({
  gate,
  messages,
  telemetry,
}: {
  readonly gate: Gate;
  readonly messages: McpMessages;
  readonly telemetry: Telemetry;
}): McpEndpoint {
  return async function mcpEndpoint(req, res) {
    try {
      const passed = gate(req);
      const admitted = passed instanceof Promise ? await passed : passed;
      if ('goodbye' in admitted) res.writeHead(200, { 'content-length': 0 }).end();
      else if ('status' in admitted) refuseUnread(req, res, admitted);
      else if (req.method === 'GET') messages.openStream({ req, res, admitted });
      else await receive(req, res, admitted);
    } catch (error) {
      telemetry.log.error({ error }, 'request failed');
      if (res.headersSent) res.destroy();
      else refuse(res, { status: 500, code: INTERNAL_ERROR, message: 'Internal error' });
    }
  };

  async function receive(req: IncomingMessage, res: ServerResponse, admitted: Admitted): Promise<void> {
    const unreadable = checkHeaders(req);
    if (unreadable) return refuseUnread(req, res, unreadable);
    const { maxBodyBytes } = admitted.runtime.config.limits;
    const body = await readBody(req, maxBodyBytes);
    if (body.kind === 'gone') return void res.destroy();
    if (body.kind === 'too-large') return refuseUnread(req, res, tooLarge(maxBodyBytes));
    return messages.receive({ req, res, admitted }, readMessage(body.text));
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
