// A site of the stateless era alone, and one of both eras, for the tests of the eras.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { onTestFinished } from 'vitest';

/** A request as it came, with its exact text. */
export interface ModernRequest {
  readonly httpMethod: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly method: string | undefined;
  readonly id: unknown;
  readonly params: Readonly<Record<string, unknown>>;
  readonly meta: Readonly<Record<string, unknown>>;
}

export interface ModernSite {
  readonly endpoint: string;
  readonly requests: ModernRequest[];
  /** The requests of one method. */
  asked(method: string): ModernRequest[];
}

type Answer = (request: ModernRequest, response: ServerResponse) => void;

const DISCOVERED = {
  resultType: 'complete',
  supportedVersions: ['2026-07-28'],
  capabilities: { tools: {}, prompts: {} },
  ttlMs: 1_000,
  cacheScope: 'private',
};

/** Discovers and calls; what the session era has is refused as unknown. A test can answer some methods itself. */
export async function startModernSite(
  answers: Readonly<Record<string, Answer>> = {},
  unknown: Answer = refuseUnknown,
): Promise<ModernSite> {
  const requests: ModernRequest[] = [];
  const server = createServer((incoming, response) => {
    let text = '';
    incoming.on('data', (chunk: Buffer) => void (text += chunk.toString()));
    incoming.on('end', () => {
      const request = read(incoming.method ?? '', incoming.headers, text);
      requests.push(request);
      const answer = { ...DEFAULT_ANSWERS, ...answers }[request.method ?? ''] ?? unknown;
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}/mcp`,
    requests,
    asked: (method) => requests.filter((request) => request.method === method),
  };
}

function read(httpMethod: string, headers: IncomingHttpHeaders, text: string): ModernRequest {
  const message = (text === '' ? {} : JSON.parse(text)) as {
    id?: unknown;
    method?: string;
    params?: Record<string, unknown>;
  };
  const { id, method, params = {} } = message;
  const meta = (params['_meta'] ?? {}) as Record<string, unknown>;
  return { httpMethod, headers, text, method, id, params, meta };
}

const DEFAULT_ANSWERS: Readonly<Record<string, Answer>> = {
  'server/discover': (request, response) => sendResult(request, response, DISCOVERED),
  'tools/list': (request, response) =>
    sendResult(request, response, { resultType: 'complete', tools: [{ name: 'a', inputSchema: {} }] }),
  'tools/call': (request, response) =>
    sendResult(request, response, { resultType: 'complete', content: [{ type: 'text', text: 'modern' }] }),
};

function sendResult({ id }: ModernRequest, response: ServerResponse, result: unknown): void {
  send(response, 200, { jsonrpc: '2.0', id, result });
}

export function sendError(
  { id }: ModernRequest,
  response: ServerResponse,
  { status, ...error }: { status: number; code: number; message: string; data?: unknown },
): void {
  send(response, status, { jsonrpc: '2.0', id, error });
}

export function send(response: ServerResponse, status: number, value: unknown): void {
  const body = typeof value === 'string' ? value : JSON.stringify(value);
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}

/** As the specification says it, with the status too. */
export function refuseUnknown(request: ModernRequest, response: ServerResponse): void {
  sendError(request, response, {
    status: 404,
    code: -32_601,
    message: `Method not found: ${request.method ?? ''}`,
  });
}

/** Serves the session era besides, with one session for all. */
export const LEGACY_ANSWERS: Readonly<Record<string, Answer>> = {
  initialize({ id }, response) {
    const result = {
      protocolVersion: '2025-11-25',
      capabilities: { tools: {} },
      serverInfo: { name: 'both', version: '1' },
    };
    response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 's-1' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  },
  'notifications/initialized': (_, response) => void response.writeHead(202).end(),
};

/** Answers calls with the text `legacy` in a session, else `modern`. */
export const callInEither: Answer = (request, response) => {
  const text = request.headers['mcp-session-id'] === undefined ? 'modern' : 'legacy';
  sendResult(request, response, { content: [{ type: 'text', text }] });
};
