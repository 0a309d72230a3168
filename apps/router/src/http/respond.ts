import type { ServerResponse } from 'node:http';

import { errorText, type MessageFault } from '@switchyard/wire';

/** A refusal before MCP proper: an HTTP status and a JSON-RPC error whose text says what to do. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  /** JSON-RPC code; the transport's own refusals have -32000, as the SDK's servers do. */
  readonly code?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const TRANSPORT_ERROR = -32_000;

export function refuse(res: ServerResponse, { status, message, code, headers }: Refusal): void {
  sendJson(res, errorText('null', { code: code ?? TRANSPORT_ERROR, message }), {
    status,
    ...(headers && { headers }),
  });
}

/** A JSON-RPC error as the answer to a request. */
export function sendError(res: ServerResponse, idText: string, fault: MessageFault): void {
  sendJson(res, errorText(idText, fault));
}

export function sendJson(
  res: ServerResponse,
  body: string | Buffer,
  { status = 200, headers = {} }: { status?: number; headers?: Readonly<Record<string, string>> } = {},
): void {
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  res.end(body);
}

/** Up to here copying the pieces together is cheaper than writing them one by one. */
const SMALL = 65_536;

/** Several pieces as one body; the ready bytes of a large answer are never copied. */
export function sendPieces(res: ServerResponse, pieces: readonly Buffer[], status = 200): void {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': length });
  if (length <= SMALL) return void res.end(Buffer.concat(pieces, length));
  res.cork();
  for (const piece of pieces) res.write(piece);
  res.end();
  res.uncork();
}
