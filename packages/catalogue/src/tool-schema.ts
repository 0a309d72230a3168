import { memberText } from '@switchyard/json-text';

import { isRecord } from './call-arguments.ts';
import type { ToolEntry } from './tool-index.ts';

/** What a tool's schema says of its arguments, as far as calls are judged by it. */
export interface ToolSchema {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly required: readonly string[];
}

/** Read once for each definition. */
const schemas = new WeakMap<ToolEntry, ToolSchema>();

/** The arguments that a tool declares; none where its schema cannot be read. */
export function schemaOf(entry: ToolEntry): ToolSchema {
  const read = schemas.get(entry) ?? readSchema(entry.text);
  schemas.set(entry, read);
  return read;
}

function readSchema(definition: string): ToolSchema {
  const schema: unknown = JSON.parse(memberText(definition, 'inputSchema') ?? '{}');
  const { properties, required } = isRecord(schema) ? schema : {};
  return {
    properties: isRecord(properties) ? properties : {},
    required: Array.isArray(required) ? required.filter((key) => typeof key === 'string') : [],
  };
}
