/** The head of an HTTP response, as far as an exchange needs it. */
export interface ResponseHead {
  readonly status: number;
  readonly contentType: string | undefined;
  /** Bytes of the body where the head says so. */
  readonly length: number | undefined;
  readonly retryAfter: string | undefined;
  readonly sessionId: string | undefined;
  /** Seconds for which the server keeps an idle connection, when it says so. */
  readonly keepAliveSeconds: number | undefined;
}

/** How the body of a response is delimited. */
export interface Framing {
  readonly kind: 'length' | 'chunked' | 'until-close';
  readonly length: number;
  /** Whether the connection may carry another request afterwards. */
  readonly keepAlive: boolean;
}

const STATUS = /^HTTP\/1\.[01] \d{3}(?: |\r|$)/;
const MINOR_AT = 'HTTP/1.'.length;
const STATUS_AT = 'HTTP/1.1 '.length;

/** The fields that are read, and where their values go. */
const READ: readonly (readonly [name: string, key: keyof Fields])[] = [
  ['content-type', 'contentType'],
  ['content-length', 'length'],
  ['transfer-encoding', 'coding'],
  ['connection', 'connection'],
  ['keep-alive', 'keepAlive'],
  ['retry-after', 'retryAfter'],
  ['mcp-session-id', 'sessionId'],
];

/** The same by the length of the name: most fields of a head are told by that alone to be none of these. */
const BY_LENGTH: readonly (typeof READ)[] = Array.from({ length: 18 }, (_, length) =>
  READ.filter(([name]) => name.length === length),
);

interface Fields {
  contentType: string | undefined;
  length: string | undefined;
  coding: string | undefined;
  connection: string | undefined;
  keepAlive: string | undefined;
  retryAfter: string | undefined;
  sessionId: string | undefined;
}

/** Nothing was read yet. Each has the same shape, which is what makes the others cheap. */
const NONE: Fields = {
  contentType: undefined,
  length: undefined,
  coding: undefined,
  connection: undefined,
  keepAlive: undefined,
  retryAfter: undefined,
  sessionId: undefined,
};

/**
 * Reads a head without its empty line. Throws Error when it is none of HTTP/1.x, and where the end of the body would be
 * a guess: that is how responses get mixed up.
 */
export function readHead(text: string): { readonly head: ResponseHead; readonly framing: Framing } {
  if (!STATUS.test(text)) throw new Error('not an HTTP/1.1 response');
  const status = Number(text.slice(STATUS_AT, STATUS_AT + 3));
  const fields = readFields(text);
  const seconds = fields.keepAlive === undefined ? undefined : /timeout=(\d+)/i.exec(fields.keepAlive)?.[1];
  const framing = framingOf(fields, status, text[MINOR_AT] === '1');
  const head = {
    status,
    contentType: fields.contentType,
    length: framing.kind === 'length' ? framing.length : undefined,
    retryAfter: fields.retryAfter,
    sessionId: fields.sessionId,
    keepAliveSeconds: seconds === undefined ? undefined : Number(seconds),
  };
  return { head, framing };
}

/** One walk over the lines, for it is done for every answer. The first of a name counts. */
function readFields(text: string): Fields {
  const fields = { ...NONE };
  let colon = 0;
  for (let start = lineAfter(text, 0); start < text.length;) {
    // Each colon is searched once: a head of lines without any stays linear.
    if (colon < start) colon = (text.indexOf(':', start) + 1 || text.length + 1) - 1;
    const next = lineAfter(text, start);
    const key = keyOf(text, start, colon);
    if (key !== undefined) {
      if (key === 'length' && fields.length !== undefined) throw new Error('two content lengths');
      fields[key] ??= text.slice(colon + 1, next).trim();
    }
    start = next;
  }
  return fields;
}

function keyOf(text: string, start: number, colon: number): keyof Fields | undefined {
  const candidates = BY_LENGTH[colon - start];
  if (candidates === undefined || candidates.length === 0) return undefined;
  const name = text.slice(start, colon).toLowerCase();
  for (const [known, key] of candidates) if (known === name) return key;
  return undefined;
}

function lineAfter(text: string, from: number): number {
  const end = text.indexOf('\r\n', from);
  return end === -1 ? text.length : end + 2;
}

function framingOf({ coding, connection, length }: Fields, status: number, isOne: boolean): Framing {
  const keepAlive =
    isOne && (connection === undefined || connection === 'keep-alive' || !/close/i.test(connection));
  if (status === 204 || status === 304) return { kind: 'length', length: 0, keepAlive };
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked') throw new Error('an unknown transfer coding');
    return { kind: 'chunked', length: 0, keepAlive };
  }
  if (length === undefined) return { kind: 'until-close', length: 0, keepAlive: false };
  if (!/^\d{1,15}$/.test(length)) throw new Error('an unclear content length');
  return { kind: 'length', length: Number(length), keepAlive };
}
