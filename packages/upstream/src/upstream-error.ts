/**
 * What can go wrong with a site, by what follows from it:
 * `unavailable` no or a 5xx answer · `timeout` no answer in time · `rate_limited` HTTP 429 ·
 * `unauthorized` HTTP 401 or 403 · `wrong_credential` the credential's kind has no tools (-32601 on
 * tools/list) · `session_lost` HTTP 404 · `circuit_open` not asked, it failed too often just now ·
 * `no_endpoint` HTTP 404 to `initialize`: the address is wrong · `garbled` an answer that is no MCP message · `cancelled` the caller gave up.
 */
export type UpstreamErrorCode =
  | 'unavailable'
  | 'timeout'
  | 'rate_limited'
  | 'unauthorized'
  | 'wrong_credential'
  | 'session_lost'
  | 'circuit_open'
  | 'no_endpoint'
  | 'garbled'
  | 'cancelled';

/** A request to a site that brought no answer. The message names the endpoint's host, never a credential. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError' as const;
  readonly code: UpstreamErrorCode;
  /** False only when the request certainly never reached a tool: then even a write may be sent again (I4). */
  readonly mayHaveExecuted: boolean;
  readonly retryAfterSeconds: number | undefined;
  /** A part of the answer is with its reader: it can be neither told as an error nor asked for again. */
  readonly brokenOff: boolean;

  constructor(
    code: UpstreamErrorCode,
    message: string,
    details: {
      mayHaveExecuted?: boolean;
      retryAfterSeconds?: number | undefined;
      brokenOff?: boolean;
      cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.mayHaveExecuted = details.mayHaveExecuted ?? true;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.brokenOff = details.brokenOff ?? false;
  }
}

/** Failures before a byte of the request was sent (undici's and Node's codes). */
const NOT_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

const TIMED_OUT: ReadonlySet<string> = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** Says what a thrown transport error means. */
export function fromTransport(error: unknown, host: string): UpstreamError {
  if (error instanceof UpstreamError) return error;
  const code = errorCode(error);
  if (TIMED_OUT.has(code))
    return new UpstreamError('timeout', `${host} did not answer in time`, { cause: error });
  const mayHaveExecuted = !NOT_SENT.has(code);
  const sentence = mayHaveExecuted ? `the connection to ${host} broke` : `${host} cannot be reached`;
  return new UpstreamError('unavailable', `${sentence} (${code})`, { cause: error, mayHaveExecuted });
}

function errorCode(error: unknown): string {
  if (error instanceof Error) {
    if ('code' in error && typeof error.code === 'string') return error.code;
    if (error.cause !== undefined) return errorCode(error.cause);
    return error.name;
  }
  return 'unknown';
}

/** Says what an HTTP status other than success means; undefined when the body decides. */
export function fromStatus(
  status: number,
  retryAfter: string | undefined,
  host: string,
): UpstreamError | undefined {
  const answered = `${host} answered HTTP ${status}`;
  if (status === 401 || status === 403)
    return new UpstreamError('unauthorized', answered, { mayHaveExecuted: false });
  if (status === 404) return new UpstreamError('session_lost', answered, { mayHaveExecuted: false });
  if (status === 429) {
    const retryAfterSeconds = parseRetryAfter(retryAfter);
    return new UpstreamError('rate_limited', answered, { mayHaveExecuted: false, retryAfterSeconds });
  }
  return status >= 500 ? new UpstreamError('unavailable', answered) : undefined;
}

/** Seconds or an HTTP date; undefined when it is neither. */
function parseRetryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1000));
}
