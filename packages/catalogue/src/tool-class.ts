import { ACTIONS, DIRECTORY_TOOLS, ENVELOPES, KNOWN_TOOLS, WITHOUT_CLOUD_ID } from './known-tools.ts';
import type { Access } from './model.ts';
import { accessOf, type Product, reaches, type ToolProduct, type Verb } from './product.ts';

/** What policy needs to know of a tool; derived from its name alone, so that list and call agree (I2). */
export interface ToolClass {
  readonly product: ToolProduct;
  readonly verb: Verb;
  /** The most that the tool can do. */
  readonly access: Access;
  /** The least that it can do: policy shows it from here on, and judges each call by its arguments. */
  readonly leastAccess: Access;
  readonly known: boolean;
}

/** Unknown names: the product that the name itself says, first match wins. */
const PRODUCT_BY_NAME: readonly (readonly [RegExp, Product])[] = [
  [/jsm|servicemanagement/i, 'jira-service-management'],
  [/teamworkgraph/i, 'teamwork-graph'],
  [/jira/i, 'jira'],
  [/confluence/i, 'confluence'],
  [/bitbucket/i, 'bitbucket'],
  [/compass/i, 'compass'],
  [/loom/i, 'loom'],
  [/goal/i, 'goals'],
  [/focusarea/i, 'focus'],
  [/talent/i, 'talent'],
];

/** Stricter than "unknown is write": a name that says it destroys is believed. */
const DESTRUCTIVE_NAME = /^(delete|destroy|purge|remove)(?![a-z])/;

const ACCESSES: readonly Access[] = ['read', 'write', 'delete'];

const known = new Map<string, ToolClass>([...KNOWN_TOOLS.flatMap(rowsOf), ...metaRows()]);

function rowsOf(group: (typeof KNOWN_TOOLS)[number]): [string, ToolClass][] {
  return group.tools
    .trim()
    .split(/\s+/)
    .map((name) => [name, knownClass(name, group.product, group.verb)]);
}

function knownClass(name: string, product: Product, verb: Verb): ToolClass {
  const access = accessOf(verb);
  const actions = ACTIONS[name];
  const leastAccess = actions ? (ACCESSES.find((each) => actions[each]) ?? access) : access;
  return { product, verb, access, leastAccess, known: true };
}

function metaRows(): [string, ToolClass][] {
  const directory = DIRECTORY_TOOLS.map((name): [string, ToolClass] => [
    name,
    knownClass(name, 'platform', 'read'),
  ]);
  const envelopes = Object.entries(ENVELOPES).map(([name, access]): [string, ToolClass] => [
    name,
    knownClass(name, 'platform', access),
  ]);
  return [...directory, ...envelopes];
}

/** The class of an upstream tool name. An unknown name counts as write (I12). */
export function classify(name: string): ToolClass {
  return known.get(name) ?? unknownClass(name);
}

function unknownClass(name: string): ToolClass {
  const product = PRODUCT_BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
  const verb = DESTRUCTIVE_NAME.test(name) ? 'delete' : 'write';
  return { product, verb, access: accessOf(verb), leastAccess: accessOf(verb), known: false };
}

const knownInLowerCase = new Map([...known.keys()].map((name) => [name.toLowerCase(), name]));

/**
 * Whether a name is written as tools are: nothing but name characters, and no other case of a tool
 * that is known. A site that reads names less strictly than the rules do must not be reached so.
 */
export function isExactName(name: string): boolean {
  return /^[A-Za-z0-9_.-]+$/.test(name) && (knownInLowerCase.get(name.toLowerCase()) ?? name) === name;
}

/** What an envelope runs at most, or undefined for a tool that is none. */
export function envelopeAccess(name: string): Access | undefined {
  return Object.hasOwn(ENVELOPES, name) ? ENVELOPES[name] : undefined;
}

/** The tools that run other tools. */
export function envelopeNames(): readonly string[] {
  return Object.keys(ENVELOPES);
}

/** The class of one call: an `action` argument may make it less than the tool's most. */
export function classifyCall(name: string, args: Readonly<Record<string, unknown>>): ToolClass {
  const toolClass = classify(name);
  const actions = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  const action = args['action'];
  if (!actions || typeof action !== 'string') return toolClass;
  const access = ACCESSES.find((each) => actions[each]?.includes(action)) ?? toolClass.access;
  return { ...toolClass, verb: access, access, leastAccess: access };
}

/** The actions of a tool that an access reaches, for an error that lists the choices. */
export function actionsWithin(name: string, permits: (access: Access) => boolean): string[] {
  const actions = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  return ACCESSES.filter((access) => permits(access)).flatMap((access) => actions?.[access] ?? []);
}

/** Whether a tool takes a `cloudId` while its schema is not at hand. */
export function knownToTakeCloudId(name: string): boolean {
  return known.has(name) && !WITHOUT_CLOUD_ID.includes(name);
}

/** Whether an envelope may run something of this access: `executeRead` reads, whatever upstream would let it do. */
export function envelopeCarries(envelope: string, inner: ToolClass): boolean {
  if (envelope === 'execute') return true;
  const most = envelopeAccess(envelope);
  return most !== undefined && reaches(most, inner.access);
}

const carried = new Map(
  Object.keys(ENVELOPES).map((envelope) => [
    envelope,
    [...known].filter(([, inner]) => inner.product !== 'platform' && envelopeCarries(envelope, inner)),
  ]),
);

/** The known tools that an envelope may run; those of the platform need no envelope. */
export function carriedBy(envelope: string): readonly (readonly [string, ToolClass])[] {
  return carried.get(envelope) ?? [];
}
