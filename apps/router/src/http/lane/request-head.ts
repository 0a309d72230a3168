import type { Socket } from 'node:net';

import { isMcpPath } from '../../gateway/url-views.ts';
import type { HttpRequest } from '../http-request.ts';

/** A head that can be read in one way only. */
export interface PlainHead {
  readonly request: HttpRequest;
  /** Bytes of the head, its empty line included. */
  readonly size: number;
  /** Bytes of the body that follows. */
  readonly bodySize: number;
}

/** What node's server takes at most, too. */
const MAX_HEAD_BYTES = 16_384;
const MAX_FIELDS = 100;
/** Larger bodies gain nothing here. */
const MAX_BODY_BYTES = 65_536;

const HEAD_END = Buffer.from('\r\n\r\n');
const START = Buffer.from('POST /');
const REQUEST_LINE = /^POST (\/[\x21\x22\x24-\x7e]*) HTTP\/1\.1$/;
/** Linear on purpose: what is white around the value is taken off afterwards. */
const FIELD = /^([\w!#$%&'*+.^`|~-]+):([\t\x20-\x7e]*)$/;
/** Whole lines, and the beginning of another. */
const UNDOUBTED = /^[\t\x20-\x7e]*(?:\r\n[\x21-\x7e][\t\x20-\x7e]*)*(?:\r(?:\n\r?)?)?$/;
const LENGTH = /^(?:0|[1-9]\d{0,5})$/;

/** What each plain request has. */
const NEEDED = ['host', 'authorization', 'content-length'] as const;
/** What changes how a message is read, and is left to a reader that knows all about it. */
const UNUSUAL = ['transfer-encoding', 'expect', 'upgrade', 'trailer'] as const;

/**
 * Reads the head of a plain MCP POST. `doubt` is everything else, down to a line end or a character that two readers
 * might take differently (RFC 9112, sections 2.2, 5 and 6): the lane refuses nothing and guesses nothing. `partial`:
 * more must come.
 */
export function readPlainHead(bytes: Buffer, socket: Socket): PlainHead | 'partial' | 'doubt' {
  const known = Math.min(bytes.length, START.length);
  if (bytes.compare(START, 0, known, 0, known) !== 0) return 'doubt';
  const end = bytes.indexOf(HEAD_END);
  if (end === -1) return mayBecomePlain(bytes) ? 'partial' : 'doubt';
  if (end > MAX_HEAD_BYTES - HEAD_END.length) return 'doubt';
  return readHead(bytes.toString('latin1', 0, end), socket);
}

function readHead(text: string, socket: Socket): PlainHead | 'doubt' {
  const [requestLine = '', ...lines] = text.split('\r\n');
  const url = REQUEST_LINE.exec(requestLine)?.[1];
  const headers = url !== undefined && isMcpPath(pathOf(url)) ? readFields(lines) : undefined;
  const bodySize = headers && bodySizeOf(headers);
  if (url === undefined || headers === undefined || bodySize === undefined) return 'doubt';
  return { request: { method: 'POST', url, headers, socket }, size: text.length + HEAD_END.length, bodySize };
}

/** Nothing that has come so far is in doubt, so that a broken head is refused at once. */
function mayBecomePlain(bytes: Buffer): boolean {
  return bytes.length < MAX_HEAD_BYTES && UNDOUBTED.test(bytes.toString('latin1'));
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

function readFields(lines: readonly string[]): Record<string, string> | undefined {
  if (lines.length > MAX_FIELDS) return undefined;
  const fields: Record<string, string> = {};
  for (const line of lines) {
    const [, name = '', value = ''] = FIELD.exec(line) ?? [];
    const key = name.toLowerCase();
    // A name that comes twice is read in several ways. One that every object has is no header of ours.
    if (key === '' || key in fields) return undefined;
    fields[key] = value.trim();
  }
  return fields;
}

function bodySizeOf(fields: Readonly<Record<string, string>>): number | undefined {
  if (NEEDED.some((name) => !Object.hasOwn(fields, name))) return undefined;
  if (UNUSUAL.some((name) => Object.hasOwn(fields, name))) return undefined;
  if ((fields['connection'] ?? 'keep-alive').toLowerCase() !== 'keep-alive') return undefined;
  const length = fields['content-length'] ?? '';
  if (!LENGTH.test(length) || Number(length) > MAX_BODY_BYTES) return undefined;
  return Number(length);
}
