import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Telemetry } from '@switchyard/telemetry';
import { INTERNAL_ERROR, INVALID_REQUEST, readMessage } from '@switchyard/wire';

import type { HttpRequest } from './http-request.ts';
import type { ServePost } from './lane/lane-connection.ts';
import type { Admitted, Gate, Passed } from './mcp-gate.ts';
import type { McpMessages } from './mcp-messages.ts';
import { readBody } from './read-body.ts';
import { createNodeReply, type Reply } from './reply.ts';
import { refuse, type Refusal } from './respond.ts';

/** Serves HTTP requests on MCP paths, whichever way they come. */
export interface McpEndpoint {
  /** A request of node's server. Never rejects. */
  serve(req: IncomingMessage, res: ServerResponse): Promise<void>;
  /** A POST of the lane. */
  readonly post: ServePost;
}

export function createMcpEndpoint({
  gate,
  messages,
  telemetry,
}: {
  readonly gate: Gate;
  readonly messages: McpMessages;
  readonly telemetry: Telemetry;
}): McpEndpoint {
  function fail(res: Reply, error: unknown): void {
    telemetry.log.error({ error }, 'request failed');
    if (res.isStarted) res.cut();
    else refuse(res, { status: 500, code: INTERNAL_ERROR, message: 'Internal error' });
  }

  async function receive(req: IncomingMessage, res: Reply, admitted: Admitted): Promise<void> {
    const unreadable = checkHeaders(req);
    if (unreadable) return refuseUnread(req, res, unreadable);
    const { maxBodyBytes } = admitted.runtime.config.limits;
    const body = await readBody(req, maxBodyBytes);
    if (body.kind === 'gone') return res.cut();
    if (body.kind === 'too-large') return refuseUnread(req, res, tooLarge(maxBodyBytes));
    return messages.receive({ req, res, admitted }, readMessage(body.text));
  }

  /** Without a promise where nothing is waited for: every call comes this way. */
  function take({ req, res, body }: Post, passed: Passed): Promise<void> | void {
    if ('goodbye' in passed) return;
    if ('status' in passed) return refuse(res, passed);
    const { maxBodyBytes } = passed.runtime.config.limits;
    const isTooLarge = Number(req.headers['content-length']) > maxBodyBytes;
    const refusal = checkHeaders(req) ?? (isTooLarge ? tooLarge(maxBodyBytes) : undefined);
    if (refusal) return refuse(res, refusal);
    return messages.receive({ req, res, admitted: passed }, readMessage(body));
  }

  return {
    async serve(req, response) {
      const res = createNodeReply(response);
      try {
        const passed = gate(req);
        const admitted = passed instanceof Promise ? await passed : passed;
        if ('goodbye' in admitted) res.send(200, [], {});
        else if ('status' in admitted) refuseUnread(req, res, admitted);
        else if (req.method === 'GET') messages.openStream({ req, res, admitted });
        else await receive(req, res, admitted);
      } catch (error) {
        fail(res, error);
      }
    },
    post(req, res, body) {
      const sent = { req, res, body };
      try {
        const passed = gate(req);
        const taken =
          passed instanceof Promise ? passed.then((settled) => take(sent, settled)) : take(sent, passed);
        if (taken) taken.catch((error: unknown) => fail(res, error));
      } catch (error) {
        fail(res, error);
      }
    },
  };
}

interface Post {
  readonly req: HttpRequest;
  readonly res: Reply;
  readonly body: string;
}

const SMALL_BODY = 65_536;

/** What was not read must not be taken for the next request on this connection: small bodies are read away, large ones end it. */
function refuseUnread(req: IncomingMessage, res: Reply, refusal: Refusal): void {
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

function checkHeaders({ headers }: HttpRequest): Refusal | undefined {
  const { accept, 'content-type': contentType } = headers;
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
