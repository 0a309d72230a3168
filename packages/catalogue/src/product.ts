import type { Access, Level } from './model.ts';

/** The product keys of the configuration (contract, section 2). */
export const PRODUCTS = [
  'jira',
  'jira-service-management',
  'confluence',
  'bitbucket',
  'compass',
  'loom',
  'goals',
  'projects',
  'teams',
  'focus',
  'talent',
  'teamwork-graph',
  'rovo',
  'code',
  'platform',
] as const;

export type Product = (typeof PRODUCTS)[number];

/** A tool that no rule can place has the product `other`: only a site without a product map permits it (I12). */
export type ToolProduct = Product | 'other';

/** What a permission group of Atlassian lets a tool do. */
export type Verb = 'read' | 'search' | 'write' | 'manage' | 'delete';

export const LEVELS: readonly Level[] = ['off', 'read', 'write', 'delete'];

const ACCESS_OF_VERB: Readonly<Record<Verb, Access>> = {
  read: 'read',
  search: 'read',
  write: 'write',
  manage: 'write',
  delete: 'delete',
};

export function accessOf(verb: Verb): Access {
  return ACCESS_OF_VERB[verb];
}

/** Whether a level permits an access: they are the same ladder. */
export function reaches(level: Level, access: Access): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(access);
}

export function isProduct(name: string): name is Product {
  return (PRODUCTS as readonly string[]).includes(name);
}
