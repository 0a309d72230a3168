// The JSON-RPC envelope of a POST body.
import { httpErrorReply, type HttpReply, RPC_CODES } from './http-reply.ts';
import { isObject, type JsonObject } from './json-value.ts';

/** A request (with an id), a notification, or a response (without a method). */
export interface RpcMessage {
  readonly id: unknown;
  readonly hasId: boolean;
  /** Empty for a response. */
  readonly method: string;
  readonly params: unknown;
}

/** The message of a body, or the answer that refuses it. */
export type ParsedMessage =
  | { readonly ok: true; readonly message: RpcMessage }
  | { readonly ok: false; readonly reply: HttpReply };

/** Parses a body; batches are refused. */
export function parseMessage(body: string): ParsedMessage {
  const value = parseJson(body);
  if (value === undefined) return refuse(RPC_CODES.parse, 'Parse error');
  if (!isObject(value) || value['jsonrpc'] !== '2.0')
    return refuse(RPC_CODES.invalidRequest, 'Invalid Request');
  const { id, method, params } = value;
  const isResponse = method === undefined && ('result' in value || 'error' in value);
  if (!isResponse && typeof method !== 'string') return refuse(RPC_CODES.invalidRequest, 'Invalid Request');
  if (params !== undefined && !isObject(params)) return refuse(RPC_CODES.invalidRequest, 'Invalid Request');
  const hasId = !isResponse && id !== undefined;
  return { ok: true, message: { id, hasId, params, method: typeof method === 'string' ? method : '' } };
}

/** The JSON value of a text; undefined when it is none. */
export function parseJson(
  text: string,
): JsonObject | readonly unknown[] | string | number | boolean | null | undefined {
  try {
    return JSON.parse(text) as JsonObject; // narrowed by every caller before use
  } catch {
    return undefined;
  }
}

function refuse(code: number, message: string): ParsedMessage {
  return { ok: false, reply: httpErrorReply(400, { code, message }) };
}
