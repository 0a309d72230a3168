// The check of a call's arguments: v1 refuses what it does not know, v2 drops it without a word.
import type { Generation } from './emulator-options.ts';
import { isObject, type JsonObject, objectOf, textOf, textsOf } from './json-value.ts';

/** Arguments ready for the tool, or the sentence that refuses them. */
export type CheckedArguments =
  | { readonly ok: true; readonly args: JsonObject }
  | { readonly ok: false; readonly text: string };

const TYPE_CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  array: (value) => Array.isArray(value),
  object: isObject,
};

/** Checks required names, unknown names, plain types and enums of the top level. */
export function checkArguments(
  tool: { readonly name: string; readonly generation: Generation; readonly inputSchema: JsonObject },
  args: JsonObject,
): CheckedArguments {
  const properties = objectOf(tool.inputSchema['properties']);
  const refuse = (problem: string): CheckedArguments => ({
    ok: false,
    text: `MCP error -32602: Input validation error: Invalid arguments for tool ${tool.name}: ${problem}`,
  });
  for (const name of textsOf(tool.inputSchema['required'])) {
    if (args[name] === undefined) return refuse(`${name} is required`);
  }
  const known: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(args)) {
    if (Object.hasOwn(properties, name)) {
      const problem = valueProblem(objectOf(properties[name]), value);
      if (problem !== undefined) return refuse(`${name} ${problem}`);
      known[name] = value;
      continue;
    }
    if (tool.inputSchema['additionalProperties'] !== false) known[name] = value;
    else if (tool.generation === 'v1') return refuse(`unrecognized key "${name}"`);
  }
  return { ok: true, args: known };
}

function valueProblem(schema: JsonObject, value: unknown): string | undefined {
  const type = textOf(schema['type']);
  const isOfType = type === undefined ? undefined : TYPE_CHECKS[type];
  if (isOfType !== undefined && !isOfType(value)) return `must be of type ${type ?? ''}`;
  const allowed = schema['enum'];
  if (Array.isArray(allowed) && !allowed.includes(value)) return `must be one of ${allowed.join(', ')}`;
  return undefined;
}
