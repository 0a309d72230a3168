/**
 * Finds where the values of a JSON text begin and end, so that one of them can be exchanged while
 * every other byte stays: JSON.parse and JSON.stringify would damage integers above 2^53, `1.0`,
 * duplicate keys and escapes (I7). The text must already be known to be valid JSON.
 */
export interface Member {
  /** The key, unescaped. */
  readonly key: string;
  /** Where the member begins: the offset of its key's text. */
  readonly from: number;
  /** Offsets of the value's text. */
  readonly start: number;
  readonly end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** The members of the object at `start`, in order, duplicates included; undefined when there is no object. */
export function members(text: string, start = 0): Member[] | undefined {
  const at = skipSpace(text, start);
  if (text.charCodeAt(at) !== OPEN_BRACE) return undefined;
  const found: Member[] = [];
  walkObject(text, at, { path: [], found: [found], bases: [0] });
  return found;
}

/**
 * The members of a text's object and of the objects that follow each other inside it under the keys of `path`, found in one
 * walk: `[own, those of the first key, ...]`, as far as there are objects. Offsets are counted from the text of their own object,
 * so that they hold for `textOf` of it. Of a key twice, the last one counts.
 */
export function membersAlong(text: string, path: readonly string[]): Member[][] {
  const at = skipSpace(text, 0);
  if (text.charCodeAt(at) !== OPEN_BRACE) return [];
  const found: Member[][] = [[]];
  walkObject(text, at, { path, found, bases: [0] });
  return found;
}

/** What a walk collects: members by level, with the offset that those of each level are counted from. */
interface Walk {
  readonly path: readonly string[];
  readonly found: Member[][];
  readonly bases: number[];
}

/** Walks the object that begins at `start` for the deepest level that is collected; returns where it ends. */
function walkObject(text: string, start: number, walk: Walk): number {
  const level = walk.found.length - 1;
  const own = walk.found[level] ?? [];
  const base = walk.bases[level] ?? 0;
  const next = walk.path[level];
  let at = skipSpace(text, start + 1);
  while (at < text.length && text.charCodeAt(at) !== CLOSE_BRACE) {
    const keyEnd = skipString(text, at);
    const key = unquoted(text, at, keyEnd);
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const valueEnd = key === next ? walkInto(text, valueStart, { walk, level }) : skipValue(text, valueStart);
    own.push({ key, from: at - base, start: valueStart - base, end: valueEnd - base });
    at = nextElement(text, valueEnd);
  }
  return at + 1;
}

function walkInto(
  text: string,
  start: number,
  { walk, level }: { readonly walk: Walk; readonly level: number },
): number {
  // What was found under the same key before does not count.
  walk.found.length = level + 1;
  if (text.charCodeAt(start) !== OPEN_BRACE) return skipValue(text, start);
  walk.found.push([]);
  walk.bases[level + 1] = start;
  return walkObject(text, start, walk);
}

/** The texts of an array's elements; undefined when there is no array at `start`. */
export function elements(text: string, start = 0): string[] | undefined {
  let at = skipSpace(text, start);
  if (text.charCodeAt(at) !== OPEN_BRACKET) return undefined;
  const found: string[] = [];
  at = skipSpace(text, at + 1);
  while (at < text.length && text.charCodeAt(at) !== CLOSE_BRACKET) {
    const end = skipValue(text, at);
    found.push(text.slice(at, end));
    at = nextElement(text, end);
  }
  return found;
}

function unquoted(text: string, start: number, end: number): string {
  const inside = text.slice(start + 1, end - 1);
  return inside.includes('\\') ? (JSON.parse(text.slice(start, end)) as string) : inside;
}

function nextElement(text: string, valueEnd: number): number {
  const at = skipSpace(text, valueEnd);
  return text.charCodeAt(at) === COMMA ? skipSpace(text, at + 1) : at;
}

/** The text of a member's value; the last one wins, as in JSON.parse. */
export function memberText(text: string, key: string): string | undefined {
  return textOf(text, members(text) ?? [], key);
}

/** The same among members that were found before. */
export function textOf(text: string, scanned: readonly Member[], key: string): string | undefined {
  for (let at = scanned.length - 1; at >= 0; at -= 1) {
    const member = scanned[at];
    if (member?.key === key) return text.slice(member.start, member.end);
  }
  return undefined;
}

function skipValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return skipString(text, start);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipContainer(text, start);
  return skipScalar(text, start);
}

function skipContainer(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = skipString(text, at);
      continue;
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
    at += 1;
    if (depth === 0) return at;
  }
  return at;
}

/** Up to here a string is walked: most are short, and a search costs more. */
const NEAR = 24;

function skipString(text: string, start: number): number {
  let at = start + 1;
  const near = Math.min(text.length, at + NEAR);
  for (; at < near; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) break;
  }
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return text.length;
    if (!isEscaped(text, quote)) return quote + 1;
    at = quote + 1;
  }
}

/** An odd number of backslashes before the quote. The opening quote stops the walk, so it never goes further than the string. */
function isEscaped(text: string, quote: number): boolean {
  let at = quote - 1;
  while (text.charCodeAt(at) === BACKSLASH) at -= 1;
  return (quote - 1 - at) % 2 === 1;
}

function skipScalar(text: string, start: number): number {
  let at = start;
  while (at < text.length && !isDelimiter(text.charCodeAt(at))) at += 1;
  return at;
}

function isDelimiter(code: number): boolean {
  return code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET || code <= 0x20;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at += 1;
  return at;
}
