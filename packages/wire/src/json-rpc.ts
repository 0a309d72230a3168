import { duplicateIn, type Member, membersAlong, textOf } from '@switchyard/json-text';

/** A client's message, read once: parsed for the rules, as text for the wire. */
export type Incoming =
  | {
      readonly kind: 'request';
      /** The id's own JSON text: it goes back as it came. */
      readonly idText: string;
      readonly method: string;
      readonly params: Readonly<Record<string, unknown>>;
      readonly paramsText: string;
      /** Where the members of `paramsText` stand: found once, used by everything that edits it. */
      readonly paramsMembers: readonly Member[];
      /** The same of `arguments` in `params`; undefined when that is no object. */
      readonly argumentsMembers: readonly Member[] | undefined;
    }
  | {
      readonly kind: 'notification';
      readonly method: string;
      readonly paramsText: string;
    }
  | {
      /** The answer to a request that a site made through Switchyard. */
      readonly kind: 'response';
      readonly id: unknown;
      /** The whole message's text. */
      readonly text: string;
    }
  | { readonly kind: 'invalid'; readonly fault: MessageFault; readonly idText: string };

/** What can be wrong with a body: the code and sentence that the client gets, with HTTP 400. */
export interface MessageFault {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;

const MAX_DEPTH = 64;

/** Reads one body. Never throws; nothing is executed for an invalid one. */
export function readMessage(text: string): Incoming {
  if (isTooDeep(text))
    return invalid(INVALID_REQUEST, `Invalid Request: nested deeper than ${MAX_DEPTH} levels`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return invalid(PARSE_ERROR, 'Parse error: the body is not JSON');
  }
  if (Array.isArray(value)) {
    return invalid(
      INVALID_REQUEST,
      'Invalid Request: batches are not supported, send one message per request',
    );
  }
  return isRecord(value)
    ? readObject(value, text)
    : invalid(INVALID_REQUEST, 'Invalid Request: not an object');
}

const TO_ARGUMENTS = ['params', 'arguments'];

function readObject(value: Readonly<Record<string, unknown>>, text: string): Incoming {
  const [scanned = [], paramsMembers = [], argumentsMembers] = membersAlong(text, TO_ARGUMENTS);
  const idText = textOf(text, scanned, 'id');
  const paramsText = textOf(text, scanned, 'params') ?? '{}';
  // Two readers of a message with a key twice can disagree about what it says.
  const twice = duplicateIn(scanned) ?? duplicateIn(paramsMembers);
  const sentence = twice === undefined ? envelopeSentence(value) : `"${twice}" is given twice`;
  if (sentence !== undefined) {
    const fault = { code: INVALID_REQUEST, message: `Invalid Request: ${sentence}` };
    return { kind: 'invalid', fault, idText: isId(value['id']) ? (idText ?? 'null') : 'null' };
  }
  const method = value['method'];
  if (typeof method !== 'string') return { kind: 'response', id: value['id'], text };
  if (idText === undefined) return { kind: 'notification', method, paramsText };
  const params = isRecord(value['params']) ? value['params'] : {};
  return { kind: 'request', idText, method, params, paramsText, paramsMembers, argumentsMembers };
}

function envelopeSentence(value: Readonly<Record<string, unknown>>): string | undefined {
  if (value['jsonrpc'] !== '2.0') return '"jsonrpc" must be "2.0"';
  if (Object.hasOwn(value, 'id') && !isId(value['id'])) return '"id" must be a string or an integer';
  return value['method'] === undefined ? answerSentence(value) : requestSentence(value);
}

function requestSentence(value: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof value['method'] !== 'string') return '"method" must be a string';
  if (value['params'] !== undefined && !isRecord(value['params'])) return '"params" must be an object';
  return undefined;
}

function answerSentence(value: Readonly<Record<string, unknown>>): string | undefined {
  const answers = Object.hasOwn(value, 'result') || Object.hasOwn(value, 'error');
  return answers && Object.hasOwn(value, 'id') ? undefined : '"method" is missing';
}

function isId(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function invalid(code: number, message: string): Incoming {
  return { kind: 'invalid', fault: { code, message }, idText: 'null' };
}

/** Counts brackets outside strings, before anything recursive sees the text. Most texts have too few to be deep. */
function isTooDeep(text: string): boolean {
  return !(hasAtMost(text, '{', MAX_DEPTH / 2) && hasAtMost(text, '[', MAX_DEPTH / 2)) && isDeep(text);
}

function isDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return false;
}

function hasAtMost(text: string, character: string, most: number): boolean {
  let count = 0;
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) {
    count += 1;
    if (count > most) return false;
  }
  return true;
}

/** A result whose text is ready, under the id that the client gave. */
export function resultText(idText: string, result: string): string {
  return `{"jsonrpc":"2.0","id":${idText},"result":${result}}`;
}

export function errorText(idText: string, fault: MessageFault): string {
  return `{"jsonrpc":"2.0","id":${idText},"error":${JSON.stringify(fault)}}`;
}

export function requestText(idText: string, method: string, paramsText: string): string {
  return `{"jsonrpc":"2.0","id":${idText},"method":${JSON.stringify(method)},"params":${paramsText}}`;
}
