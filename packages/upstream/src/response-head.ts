/** The head of an HTTP response, as far as an exchange needs it. */
export interface ResponseHead {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly retryAfter: string | undefined;
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

/** Reads a head without its empty line. Throws Error when it is none of HTTP/1.x. */
export function parseHead(text: string): ResponseHead {
  const status = /^HTTP\/1\.[01] (\d{3})(?: |\r|$)/.exec(text)?.[1];
  if (status === undefined) throw new Error('not an HTTP/1.1 response');
  const keepAlive = header(text, KEEP_ALIVE);
  const seconds = keepAlive === undefined ? undefined : /timeout=(\d+)/i.exec(keepAlive)?.[1];
  return {
    status: Number(status),
    contentType: header(text, CONTENT_TYPE),
    retryAfter: header(text, RETRY_AFTER),
    keepAliveSeconds: seconds === undefined ? undefined : Number(seconds),
  };
}

const CONTENT_TYPE = /\r\ncontent-type:[ \t]*([^\r]*)/i;
const RETRY_AFTER = /\r\nretry-after:[ \t]*([^\r]*)/i;
const KEEP_ALIVE = /\r\nkeep-alive:[ \t]*([^\r]*)/i;
const CONNECTION = /\r\nconnection:[ \t]*([^\r]*)/i;
const LENGTH = /\r\ncontent-length:[ \t]*([^\r]*)/gi;
const CODING = /\r\ntransfer-encoding:[ \t]*([^\r]*)/i;

function header(text: string, pattern: RegExp): string | undefined {
  return pattern.exec(text)?.[1]?.trimEnd();
}

/** Throws Error where the end of the body would be a guess: that is how responses get mixed up. */
export function framingOf(text: string, status: number): Framing {
  const keepAlive = text.startsWith('HTTP/1.1') && !/close/i.test(header(text, CONNECTION) ?? '');
  if (status === 204 || status === 304) return { kind: 'length', length: 0, keepAlive };
  const coding = header(text, CODING);
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked') throw new Error('an unknown transfer coding');
    return { kind: 'chunked', length: 0, keepAlive };
  }
  const lengths = [...text.matchAll(LENGTH)].map(([, value]) => value?.trimEnd() ?? '');
  if (lengths.length === 0) return { kind: 'until-close', length: 0, keepAlive: false };
  if (lengths.length > 1 || !/^\d{1,15}$/.test(lengths[0] ?? ''))
    throw new Error('an unclear content length');
  return { kind: 'length', length: Number(lengths[0]), keepAlive };
}
