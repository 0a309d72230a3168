import { encodeHeader, MODERN_VERSION, MODERN_VERSIONS, withEnvelope } from '@switchyard/wire';
import type { Dispatcher } from 'undici';

import { createHeaderLines, linesOf, pairsOf } from './session-headers.ts';
import type { Session } from './session.ts';
import type { UpstreamRequest, UpstreamTarget } from './target.ts';
import { fromStatus, fromTransport, type UpstreamError } from './upstream-error.ts';

/** What a probe showed. `unknown`: the site answered nothing that proves an era, so nothing may be remembered. */
export type Probe =
  | { readonly era: 'modern'; readonly session: Session }
  | { readonly era: 'legacy' }
  | { readonly era: 'unknown'; readonly error: UpstreamError };

export interface ProbeOptions {
  readonly target: UpstreamTarget;
  readonly clientInfo: { readonly name: string; readonly version: string };
  readonly dispatcher: Dispatcher;
  readonly timeoutMs: number;
}

/** JSON-RPC errors that only a server of the modern era gives. */
const MODERN_ERRORS: ReadonlySet<unknown> = new Set([-32_020, -32_021, -32_022]);

/**
 * Asks `server/discover`: an answer, or an error that only the modern era has, proves it; any other
 * refusal is an old server; 401, 403, 429, 5xx and silence prove nothing.
 */
export async function probeModern(options: ProbeOptions): Promise<Probe> {
  const url = new URL(options.target.endpoint);
  try {
    const { status, retryAfter, body } = await discover(options, url);
    const failure = status === 404 ? undefined : fromStatus(status, retryAfter, url.host);
    if (failure) return { era: 'unknown', error: failure };
    const capabilities = modernCapabilities(parse(body));
    return capabilities
      ? { era: 'modern', session: createModernSession(options, url, capabilities) }
      : { era: 'legacy' };
  } catch (error) {
    return { era: 'unknown', error: fromTransport(error, url.host) };
  }
}

/** What a modern server offers; undefined when the answer is not one of a modern server that speaks our version. */
function modernCapabilities(answer: Answer | undefined): Readonly<Record<string, unknown>> | undefined {
  const { result, error } = answer ?? {};
  if (namesOurVersion(result?.supportedVersions)) return result?.capabilities ?? {};
  const isModernError = MODERN_ERRORS.has(error?.code) && !namesOtherVersions(error?.data);
  return isModernError ? { tools: {} } : undefined;
}

function namesOurVersion(versions: unknown): boolean {
  return Array.isArray(versions) && versions.some((version) => MODERN_VERSIONS.includes(String(version)));
}

interface Answer {
  readonly result?: { readonly supportedVersions?: unknown; readonly capabilities?: Record<string, unknown> };
  readonly error?: { readonly code?: unknown; readonly data?: unknown };
}

function namesOtherVersions(data: unknown): boolean {
  if (data === null || typeof data !== 'object' || !('supported' in data)) return false;
  return Array.isArray(data.supported) && !namesOurVersion(data.supported);
}

function parse(body: string): Answer | undefined {
  try {
    return JSON.parse(body) as Answer;
  } catch {
    return undefined;
  }
}

async function discover(
  options: ProbeOptions,
  url: URL,
): Promise<{ status: number; retryAfter: string | undefined; body: string }> {
  const session = createModernSession(options, url, {});
  const request = {
    method: 'server/discover',
    paramsText: '{}',
    idempotent: true,
    timeoutMs: options.timeoutMs,
  };
  const { paramsText, headers } = session.prepare(request);
  const response = await options.dispatcher.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: 'POST',
    headers: pairsOf(headers),
    body: `{"jsonrpc":"2.0","id":"discover","method":"server/discover","params":${paramsText}}`,
    signal: AbortSignal.timeout(options.timeoutMs),
  });
  const retryAfter = response.headers['retry-after'];
  const text = await response.body.text();
  const body = String(response.headers['content-type']).startsWith('text/event-stream')
    ? (/^data: ?(\{.*)$/m.exec(text)?.[1] ?? '')
    : text;
  return {
    status: response.statusCode,
    retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
    body,
  };
}

/** Which parameter `Mcp-Name` repeats. */
const NAMED_BY: Readonly<Record<string, 'name' | 'uri'>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
};

function createModernSession(
  { target, clientInfo }: ProbeOptions,
  url: URL,
  capabilities: Readonly<Record<string, unknown>>,
): Session {
  const headerLines = createHeaderLines(target.credential, url.host, { protocolVersion: MODERN_VERSION });
  // A value that no header can carry is told now.
  headerLines();
  const own = target.capabilities ?? {};
  return {
    era: 'modern',
    url,
    capabilities,
    headerLines,
    ref: { endpoint: url.href, sessionId: undefined, protocolVersion: MODERN_VERSION },
    prepare: (request) => ({
      paramsText: withEnvelope(request.paramsText, {
        clientInfo,
        capabilities: own,
        logLevel: request.logLevel,
      }),
      headers:
        headerLines() +
        linesOf({ ...request.paramHeaders, 'mcp-method': request.method, ...nameHeader(request) }),
    }),
    close: async () => {},
  };
}

function nameHeader({ method, paramsText }: UpstreamRequest): Record<string, string> {
  const key = Object.hasOwn(NAMED_BY, method) ? NAMED_BY[method] : undefined;
  const value = key && (JSON.parse(paramsText) as Record<string, unknown>)[key];
  return typeof value === 'string' ? { 'mcp-name': encodeHeader(value) } : {};
}
