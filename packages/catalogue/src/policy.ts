import { compileToolGlobs } from './glob.ts';
import type { Access, Level, Site } from './model.ts';
import { mapPermits, type Narrowing, narrowingPermits } from './narrowing.ts';
import { accessOf, PRODUCTS, reaches, type ToolProduct, type Verb } from './product.ts';
import { carriedBy, classify, envelopeAccess, type ToolClass } from './tool-class.ts';

/** Why policy says no: a closed set, the `reason` label of `switchyard_policy_denials_total`. */
export type DenialReason = 'tool' | 'product' | 'access';

/** The rules for one site on one URL, compiled once. List and call ask the same function (I2). */
export interface SitePolicy {
  /** May this be done? Undefined is yes. */
  denies(tool: string, toolClass: ToolClass): DenialReason | undefined;
  /** Is this tool shown? An envelope is, when there is something that it may run. */
  shows(tool: string): boolean;
}

const VERBS: readonly Verb[] = ['read', 'search', 'write', 'manage', 'delete'];
const ALL_PRODUCTS: readonly ToolProduct[] = [...PRODUCTS, 'other'];

export function compilePolicy(site: Site, layers: readonly Narrowing[]): SitePolicy {
  const permitted = new Set<string>();
  for (const product of ALL_PRODUCTS) {
    for (const verb of VERBS)
      if (permits(site, layers, { product, verb })) permitted.add(`${product} ${verb}`);
  }
  const globs = [site.tools, ...layers.map((layer) => layer.tools)].map(compileToolGlobs);
  const named = (tool: string): boolean => globs.every((allows) => allows(tool));

  function denies(tool: string, { product, verb }: ToolClass): DenialReason | undefined {
    if (!named(tool)) return 'tool';
    if (permitted.has(`${product} ${verb}`)) return undefined;
    return VERBS.some((each) => permitted.has(`${product} ${each}`)) ? 'access' : 'product';
  }

  function shows(tool: string): boolean {
    const envelope = envelopeAccess(tool);
    if (envelope) return named(tool) && anyProduct(envelope) && runsSomething(tool);
    const toolClass = classify(tool);
    if (toolClass.leastAccess === toolClass.access) return denies(tool, toolClass) === undefined;
    return denies(tool, { ...toolClass, verb: toolClass.leastAccess }) === undefined;
  }

  const anyProduct = (access: Access): boolean =>
    ALL_PRODUCTS.some(
      (product) =>
        product !== 'platform' &&
        VERBS.some((verb) => accessOf(verb) === access && permitted.has(`${product} ${verb}`)),
    );

  // Globs can leave an envelope without anything inside: such a one must not be shown (I2).
  const runsSomething = (envelope: string): boolean =>
    carriedBy(envelope).some(([inner, toolClass]) => denies(inner, toolClass) === undefined);

  return { denies, shows };
}

function permits(
  site: Site,
  layers: readonly Narrowing[],
  { product, verb }: { product: ToolProduct; verb: Verb },
): boolean {
  if (!sitePermits(site, product, verb)) return false;
  return layers.every((layer) => narrowingPermits(layer, product, verb));
}

/** Without a product map everything is `write` on a personal site and `read` on a shared one (contract, section 6). */
function sitePermits(site: Site, product: ToolProduct, verb: Verb): boolean {
  const access = accessOf(verb);
  if (site.products) return mapPermits(site.products, product, access);
  const level: Level = product === 'platform' || site.identity === 'shared' ? 'read' : 'write';
  return reaches(level, access);
}
