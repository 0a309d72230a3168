// The catalogue of Atlassian's tools, read from the data file beside the sources.
import { readFileSync } from 'node:fs';

import type { Generation, RawTool, ToolDefinition } from './emulator-options.ts';
import { InvalidControlError } from './invalid-control-error.ts';
import { isObject, type JsonObject, objectOf, textOf, textsOf } from './json-value.ts';

/** A tool with all that decides who sees it and how it answers. */
export interface CatalogueTool {
  readonly name: string;
  readonly generation: Generation;
  readonly product: string;
  readonly access: 'read' | 'write' | 'delete';
  readonly scopes: readonly string[];
  readonly apiTokenOnly: boolean;
  readonly oauthOnly: boolean;
  readonly permissionGroups: readonly string[];
  /** Listed in v2's default mode. */
  readonly primary: boolean;
  readonly description: string;
  readonly inputSchema: JsonObject;
  /** How sure the catalogue is of the schema: from `live` to `reconstructed`. */
  readonly schemaConfidence: string;
  /** JSON text of the tool in tools/list. */
  readonly wire: string;
  /** JSON text of the whole result, for raw tools only. */
  readonly rawResult?: string;
}

/** Reads every tool of both generations, in catalogue order. */
export function loadToolCatalogue(): readonly CatalogueTool[] {
  // Two levels: the same relative path holds from src/ and from dist/.
  const text = readFileSync(new URL('../data/rovo-tools.json', import.meta.url), 'utf8');
  const rows: unknown = JSON.parse(text);
  if (!Array.isArray(rows)) throw new Error('rovo-tools.json must hold an array');
  return rows.map((row) => toolFromRow(objectOf(row)));
}

/** A tool of changeTools: everybody sees it, and an unknown tool counts as write. */
export function toolFromDefinition(definition: ToolDefinition, generation: Generation): CatalogueTool {
  return plainTool(definition, { generation, wire: JSON.stringify(definition) });
}

/** A raw tool; throws InvalidControlError when its definition is no JSON object with a name. */
export function toolFromRaw(raw: RawTool): CatalogueTool {
  const definition: unknown = JSON.parse(raw.definition);
  if (!isToolDefinition(definition)) {
    throw new InvalidControlError('a raw tool needs a name and an inputSchema');
  }
  return {
    ...plainTool(definition, { generation: raw.generation, wire: raw.definition }),
    rawResult: raw.result,
  };
}

/** True for an object with a name and an inputSchema. */
export function isToolDefinition(value: unknown): value is ToolDefinition {
  return isObject(value) && typeof value['name'] === 'string' && isObject(value['inputSchema']);
}

function toolFromRow(row: JsonObject): CatalogueTool {
  const name = textOf(row['name']) ?? '';
  const description = textOf(row['description']) ?? '';
  const inputSchema = objectOf(row['inputSchema']);
  return {
    name,
    generation: row['generation'] === 'v1' ? 'v1' : 'v2',
    product: textOf(row['product']) ?? '',
    access: accessOf(row['access']),
    scopes: textsOf(row['scopes']),
    apiTokenOnly: row['apiTokenOnly'] === true,
    oauthOnly: row['oauthOnly'] === true,
    permissionGroups: (textOf(row['permissionGroup']) ?? '').split('+').filter((group) => group !== ''),
    primary: row['primary'] === true,
    description,
    inputSchema,
    schemaConfidence: textOf(row['schemaConfidence']) ?? 'reconstructed',
    wire: JSON.stringify({ name, description, inputSchema }),
  };
}

function plainTool(
  definition: ToolDefinition,
  origin: { readonly generation: Generation; readonly wire: string },
): CatalogueTool {
  return {
    ...origin,
    name: definition.name,
    product: 'custom',
    access: 'write',
    scopes: [],
    apiTokenOnly: false,
    oauthOnly: false,
    permissionGroups: [],
    primary: true,
    description: definition.description ?? '',
    inputSchema: definition.inputSchema,
    schemaConfidence: 'custom',
  };
}

function accessOf(value: unknown): CatalogueTool['access'] {
  return value === 'write' || value === 'delete' ? value : 'read';
}
