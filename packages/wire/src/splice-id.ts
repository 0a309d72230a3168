/**
 * Every request to a site carries an id of ours: many clients share one upstream session, and their
 * ids collide. The answer gets the client's id back by exchanging those bytes alone; its result is
 * never parsed (I7).
 */
export interface IdSource {
  /** The next id, as the JSON text of a string. */
  next(): string;
}

/**
 * `nonce` makes the ids unguessable: only a server that repeats what it was asked can write one into a result. The first
 * letter is one that texts rarely have: what looks for an id in megabytes looks for that.
 */
export function createIdSource(nonce: string): IdSource {
  let count = 0;
  return {
    next() {
      count += 1;
      return `"^sy-${count.toString(36)}-${nonce}"`;
    },
  };
}

/** The answer's bytes around its id; undefined when the body does not carry this id as a member of its own. */
export function splitAtId(
  body: Buffer,
  idText: string,
  at: number = placeOfId(body, idText),
): { before: Buffer; after: Buffer } | undefined {
  if (at === -1) return undefined;
  return { before: body.subarray(0, at), after: body.subarray(at + idText.length) };
}

const FIRST = '{"jsonrpc":"2.0","id":';
const LAST = ',"jsonrpc":"2.0","id":';

/** Where a body has this id as a member of its own, in bytes; -1: nowhere. `idText` is ASCII. */
export function placeOfId(body: Buffer, idText: string): number {
  const { length } = idText;
  // As nearly every server writes it; everything else is looked for.
  if (body.toString('latin1', 0, FIRST.length + length) === FIRST + idText) return FIRST.length;
  const last = body.length - length - 1;
  if (last >= LAST.length && body.toString('latin1', last - LAST.length) === `${LAST}${idText}}`) return last;
  return findId(body, Buffer.from(idText, 'latin1'));
}

const END = 512;
/** What can stand before and after the id so that it is certainly not one inside the result. */
const BEFORE_FIRST = /^\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*$/;
const AFTER_LAST = /^\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$/;

/** Servers write the id first or, like the SDK, last: both ends are looked at before megabytes are walked. */
function findId(body: Buffer, id: Buffer): number {
  const first = body.subarray(0, END).indexOf(id);
  if (first !== -1 && isFirstId(body.toString('latin1', 0, first))) return first;
  const tailStart = Math.max(0, body.length - END);
  const last = tailStart + body.subarray(tailStart).lastIndexOf(id);
  if (last >= tailStart && endsInId(body, last, id.length)) return last;
  return body.includes(id) ? walkToId(body, id) : -1;
}

/** Whether the id that follows this text is certainly the envelope's own. */
export function isFirstId(before: string): boolean {
  return BEFORE_FIRST.test(before);
}

/** Whether the id at this place is certainly the envelope's own, with nothing of the result behind it. */
export function endsInId(body: Buffer, at: number, length: number): boolean {
  return isUnderId(body, at) && AFTER_LAST.test(body.toString('latin1', at + length));
}

export const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const KEY = Buffer.from('"id"');

/** A server may repeat the id inside its result: only the member of the outermost object counts. */
function walkToId(body: Buffer, id: Buffer): number {
  let depth = 0;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === QUOTE) {
      const isId = depth === 1 && body.subarray(at, at + id.length).equals(id);
      if (isId && isUnderId(body, at)) return at;
      at = stringEnd(body, at);
    } else if (byte === 0x7b || byte === 0x5b) depth += 1;
    else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return -1;
}

export function isUnderId(body: Buffer, at: number): boolean {
  const colon = skipSpaceBack(body, at - 1);
  if (body[colon] !== COLON) return false;
  const keyEnd = skipSpaceBack(body, colon - 1) + 1;
  const keyStart = keyEnd - KEY.length;
  return keyStart > 0 && body.subarray(keyStart, keyEnd).equals(KEY) && body[keyStart - 1] !== BACKSLASH;
}

function skipSpaceBack(body: Buffer, from: number): number {
  let at = from;
  while (at > 0 && (body[at] ?? 0) <= 0x20) at -= 1;
  return at;
}

/** The place of the quote that ends the string which begins at `start`. */
export function stringEnd(body: Buffer, start: number): number {
  for (let quote = body.indexOf(QUOTE, start + 1); quote !== -1; quote = body.indexOf(QUOTE, quote + 1)) {
    let at = quote - 1;
    while (body[at] === BACKSLASH) at -= 1;
    if ((quote - at) % 2 === 1) return quote;
  }
  return body.length;
}
