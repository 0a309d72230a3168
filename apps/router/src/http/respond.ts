import { errorText, type MessageFault } from '@switchyard/wire';

import type { Fields, Reply } from './reply.ts';

/** A refusal before MCP proper: an HTTP status and a JSON-RPC error whose text says what to do. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  /** JSON-RPC code; the transport's own refusals have -32000, as the SDK's servers do. */
  readonly code?: number;
  readonly headers?: Fields;
}

const TRANSPORT_ERROR = -32_000;

export function refuse(res: Reply, { status, message, code, headers }: Refusal): void {
  sendJson(res, errorText('null', { code: code ?? TRANSPORT_ERROR, message }), {
    status,
    ...(headers && { headers }),
  });
}

/** A JSON-RPC error as the answer to a request. */
export function sendError(res: Reply, idText: string, fault: MessageFault): void {
  sendJson(res, errorText(idText, fault));
}

const JSON_FIELDS: Fields = { 'content-type': 'application/json' };
const PACKED_FIELDS: Fields = { ...JSON_FIELDS, 'content-encoding': 'gzip', vary: 'accept-encoding' };

export function sendJson(
  res: Reply,
  body: string,
  { status = 200, headers }: { status?: number; headers?: Fields } = {},
): void {
  res.send(status, [Buffer.from(body)], headers ? { ...JSON_FIELDS, ...headers } : JSON_FIELDS);
}

/** Several pieces as one body; the ready bytes of a large answer are never copied. Returns whether the pieces are free again. */
export function sendPieces(res: Reply, pieces: readonly Buffer[], status = 200): boolean {
  return res.send(status, pieces, JSON_FIELDS);
}

/** A body that is gzip. */
export function sendPacked(res: Reply, pieces: readonly Buffer[]): void {
  res.send(200, pieces, PACKED_FIELDS);
}

/** A notification or an answer was taken; there is nothing to say. */
export function sendAccepted(res: Reply): void {
  res.send(202, [], {});
}
