import type { MessageFault } from './json-rpc.ts';

/** The revisions of the stateless era that Switchyard speaks; `server/discover` and the version error name the same. */
export const MODERN_VERSIONS: readonly string[] = ['2026-07-28'];

export const MODERN_VERSION = '2026-07-28';

/** Keys of `_meta` that describe one hop: never passed on, always replaced (SPEC basic/index "_meta"). */
export const ENVELOPE = {
  version: 'io.modelcontextprotocol/protocolVersion',
  capabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
} as const;

export const SERVER_INFO_KEY = 'io.modelcontextprotocol/serverInfo';
export const SUBSCRIPTION_ID_KEY = 'io.modelcontextprotocol/subscriptionId';

export const HEADER_MISMATCH = -32_020;
export const MISSING_CAPABILITY = -32_021;
export const UNSUPPORTED_VERSION = -32_022;
const INVALID_PARAMS = -32_602;

/** What a client can do, as it declares it. */
export type ClientCapabilities = Readonly<Record<string, unknown>>;

/** Which of the two protocols a request speaks. */
export type Era =
  | { readonly kind: 'legacy' }
  | {
      readonly kind: 'modern';
      readonly capabilities: ClientCapabilities;
      readonly logLevel: string | undefined;
    };

export type ClassifiedEra = Era | { readonly kind: 'fault'; readonly fault: MessageFault };

/** The headers that classification reads; names in lower case. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

interface Request {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

const LEGACY: Era = { kind: 'legacy' };

/**
 * Tells the era by the body, never by `Mcp-Method` (mcp-remote sends that in the old era too), and
 * checks what the modern one demands, in the order of the specification: envelope, version header,
 * version, method header, name header. A fault is answered with HTTP 400.
 */
export function classifyEra({ method, params }: Request, headers: RequestHeaders): ClassifiedEra {
  const meta = isRecord(params['_meta']) ? params['_meta'] : {};
  const version = meta[ENVELOPE.version];
  const headerVersion = text(headers['mcp-protocol-version']);
  if (version === undefined) {
    // The handshake of the old era, whatever version header a client of both sends with it.
    if (method === 'initialize') return LEGACY;
    if (headerVersion === undefined || !MODERN_VERSIONS.includes(headerVersion)) return LEGACY;
    return fault(INVALID_PARAMS, `Invalid params: _meta["${ENVELOPE.version}"] is missing`);
  }
  return (
    envelopeFault(meta) ??
    versionFault(version, headerVersion) ??
    methodFault(method, params, headers) ?? {
      kind: 'modern',
      capabilities: meta[ENVELOPE.capabilities] as ClientCapabilities,
      logLevel: text(meta[ENVELOPE.logLevel]),
    }
  );
}

type Fault = Extract<ClassifiedEra, { kind: 'fault' }>;

function envelopeFault(meta: Readonly<Record<string, unknown>>): Fault | undefined {
  if (typeof meta[ENVELOPE.version] !== 'string') {
    return fault(INVALID_PARAMS, `Invalid params: _meta["${ENVELOPE.version}"] must be a text`);
  }
  if (isRecord(meta[ENVELOPE.capabilities])) return undefined;
  return fault(INVALID_PARAMS, `Invalid params: _meta["${ENVELOPE.capabilities}"] is missing`);
}

function versionFault(version: unknown, header: string | undefined): Fault | undefined {
  if (header === undefined) return mismatch('MCP-Protocol-Version header is missing');
  if (header !== version) {
    return mismatch(
      `MCP-Protocol-Version header value '${header}' does not match body value '${String(version)}'`,
    );
  }
  if (MODERN_VERSIONS.includes(header)) return undefined;
  return fault(UNSUPPORTED_VERSION, 'Unsupported protocol version', {
    supported: MODERN_VERSIONS,
    requested: header,
  });
}

/** Whose name an intermediary may route by: the parameter that `Mcp-Name` repeats. */
const NAMED_BY: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
};

function methodFault(
  method: string,
  params: Readonly<Record<string, unknown>>,
  headers: RequestHeaders,
): Fault | undefined {
  const given = text(headers['mcp-method']);
  if (given === undefined) return mismatch('Mcp-Method header is missing');
  if (given !== method)
    return mismatch(`Mcp-Method header value '${given}' does not match body value '${method}'`);
  const key = Object.hasOwn(NAMED_BY, method) ? NAMED_BY[method] : undefined;
  if (key === undefined) return undefined;
  return headerFault('Mcp-Name', headers['mcp-name'], params[key]);
}

/** Compares one header with the body's value; a value that is no plain ASCII comes as `=?base64?…?=`. */
export function headerFault(name: string, header: RequestHeaders[string], value: unknown): Fault | undefined {
  const given = text(header);
  const expected = value === undefined || value === null ? undefined : plain(value);
  if (given === undefined && expected === undefined) return undefined;
  if (given === undefined) return mismatch(`${name} header is missing`);
  const decoded = decodeHeader(given);
  if (decoded === undefined) return mismatch(`${name} header value is not valid base64`);
  if (expected === undefined) return mismatch(`${name} header has no value in the body to match`);
  if (decoded === expected || sameNumber(decoded, value)) return undefined;
  return mismatch(`${name} header value '${decoded}' does not match body value '${expected}'`);
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function sameNumber(header: string, value: unknown): boolean {
  return typeof value === 'number' && /^-?\d+(\.\d+)?$/.test(header) && Number(header) === value;
}

const ENCODED = /^=\?base64\?(.*)\?=$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The value that a header carries; undefined when its base64 is broken. */
function decodeHeader(value: string): string | undefined {
  const encoded = ENCODED.exec(value.trim())?.[1];
  if (encoded === undefined) return value.trim();
  return BASE64.test(encoded) ? Buffer.from(encoded, 'base64').toString('utf8') : undefined;
}

/** A header value for the next hop: as it is when it is plain visible ASCII, else in base64. */
export function encodeHeader(value: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value) && !ENCODED.test(value);
  return isPlain ? value : `=?base64?${Buffer.from(value, 'utf8').toString('base64')}?=`;
}

function mismatch(what: string): Fault {
  return fault(HEADER_MISMATCH, `Header mismatch: ${what}`);
}

function fault(code: number, message: string, data?: unknown): Fault {
  return { kind: 'fault', fault: data === undefined ? { code, message } : { code, message, data } };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
