import type { Estate, McpResponse } from '../estate.ts';
import { postModern } from '../interactive/router.ts';

/** A tool as a list shows it. */
export interface ListedTool {
  readonly name: string;
  readonly inputSchema: Schema;
  readonly _meta?: Readonly<Record<string, unknown>>;
}

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** One call, and what came of it. */
export interface PlannedCall {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

const EXAMPLES: Readonly<Record<string, unknown>> = {
  number: 1,
  integer: 1,
  boolean: true,
  array: [],
  object: {},
};

/** What a tool needs at least, made up from its schema. */
export function leastArguments({ properties = {}, required = [] }: Schema): Record<string, unknown> {
  return Object.fromEntries(required.map((key) => [key, example(properties[key] ?? {})]));
}

function example({ enum: choices, anyOf, type = 'string' }: Schema): unknown {
  if (choices) return choices[0];
  if (anyOf) return example(anyOf[0] ?? {});
  return EXAMPLES[type] ?? 'X-1';
}

export type Era = 'legacy' | 'modern';

/** Asks in either era. */
export async function ask(
  estate: Estate,
  era: Era,
  request: { readonly path: string; readonly method: string; readonly params?: Record<string, unknown> },
): Promise<McpResponse['body']> {
  const { path, method, params = {} } = request;
  if (era === 'legacy') return (await estate.request({ id: 1, method, params }, { path })).body;
  const response = await postModern({ url: estate.url }, { method, params }, { path });
  return (await response.json()) as McpResponse['body'];
}

const AT_ONCE = 24;

/** Runs all calls; returns those that were refused as a request, with the refusal. */
export async function refusedOf(
  calls: readonly PlannedCall[],
  run: (call: PlannedCall) => Promise<McpResponse['body']>,
): Promise<string[]> {
  const refused: string[] = [];
  const waiting = [...calls];
  async function work(): Promise<void> {
    for (let call = waiting.pop(); call; call = waiting.pop()) {
      const { error, result } = await run(call);
      const reason = error?.message ?? result?._meta?.['switchyard/reason'];
      if (reason !== undefined || !result) refused.push(`${call.name}: ${String(reason)}`);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return refused;
}
