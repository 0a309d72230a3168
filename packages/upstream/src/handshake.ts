import { LATEST_PROTOCOL_VERSION, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/sdk/types.js';
import { type IdSource, requestText } from '@switchyard/wire';

import { type Deadline, startDeadline } from './deadline.ts';
import { exchange } from './http-exchange.ts';
import type { KeptSockets, PostRequest } from './kept-sockets.ts';
import { createHeaderLines } from './session-headers.ts';
import type { UpstreamTarget } from './target.ts';
import { fromStatus, fromTransport, UpstreamError } from './upstream-error.ts';

/** What both sides have agreed on. */
export interface Handshake {
  readonly sessionId: string | undefined;
  readonly protocolVersion: string;
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** Whether the site took our word as the protocol wants it, so that it can be asked for a stream. */
  readonly isAccepted: boolean;
}

export interface HandshakeOptions {
  readonly target: UpstreamTarget;
  readonly url: URL;
  readonly sockets: KeptSockets;
  readonly ids: IdSource;
  readonly clientInfo: { readonly name: string; readonly version: string };
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
}

/**
 * `initialize`, then `notifications/initialized`, one after the other: servers refuse requests that come before
 * they know that we are ready. Rejects with UpstreamError.
 */
export async function shakeHands(options: HandshakeOptions): Promise<Handshake> {
  const { url, timeoutMs } = options;
  const deadline = startDeadline(`${url.host} (initialize)`, timeoutMs);
  try {
    const { sessionId, ...agreed } = await initialize(options, deadline);
    const status = await confirm(options, { sessionId, ...agreed }, deadline);
    return { sessionId, ...agreed, isAccepted: status === 202 };
  } catch (error) {
    throw opening(error, url);
  } finally {
    deadline.clear();
  }
}

type Agreed = Omit<Handshake, 'isAccepted'>;

async function initialize(options: HandshakeOptions, deadline: Deadline): Promise<Agreed> {
  const { target, url, sockets, ids, clientInfo, maxAnswerBytes } = options;
  const idText = ids.next();
  const params = {
    protocolVersion: LATEST_PROTOCOL_VERSION,
    capabilities: target.capabilities ?? {},
    clientInfo,
  };
  const given: { sessionId?: string | undefined } = {};
  const { body } = await exchange(sockets, {
    session: { era: 'legacy', url },
    headers: createHeaderLines(target.credential, url.host, {})(),
    body: requestText(idText, 'initialize', JSON.stringify(params)),
    idText,
    deadline,
    maxBytes: maxAnswerBytes,
    onHead: (head) => void (given.sessionId = head.sessionId),
    onMessage: undefined,
    onFailure: () => {},
  });
  const { result } = JSON.parse(body.toString('utf8')) as { result?: unknown };
  const agreed = agreedIn(result);
  if (!agreed) throw noServer(url);
  return { sessionId: checkedId(given.sessionId, url), ...agreed };
}

/** By hand: the SDK's schema, cold as it is then, cost a first list of many sites more than the rest of their handshakes. */
function agreedIn(result: unknown): Pick<Agreed, 'protocolVersion' | 'capabilities'> | undefined {
  if (!isObject(result)) return undefined;
  const { protocolVersion, capabilities, serverInfo } = result;
  if (typeof protocolVersion !== 'string' || !SUPPORTED_PROTOCOL_VERSIONS.includes(protocolVersion))
    return undefined;
  if (!isObject(capabilities) || !isObject(serverInfo)) return undefined;
  const isNamed = typeof serverInfo['name'] === 'string' && typeof serverInfo['version'] === 'string';
  return isNamed ? { protocolVersion, capabilities } : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Visible ASCII, as the protocol wants it: anything else could end our header line and begin another. */
function checkedId(sessionId: string | undefined, url: URL): string | undefined {
  if (sessionId === undefined || /^[\x21-\x7e]+$/.test(sessionId)) return sessionId;
  throw noServer(url);
}

const INITIALIZED = '{"jsonrpc":"2.0","method":"notifications/initialized"}';
const LINGER_MS = 5_000;

/** Resolves with the status as soon as the site has accepted that we are ready. */
function confirm(
  { target, url, sockets }: HandshakeOptions,
  agreed: Agreed,
  deadline: Deadline,
): Promise<number> {
  const headers = createHeaderLines(target.credential, url.host, agreed)();
  const request: PostRequest = { url, headers, body: INITIALIZED };
  return new Promise((resolve, reject) => {
    let linger: NodeJS.Timeout | undefined;
    const giveUp = sockets.post(request, {
      head({ status, retryAfter }) {
        // What is said besides the status is read, so that the connection can be used again, but not for ever.
        linger = setTimeout(() => giveUp(), LINGER_MS).unref();
        if (status < 300) resolve(status);
        else reject(fromStatus(status, retryAfter, url.host) ?? noServer(url));
      },
      data: () => {},
      end: () => clearTimeout(linger),
      failed(error) {
        clearTimeout(linger);
        reject(fromTransport(error, url.host));
      },
    });
    deadline.listen((reason) => {
      giveUp();
      reject(reason);
    });
  });
}

function noServer(url: URL): UpstreamError {
  return new UpstreamError('garbled', `${url.host} did not answer initialize like an MCP server`);
}

/** While a session is opened no tool was asked for anything, and there is no session yet that could be lost. */
function opening(error: unknown, url: URL): UpstreamError {
  // Without its cause: that quotes the site, which may quote the credential (I5).
  const { code, message, retryAfterSeconds, cause } = error instanceof UpstreamError ? error : noServer(url);
  if (code !== 'session_lost')
    return new UpstreamError(code, message, { mayHaveExecuted: false, retryAfterSeconds, cause });
  return new UpstreamError('no_endpoint', `${url.host} has no MCP endpoint at ${url.pathname}`, {
    mayHaveExecuted: false,
  });
}
