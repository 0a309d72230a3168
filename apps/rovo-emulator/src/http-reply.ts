// Answers as status, headers and bytes, and how they are written.
import type { ServerResponse } from 'node:http';

import type { EmulatorSettings } from './emulator-options.ts';

/** One HTTP answer. */
export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** JSON-RPC and MCP error codes in use. */
export const RPC_CODES = {
  parse: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  server: -32_000,
  sessionNotFound: -32_001,
} as const;

const JSON_HEADERS = { 'content-type': 'application/json' } as const;
const SSE_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
} as const;

/** A result in the framing of the settings; the result's bytes are not touched. */
export function resultReply(
  id: unknown,
  result: string | Buffer,
  settings: Readonly<EmulatorSettings>,
): HttpReply {
  const idText = JSON.stringify(id);
  const [before, after] = settings.idLast
    ? ['{"result":', `,"jsonrpc":"2.0","id":${idText}}`]
    : [`{"jsonrpc":"2.0","id":${idText},"result":`, '}'];
  if (settings.framing === 'sse') return eventReply(`${before}${result.toString()}${after}`);
  if (typeof result === 'string')
    return { status: 200, headers: JSON_HEADERS, body: before + result + after };
  return {
    status: 200,
    headers: JSON_HEADERS,
    body: Buffer.concat([Buffer.from(before), result, Buffer.from(after)]),
  };
}

/** A JSON-RPC error in the framing of the settings, at HTTP 200. */
export function rpcErrorReply(
  id: unknown,
  error: { readonly code: number; readonly message: string },
  settings: Readonly<EmulatorSettings>,
): HttpReply {
  const text = JSON.stringify({ jsonrpc: '2.0', id, error });
  return settings.framing === 'sse' ? eventReply(text) : { status: 200, headers: JSON_HEADERS, body: text };
}

/** An HTTP error with a JSON-RPC error as its body. */
export function httpErrorReply(
  status: number,
  error: { readonly code: number; readonly message: string },
  headers: Readonly<Record<string, string>> = {},
): HttpReply {
  const body = JSON.stringify({ jsonrpc: '2.0', error, id: null });
  return { status, headers: { ...JSON_HEADERS, ...headers }, body };
}

/** A plain JSON answer. */
export function jsonReply(status: number, value: unknown): HttpReply {
  return { status, headers: JSON_HEADERS, body: JSON.stringify(value) };
}

/** One message as a server-sent event; line breaks inside it need a `data:` line each. */
export function eventText(message: string): string {
  return `event: message\ndata: ${message.replaceAll(/\r?\n/g, '\ndata: ')}\n\n`;
}

/** Sends a reply whole. */
export function sendReply(response: ServerResponse, { status, headers = {}, body = '' }: HttpReply): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** Sends the first half of a reply and ends the connection. */
export function sendHalf(response: ServerResponse, { status, headers = {}, body = '' }: HttpReply): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, 'content-length': Math.max(bytes.length, 1) });
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
}

function eventReply(message: string): HttpReply {
  return { status: 200, headers: SSE_HEADERS, body: eventText(message) };
}
