// How a list lies in the shared store: a small versioned pointer and a text that names its own form.
// Whatever cannot be read decodes to undefined, never to an error.
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';

import type { StoredToolList } from './tool-list.ts';
import { toolListHash } from './tool-list.ts';

/** What a pointer says about the list it points at. */
export type Pointer = Pick<StoredToolList, 'hash' | 'fetchedAt' | 'underScoped'>;

const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);

const VERSION = 1;
const HASH = /^[0-9a-f]{64}$/;
const PLAIN = 0x70;
const BROTLI = 0x62;
const COMPRESS_FROM_BYTES = 8 * 1024;
/** Bounds what a decompression may cost; no known list comes near it. */
const MAX_TEXT_BYTES = 32 * 1024 * 1024;
/** Far better than 1 on JSON and still a few milliseconds off the main thread; 11 would take seconds. */
const QUALITY = 4;

/** The JSON of a pointer. */
export function encodePointer({ hash, fetchedAt, underScoped }: Pointer): string {
  return JSON.stringify({ v: VERSION, hash, fetchedAt, underScoped });
}

/** Reads a pointer of this version. */
export function decodePointer(text: string): Pointer | undefined {
  const value = parseObject(text);
  if (value?.['v'] !== VERSION) return undefined;
  const { hash, fetchedAt, underScoped } = value;
  if (typeof hash !== 'string' || !HASH.test(hash)) return undefined;
  if (typeof fetchedAt !== 'number' || typeof underScoped !== 'boolean') return undefined;
  return { hash, fetchedAt, underScoped };
}

/** The stored form of a tool text: one byte that names the form, then the text; `undefined` when it is too long to keep. */
export async function encodeTools(tools: string): Promise<Buffer | undefined> {
  const text = Buffer.from(tools);
  if (text.length > MAX_TEXT_BYTES) return undefined;
  if (text.length <= COMPRESS_FROM_BYTES) return Buffer.concat([Buffer.of(PLAIN), text]);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
  };
  return Buffer.concat([Buffer.of(BROTLI), await compress(text, { params })]);
}

/** The text that was stored under `hash`; anything else, cut or altered, is undefined. */
export async function decodeTools(stored: Buffer, hash: string): Promise<string | undefined> {
  const text = await unpack(stored[0], stored.subarray(1));
  if (text === undefined) return undefined;
  const tools = text.toString();
  return toolListHash(tools) === hash ? tools : undefined;
}

async function unpack(form: number | undefined, body: Buffer): Promise<Buffer | undefined> {
  if (form === PLAIN) return body;
  if (form !== BROTLI) return undefined;
  return decompress(body, { maxOutputLength: MAX_TEXT_BYTES }).catch(() => undefined);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    // The cast only opens the fields; decodePointer checks each of them.
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
