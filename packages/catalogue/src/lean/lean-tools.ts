import { duplicateIn, textOf } from '@switchyard/json-text';

import { type CallArguments, callArguments, isRecord } from '../call-arguments.ts';
import type { Access } from '../model.ts';
import { isProduct, PRODUCTS, type ToolProduct } from '../product.ts';

/** The tools of lean mode: the others are found, described and run through them. */
export const LEAN_TOOLS = ['findTools', 'describeTool', 'callReadTool', 'callWriteTool'] as const;

export type LeanTool = (typeof LEAN_TOOLS)[number];

const SITE = { type: 'string', description: 'A site by name, as switchyard_sites lists them.' };
const TOOL = { type: 'string', description: 'The name of a tool, from findTools.' };
const ACCESSES = ['read', 'write', 'delete'] as const satisfies readonly Access[];

const DEFAULT_FOUND = 10;
const MOST_FOUND = 50;
const LONGEST_QUERY = 500;

/** The definitions' JSON texts, in the order of the list. */
export const LEAN_DEFINITIONS: readonly string[] = [
  JSON.stringify({
    name: 'findTools',
    title: 'Find tools',
    description:
      'Finds tools of the connected Atlassian sites by what they do, best first. Say in a few words what is to be done, such as "create issue". Then read a tool with describeTool and run it with callReadTool or callWriteTool.',
    inputSchema: {
      type: 'object',
      properties: {
        query: { type: 'string', description: 'What is to be done, in a few words.' },
        site: SITE,
        product: { type: 'string', enum: PRODUCTS },
        access: { type: 'string', enum: ACCESSES },
        limit: { type: 'integer', minimum: 1, maximum: MOST_FOUND, default: DEFAULT_FOUND },
      },
      required: ['query'],
      additionalProperties: false,
    },
    outputSchema: {
      type: 'object',
      properties: { tools: { type: 'array', items: { type: 'object' } }, total: { type: 'integer' } },
      required: ['tools', 'total'],
    },
    annotations: { readOnlyHint: true, openWorldHint: false },
    _meta: { 'switchyard/product': 'platform', 'switchyard/access': 'read' },
  }),
  JSON.stringify({
    name: 'describeTool',
    title: 'Describe a tool',
    description:
      'Describes one tool: what it does, its arguments as a JSON schema, the sites that offer it, and which of callReadTool and callWriteTool runs it.',
    inputSchema: {
      type: 'object',
      properties: { tool: TOOL, site: SITE },
      required: ['tool'],
      additionalProperties: false,
    },
    outputSchema: {
      type: 'object',
      properties: { tool: { type: 'string' }, definitions: { type: 'array', items: { type: 'object' } } },
      required: ['tool', 'definitions'],
    },
    annotations: { readOnlyHint: true, openWorldHint: false },
    _meta: { 'switchyard/product': 'platform', 'switchyard/access': 'read' },
  }),
  callDefinition({
    name: 'callReadTool',
    title: 'Run a tool that reads',
    description: 'Runs one tool that only reads, at one site. Read its arguments with describeTool first.',
    annotations: { readOnlyHint: true },
    access: 'read',
  }),
  callDefinition({
    name: 'callWriteTool',
    title: 'Run a tool that changes something',
    description:
      'Runs one tool that writes or deletes, at one site. Read its arguments with describeTool first.',
    annotations: { readOnlyHint: false, destructiveHint: true },
    access: 'delete',
  }),
];

function callDefinition({
  annotations,
  access,
  ...about
}: {
  readonly name: LeanTool;
  readonly title: string;
  readonly description: string;
  readonly annotations: Readonly<Record<string, boolean>>;
  /** The most that what it runs can do. */
  readonly access: Access;
}): string {
  return JSON.stringify({
    ...about,
    inputSchema: {
      type: 'object',
      properties: {
        tool: TOOL,
        site: {
          ...SITE,
          description: `${SITE.description} Needed when more than one site offers the tool.`,
        },
        arguments: { type: 'object', description: 'The arguments of the tool.' },
      },
      required: ['tool', 'arguments'],
      additionalProperties: false,
    },
    annotations,
    _meta: { 'switchyard/product': 'platform', 'switchyard/access': access },
  });
}

