import { members, memberText, textOf } from '@switchyard/json-text';
import { splitAtId } from '@switchyard/wire';
import { LRUCache } from 'lru-cache';

import type { UpstreamAnswer } from './target.ts';
import { UpstreamError } from './upstream-error.ts';

/** One page of a site's tools. */
export interface ToolPage {
  /** The JSON text of an array, each definition byte for byte as upstream sent it. */
  readonly tools: string;
  /** The JSON text that asks for the next page; undefined on the last one. */
  readonly cursor: string | undefined;
}

/** Reads the answer to a tools/list; `host` names the site in errors. Throws UpstreamError. */
export type ReadToolPage = (answer: UpstreamAnswer, host: string) => ToolPage;

/** Bytes of answers that are remembered, so that the same ones need not be read again. */
const MAX_BYTES = 16 * 1024 * 1024;

interface Remembered {
  readonly before: Buffer;
  readonly after: Buffer;
  readonly page: ToolPage;
}

/**
 * Nearly every answer is one that was read before: sites offer the same tools, and a refresh brings what is known.
 * Bytes that are equal but for our id are told by comparing them with the last answer of their length; only others
 * are parsed.
 */
export function createToolPages(): ReadToolPage {
  const byLength = new LRUCache<number, Remembered>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ before, after }) => before.length + after.length,
  });

  return (answer, host) => {
    const around = splitAtId(answer.body, answer.idText, answer.idAt);
    if (!around) return readPage(answer.body, host);
    const { before, after } = around;
    const length = before.length + after.length;
    const known = byLength.get(length);
    if (known?.before.equals(before) && known.after.equals(after)) return known.page;
    const page = readPage(answer.body, host);
    byLength.set(length, { before, after, page });
    return page;
  };
}

function readPage(body: Buffer, host: string): ToolPage {
  const response = checked(body.toString('utf8'), host);
  const result = resultOf(response, host);
  const found = members(result) ?? [];
  const tools = textOf(result, found, 'tools');
  if (!tools?.startsWith('[')) {
    throw new UpstreamError('garbled', `${host} sent a tools/list result without "tools"`);
  }
  const cursor = textOf(result, found, 'nextCursor');
  return { tools, cursor: cursor === 'null' ? undefined : cursor };
}

/** Everything behind this cuts the text up and takes it for valid JSON. */
function checked(response: string, host: string): string {
  try {
    JSON.parse(response);
    return response;
  } catch {
    throw new UpstreamError('garbled', `${host} sent a tools/list response that is not JSON`);
  }
}

function resultOf(response: string, host: string): string {
  const found = members(response) ?? [];
  const result = textOf(response, found, 'result');
  if (result !== undefined) return result;
  const code = memberText(textOf(response, found, 'error') ?? '{}', 'code');
  if (code === '-32601') {
    throw new UpstreamError('wrong_credential', `${host} has no tools for this kind of credential (-32601)`);
  }
  throw new UpstreamError('garbled', `${host} refused tools/list with error ${code ?? 'without a code'}`);
}
