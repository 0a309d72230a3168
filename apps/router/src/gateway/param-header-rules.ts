import type { ToolEntry } from '@switchyard/catalogue';
import { memberText } from '@switchyard/json-text';
import {
  type MessageFault,
  type ParamHeader,
  paramHeaderFault,
  paramHeaders,
  type RequestHeaders,
  writeParamHeaders,
} from '@switchyard/wire';

/** Read once for each definition. */
const known = new WeakMap<ToolEntry, readonly ParamHeader[]>();

function headersOf(entry: ToolEntry | undefined): readonly ParamHeader[] {
  if (!entry) return [];
  const read = known.get(entry) ?? paramHeaders(memberText(entry.text, 'inputSchema') ?? '{}');
  known.set(entry, read);
  return read;
}

/** Arguments that a modern client repeats in headers must agree with them. `cloudId` is not the client's to give. */
export function checkParamHeaders(
  entry: ToolEntry | undefined,
  args: unknown,
  headers: RequestHeaders,
): MessageFault | undefined {
  return paramHeaderFault(
    headersOf(entry).filter(({ path }) => path[0] !== 'cloudId'),
    args,
    headers,
  );
}

/** The same headers for a site of the modern era, with the values that are really sent. */
export function paramHeadersFor(
  entry: ToolEntry | undefined,
  argumentsText: string,
): Record<string, string> | undefined {
  const expected = headersOf(entry);
  return expected.length === 0 ? undefined : writeParamHeaders(expected, JSON.parse(argumentsText));
}
