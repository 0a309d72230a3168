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
  let at = skipSpace(text, start);
  if (text.charCodeAt(at) !== OPEN_BRACE) return undefined;
  const found: Member[] = [];
  at = skipSpace(text, at + 1);
  while (at < text.length && text.charCodeAt(at) !== CLOSE_BRACE) {
    const keyEnd = skipString(text, at);
    const key = unquote(text.slice(at, keyEnd));
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const valueEnd = skipValue(text, valueStart);
    found.push({ key, from: at, start: valueStart, end: valueEnd });
    at = nextElement(text, valueEnd);
  }
  return found;
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

function unquote(quoted: string): string {
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
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

function skipString(text: string, start: number): number {
  let at = start + 1;
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
