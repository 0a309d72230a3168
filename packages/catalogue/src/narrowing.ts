import type { Access, ConfirmedAccess, ProductLevels, ResourceLists, ToolGlobs } from './model.ts';
import {
  accessOf,
  isProduct,
  LEVELS,
  type Product,
  PRODUCTS,
  type ToolProduct,
  type Verb,
} from './product.ts';

/** Where a layer was written, for the person who wants to change it. */
export interface LayerSource {
  readonly kind: 'site' | 'rule' | 'view' | 'url' | 'picks';
  /** As in the configuration, such as `sites.eng` or `rules[2]`, or the parameter of a URL. */
  readonly where: string;
}

/**
 * One layer of rules: a site's own, a rule or a view of the configuration, the query of a URL, or
 * what the person picked. Layers are combined by "all must permit", so that none can widen another.
 */
export interface Narrowing {
  readonly source?: LayerSource;
  /** Nothing at all: the site is as if it were not there. */
  readonly block?: boolean;
  readonly projects?: ResourceLists;
  readonly spaces?: ResourceLists;
  /** Calls before which the person is asked. */
  readonly confirm?: readonly ConfirmedAccess[];
  readonly products?: ProductLevels;
  readonly readOnly?: boolean;
  /** Atlassian's `?capabilities=`: pairs of verb and product. */
  readonly capabilities?: readonly Capability[];
  readonly tools?: ToolGlobs;
}

export interface Capability {
  readonly verb: Verb;
  readonly product: ToolProduct;
}

/** Words of `?capabilities=` that are not just a product key in capitals. */
const CAPABILITY_PRODUCTS: Readonly<Record<string, Product>> = {
  JSM: 'jira-service-management',
  ATLASSIAN: 'rovo',
};
const CAPABILITY_VERBS: readonly Verb[] = ['read', 'search', 'write', 'manage', 'delete'];

/** `?products=jira,confluence`: the named products as far as the site permits them. Returns the names that are no product. */
export function parseProducts(text: string): { products: ProductLevels; unknown: string[] } {
  const names = words(text).map((name) => name.toLowerCase());
  const products = Object.fromEntries(names.filter(isProduct).map((name) => [name, 'delete' as const]));
  return { products, unknown: names.filter((name) => !isProduct(name)) };
}

/** `?capabilities=READ_JIRA,SEARCH_ATLASSIAN`. Returns the words that are no capability. */
export function parseCapabilities(text: string): { capabilities: Capability[]; unknown: string[] } {
  const parsed = words(text).map((word) => ({ word, capability: parseCapability(word.toUpperCase()) }));
  return {
    capabilities: parsed.flatMap(({ capability }) => capability ?? []),
    unknown: parsed.filter(({ capability }) => !capability).map(({ word }) => word),
  };
}

function parseCapability(word: string): Capability | undefined {
  const [verbWord = '', ...rest] = word.split('_');
  const verb = CAPABILITY_VERBS.find((each) => each.toUpperCase() === verbWord);
  const key = rest.join('_');
  const product =
    CAPABILITY_PRODUCTS[key] ?? PRODUCTS.find((each) => each.toUpperCase().replaceAll('-', '_') === key);
  return verb && product && { verb, product };
}

function words(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** What a layer permits of a product, as a predicate on verbs. */
export function narrowingPermits(layer: Narrowing, product: ToolProduct, verb: Verb): boolean {
  if (layer.block) return false;
  if (layer.readOnly && accessOf(verb) !== 'read') return false;
  if (layer.products && !mapPermits(layer.products, product, accessOf(verb))) return false;
  if (!layer.capabilities || product === 'platform') return true;
  return layer.capabilities.some((each) => each.product === product && each.verb === verb);
}

/** A product that a map does not name is off; `platform` is read unless turned off. */
function mapPermits(products: ProductLevels, product: ToolProduct, access: Access): boolean {
  const named = Object.hasOwn(products, product) ? products[product] : undefined;
  const level = named ?? (product === 'platform' ? 'read' : 'off');
  return LEVELS.indexOf(level) >= LEVELS.indexOf(access);
}