/** What `findTools` is asked. */
export interface ToolQuery {
  readonly query: string;
  readonly site?: unknown;
  readonly product?: ToolProduct;
  readonly access?: Access;
  readonly limit: number;
}

/** Reads the arguments of `findTools`, or says what is wrong with them. */
export function readToolQuery(args: Readonly<Record<string, unknown>>): ToolQuery | string {
  const wrong = Object.keys(args).flatMap((key) => {
    const check = Object.hasOwn(QUERY_CHECKS, key) ? QUERY_CHECKS[key] : undefined;
    return (check ? check(args[key]) : `findTools has no argument "${key}"`) ?? [];
  });
  if (args['query'] === undefined) wrong.push(NEEDS_QUERY);
  if (wrong[0] !== undefined) return `Invalid arguments: ${wrong[0]}`;
  const { query, site, product, access, limit = DEFAULT_FOUND } = args;
  const level = ACCESSES.find((each) => each === access);
  return {
    query: String(query),
    site,
    limit: Number(limit),
    ...(typeof product === 'string' && isProduct(product) && { product }),
    ...(level && { access: level }),
  };
}

const NEEDS_QUERY = 'findTools needs "query", a few words';

/** What is wrong with an argument, if anything. */
const QUERY_CHECKS: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  query: (value) => (typeof value === 'string' && value.length <= LONGEST_QUERY ? undefined : NEEDS_QUERY),
  site: () => undefined,
  product: (value) =>
    typeof value === 'string' && isProduct(value)
      ? undefined
      : `"product" must be one of ${PRODUCTS.join(', ')}`,
  access: (value) =>
    ACCESSES.some((each) => each === value) ? undefined : `"access" must be one of ${ACCESSES.join(', ')}`,
  limit: (value) =>
    Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST_FOUND
      ? undefined
      : `"limit" must be a whole number from 1 to ${MOST_FOUND}`,
};

/** What `describeTool` is asked, or what is wrong with it. */
export function readToolName(
  args: Readonly<Record<string, unknown>>,
): { readonly tool: string; readonly site?: unknown } | string {
  const stray = strayKey(args, ['tool', 'site']);
  if (stray !== undefined) return `Invalid arguments: describeTool has no argument "${stray}"`;
  const { tool, site } = args;
  return isToolName(tool)
    ? { tool, site }
    : 'Invalid arguments: "tool" must be the name of a tool; findTools finds it';
}

/** A call inside a call. */
export interface InnerCall {
  readonly tool: string;
  readonly site?: unknown;
  readonly args: CallArguments;
}

/** Reads what `callReadTool` and `callWriteTool` are to run, or says what is wrong with it. */
export function readInnerCall(lean: LeanTool, { value, text, members }: CallArguments): InnerCall | string {
  const stray = strayKey(value, ['tool', 'site', 'arguments']);
  if (stray !== undefined)
    return `Invalid arguments: ${lean} has no argument "${stray}"; what the tool itself takes goes into "arguments"`;
  const twice = duplicateIn(members);
  if (twice !== undefined) return `Invalid arguments: the argument "${twice}" is given twice`;
  const { tool, site, arguments: inner = {} } = value;
  if (!isToolName(tool)) return 'Invalid arguments: "tool" must be the name of a tool; findTools finds it';
  if (!isRecord(inner)) return 'Invalid arguments: "arguments" must be an object';
  return { tool, site, args: callArguments(inner, textOf(text, members, 'arguments') ?? '{}') };
}

const LONGEST_NAME = 256;

function isToolName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME;
}

function strayKey(args: Readonly<Record<string, unknown>>, known: readonly string[]): string | undefined {
  return Object.keys(args).find((key) => !known.includes(key));
}

/** Which lean tool runs a tool. */
export function runnerOf(access: Access): 'callReadTool' | 'callWriteTool' {
  return access === 'read' ? 'callReadTool' : 'callWriteTool';
}
