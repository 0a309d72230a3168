import { compileToolGlobs } from './glob.ts';
import type { Access, Level, ProductLevels, ResourceLists, Site } from './model.ts';
import { type Narrowing, narrowingPermits } from './narrowing.ts';
import { accessOf, PRODUCTS, type ToolProduct, type Verb } from './product.ts';
import { remember } from './remember.ts';
import { compileResources, type JudgedCall } from './resources/resource-lists.ts';
import { carriedBy, classify, envelopeAccess, type ToolClass } from './tool-class.ts';

/** Why policy says no: a closed set, the `reason` label of `switchyard_policy_denials_total`. */
export type DenialReason = 'tool' | 'product' | 'access' | 'resource';

/** The rules for one site, one URL and one caller, compiled once. List and call ask the same function (I2). */
export interface SitePolicy {
  /** Another for other rules, as long as the process lives: part of cache keys. */
  readonly id: string;
  /** The site is as if it were not there. */
  readonly blocked: boolean;
  /** May this be done? Undefined is yes. */
  denies(tool: string, toolClass: ToolClass): DenialReason | undefined;
  /** Is this tool shown? An envelope is, when there is something that it may run. */
  shows(tool: string): boolean;
  /** Why a call of a tool that is shown may not be made with these arguments: a sentence; undefined: it may. */
  refuses(call: JudgedCall): string | undefined;
  /** The most that may be done with any tool of a product. */
  level(product: ToolProduct): Level;
  /** Whether the person is asked before such a call. */
  confirms(access: Access): boolean;
}

const VERBS: readonly Verb[] = ['read', 'search', 'write', 'manage', 'delete'];
const ALL_PRODUCTS: readonly ToolProduct[] = [...PRODUCTS, 'other'];

/** A site's own rules and more layers. */
export function compilePolicy(site: Site, layers: readonly Narrowing[]): SitePolicy {
  return compileLayers([siteLayer(site), ...layers]);
}

const MAX_COMPILED = 2_000;

/**
 * Many sites have the same rules: they share one policy, so that what it has decided about a tool, and what was made of
 * that, holds for all of them. The oldest are dropped when there are too many.
 */
export function createPolicyCompiler(): typeof compilePolicy {
  const compiled = new Map<string, SitePolicy>();
  return (site, layers) => {
    const all = [siteLayer(site), ...layers];
    const key = JSON.stringify(all, withoutSource);
    const known = compiled.get(key);
    if (known) return known;
    const [oldest] = compiled.keys();
    if (oldest !== undefined && compiled.size >= MAX_COMPILED) compiled.delete(oldest);
    const policy = compileLayers(all);
    compiled.set(key, policy);
    return policy;
  };
}

/** Where a layer was written says nothing about what it permits. */
function withoutSource(key: string, value: unknown): unknown {
  return key === 'source' ? undefined : value;
}

// Counted over all configurations: what was cached under an earlier one is never found again.
let compiled = 0;

/** Layers without a site; none at all permits everything. */
export function compileLayers(layers: readonly Narrowing[]): SitePolicy {
  const permits = rememberPermits(layers);
  const globs = layers.map((layer) => compileToolGlobs(layer.tools));
  const named = remember((tool) => globs.every((allows) => allows(tool)));
  const resources = [
    compileResources('project', listsOf(layers, 'projects')),
    compileResources('space', listsOf(layers, 'spaces')),
  ].filter((each) => each !== undefined);
  const confirmed = new Set(layers.flatMap(({ confirm = [] }) => confirm));

  function denies(tool: string, toolClass: ToolClass): DenialReason | undefined {
    if (!named(tool)) return 'tool';
    const { product, verb } = toolClass;
    if (!permits(product, verb)) return VERBS.some((each) => permits(product, each)) ? 'access' : 'product';
    return resources.some((each) => each.hides(tool, toolClass)) ? 'resource' : undefined;
  }

  const shows = remember((tool) => {
    const envelope = envelopeAccess(tool);
    if (envelope) return named(tool) && anyProduct(envelope) && runsSomething(tool);
    const toolClass = classify(tool);
    if (toolClass.leastAccess === toolClass.access) return denies(tool, toolClass) === undefined;
    return (
      denies(tool, { ...toolClass, verb: toolClass.leastAccess, access: toolClass.leastAccess }) === undefined
    );
  });

  const anyProduct = (access: Access): boolean =>
    ALL_PRODUCTS.some(
      (product) =>
        product !== 'platform' && VERBS.some((verb) => accessOf(verb) === access && permits(product, verb)),
    );

  // Globs can leave an envelope without anything inside: such a one must not be shown (I2).
  const runsSomething = (envelope: string): boolean =>
    carriedBy(envelope).some(([inner, toolClass]) => denies(inner, toolClass) === undefined);

  compiled += 1;
  return {
    id: String(compiled),
    blocked: layers.some(({ block }) => block === true),
    denies,
    shows,
    level: (product) => levelOf(permits, product),
    refuses: (call) => firstOf(resources, (each) => each.refuses(call)),
    // Who asks before a write asks before what is worse.
    confirms: (access) => access !== 'read' && (confirmed.has(access) || confirmed.has('write')),
  };
}

type Permits = (product: ToolProduct, verb: Verb) => boolean;

function levelOf(permits: Permits, product: ToolProduct): Level {
  const reached = VERBS.filter((verb) => permits(product, verb)).map(accessOf);
  const most = (['delete', 'write', 'read'] as const).find((access) => reached.includes(access));
  return most ?? 'off';
}

/** All layers must permit. Each pair is decided once. */
function rememberPermits(layers: readonly Narrowing[]): Permits {
  const decided = new Map<string, boolean>();
  return (product, verb) => {
    const pair = `${product} ${verb}`;
    const known = decided.get(pair);
    if (known !== undefined) return known;
    const permitted = layers.every((layer) => narrowingPermits(layer, product, verb));
    decided.set(pair, permitted);
    return permitted;
  };
}

function listsOf(layers: readonly Narrowing[], key: 'projects' | 'spaces'): ResourceLists[] {
  return layers.flatMap((layer) => layer[key] ?? []);
}

function firstOf<T, R>(list: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const each of list) {
    const found = find(each);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A site's own rules. Without a product map everything is `write` on a personal site and `read` on a shared one (contract, section 6). */
export function siteLayer(site: Site): Narrowing {
  const { products, tools, projects, spaces, confirm } = site;
  return {
    source: { kind: 'site', where: `sites.${site.name}` },
    products: products ?? everyProduct(site.identity === 'shared' ? 'read' : 'write'),
    ...(tools && { tools }),
    ...(projects && { projects }),
    ...(spaces && { spaces }),
    ...(confirm && { confirm }),
  };
}

function everyProduct(level: Level): ProductLevels {
  return Object.fromEntries(
    ALL_PRODUCTS.map((product) => [product, product === 'platform' ? 'read' : level]),
  );
}
