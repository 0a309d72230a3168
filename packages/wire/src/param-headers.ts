import { members, memberText } from '@switchyard/json-text';

import { encodeHeader, headerFault, type RequestHeaders } from './era.ts';
import type { MessageFault } from './json-rpc.ts';

/** An argument that a modern client repeats in a header (`x-mcp-header` in the tool's schema). */
export interface ParamHeader {
  /** Lower case, with `mcp-param-`. */
  readonly header: string;
  /** The way through `properties`. */
  readonly path: readonly string[];
}

/** A name that can stand in a header (RFC 9110 token). */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** Deeper than any message may nest, so no argument can be there. */
const MAX_DEPTH = 64;

/** The annotated arguments of a tool's schema; only a chain of `properties` is followed. */
export function paramHeaders(schema: string): ParamHeader[] {
  return annotated(schema, []);
}

function annotated(schema: string, path: readonly string[]): ParamHeader[] {
  if (path.length > MAX_DEPTH || !schema.includes('x-mcp-header')) return [];
  const found: ParamHeader[] = [];
  const own = memberText(schema, 'x-mcp-header');
  const name: unknown = own === undefined ? undefined : JSON.parse(own);
  if (typeof name === 'string' && TOKEN.test(name) && path.length > 0)
    found.push({ header: `mcp-param-${name.toLowerCase()}`, path });
  const properties = memberText(schema, 'properties') ?? '';
  for (const { key, start, end } of members(properties) ?? []) {
    found.push(...annotated(properties.slice(start, end), [...path, key]));
  }
  return found;
}

/** The first header that contradicts the arguments, or is missing for one that is there. */
export function paramHeaderFault(
  expected: readonly ParamHeader[],
  args: unknown,
  headers: RequestHeaders,
): MessageFault | undefined {
  for (const { header, path } of expected) {
    const found = headerFault(
      `Mcp-Param-${header.slice('mcp-param-'.length)}`,
      headers[header],
      valueAt(args, path),
    );
    if (found) return found.fault;
  }
  return undefined;
}

/** The headers for the next hop. */
export function writeParamHeaders(expected: readonly ParamHeader[], args: unknown): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { header, path } of expected) {
    const value = valueAt(args, path);
    if (value === undefined || value === null) continue;
    headers[header] = encodeHeader(typeof value === 'string' ? value : JSON.stringify(value));
  }
  return headers;
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (node, key) =>
      node !== null && typeof node === 'object' && Object.hasOwn(node, key)
        ? (node as Record<string, unknown>)[key]
        : undefined,
    value,
  );
}
