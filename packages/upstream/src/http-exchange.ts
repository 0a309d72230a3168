import { createSseScanner, splitAtId } from '@switchyard/wire';
import type { Dispatcher } from 'undici';

import type { Session } from './session.ts';
import type { UpstreamAnswer } from './target.ts';
import { fromStatus, fromTransport, UpstreamError } from './upstream-error.ts';

/** One POST to an endpoint: headers ready, body ready. */
export interface Exchange {
  readonly dispatcher: Dispatcher;
  readonly session: Session;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The id's JSON text inside `body`. */
  readonly idText: string;
  readonly signal: AbortSignal;
  /** A bound for one answer, in bytes. */
  readonly maxBytes: number;
  readonly onMessage: ((message: Buffer) => void) | undefined;
}

/** Sends it and waits for its answer, whether that comes as JSON or as server-sent events. Throws UpstreamError. */
export async function exchange(request: Exchange): Promise<UpstreamAnswer> {
  try {
    const response = await request.dispatcher.request({
      origin: request.session.url.origin,
      path: request.session.url.pathname + request.session.url.search,
      method: 'POST',
      headers: request.headers,
      body: request.body,
      signal: request.signal,
    });
    return await readAnswer(request, response);
  } catch (error) {
    throw request.signal.aborted ? aborted(request) : fromTransport(error, request.session.url.host);
  }
}

function aborted({ signal, session: { url } }: Exchange): UpstreamError {
  const reason: unknown = signal.reason;
  return reason instanceof UpstreamError
    ? reason
    : new UpstreamError('cancelled', `the request to ${url.host} was cancelled`);
}

async function readAnswer(request: Exchange, response: Dispatcher.ResponseData): Promise<UpstreamAnswer> {
  const failure = fromStatus(response.statusCode, header(response, 'retry-after'), request.session.url.host);
  // Without sessions none can be lost: a modern 404 says in its body that the method is not there.
  const inBody = failure?.code === 'session_lost' && request.session.era === 'modern';
  if (failure && !inBody) {
    // The body of a failure tells nothing that the status does not; reading it keeps the connection.
    await response.body.dump({ limit: 65_536 }).catch(() => {});
    throw failure;
  }
  const isStream = header(response, 'content-type')?.startsWith('text/event-stream');
  const body = isStream ? await readEvents(request, response) : await readWhole(request, response);
  return { body: accepted(request, body), idText: request.idText, era: request.session.era };
}

function header(response: Dispatcher.ResponseData, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function readWhole(request: Exchange, { body }: Dispatcher.ResponseData): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > request.maxBytes) throw tooLarge(request);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size);
}

async function readEvents(request: Exchange, { body }: Dispatcher.ResponseData): Promise<Buffer> {
  const scanner = createSseScanner(request.maxBytes);
  for await (const chunk of body as AsyncIterable<Buffer>) {
    for (const event of scan(request, scanner, chunk)) {
      if (splitAtId(event, request.idText)) return event;
      if (event.length > 0) request.onMessage?.(event);
    }
  }
  throw new UpstreamError('garbled', `${request.session.url.host} ended its stream without an answer`);
}

function scan(request: Exchange, scanner: { push(chunk: Buffer): Buffer[] }, chunk: Buffer): Buffer[] {
  try {
    return scanner.push(chunk);
  } catch {
    throw tooLarge(request);
  }
}

function tooLarge({ session: { url }, maxBytes }: Exchange): UpstreamError {
  return new UpstreamError('garbled', `${url.host} sent an answer of more than ${maxBytes} bytes`);
}

const CLOSE_BRACE = 0x7d;

/** A body is an answer when it carries the request's id and is a whole object; more would mean to parse the result. */
function accepted(request: Exchange, body: Buffer): Buffer {
  if (splitAtId(body, request.idText) && endsInBrace(body)) return body;
  const rewritten = withoutId(body, request.idText);
  if (rewritten) return rewritten;
  throw new UpstreamError(
    'garbled',
    `${request.session.url.host} sent something that is no answer to the request`,
  );
}

function endsInBrace(body: Buffer): boolean {
  let at = body.length - 1;
  while (at > 0 && (body[at] ?? 0) <= 0x20) at -= 1;
  return body[at] === CLOSE_BRACE;
}

/** An error that upstream could not put under the request's id (`"id":null`) is still the answer to this request. */
function withoutId(body: Buffer, idText: string): Buffer | undefined {
  if (body.length > 65_536) return undefined;
  try {
    const message = JSON.parse(body.toString('utf8')) as { id?: unknown; error?: unknown } | null;
    if (typeof message?.error !== 'object' || (message.id !== null && message.id !== undefined))
      return undefined;
    return Buffer.from(`{"jsonrpc":"2.0","id":${idText},"error":${JSON.stringify(message.error)}}`);
  } catch {
    return undefined;
  }
}
