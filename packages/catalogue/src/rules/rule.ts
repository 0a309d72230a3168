import { compileGlobs } from '../glob.ts';
import type { Caller, Site } from '../model.ts';
import type { Narrowing } from '../narrowing.ts';
import type { SiteDirectory } from '../site-directory.ts';

/** A rule of the configuration: for whom and where it holds, and what it takes away there. */
export interface Rule extends Narrowing {
  /** Sites in any spelling. */
  readonly sites?: readonly string[];
  readonly groups?: readonly string[];
  /** E-mail globs. */
  readonly callers?: readonly string[];
  /** Globs on ids of OAuth clients and of enrolled tokens. */
  readonly clients?: readonly string[];
  /** Views by name. */
  readonly views?: readonly string[];
}

/** One caller's way to one site. */
export interface RulePlace {
  readonly caller: Caller;
  readonly site: Site;
  /** The view of the configuration, when the URL is one's. */
  readonly viewName: string | undefined;
}

/**
 * Compiles whom and what a rule is for: every selector that it has must fit. What is not known of a
 * caller counts as fitting, because a rule only takes away (I12): nobody gets around a rule for a group
 * by coming with a credential that tells no groups.
 */
export function compileSelectors(
  rule: Rule,
  directory: Pick<SiteDirectory, 'find'>,
): (place: RulePlace) => boolean {
  const { sites, groups, callers, clients, views } = rule;
  const tests: ((place: RulePlace) => boolean)[] = [];
  if (sites) {
    const named = new Set(sites.map((name) => directory.find(name)?.cloudId));
    tests.push(({ site }) => named.has(site.cloudId));
  }
  if (views) tests.push(({ viewName }) => viewName !== undefined && views.includes(viewName));
  if (groups) tests.push(({ caller }) => mayBeIn(caller, groups));
  if (callers) {
    const fits = compileGlobs(callers, 'i');
    tests.push(({ caller: { email } }) => email === undefined || fits(email));
  }
  if (clients) {
    const fits = compileGlobs(clients);
    tests.push(({ caller: { clientId } }) => clientId !== undefined && fits(clientId));
  }
  return (place) => tests.every((test) => test(place));
}

/** Atlassian's own credentials say nothing of the company's groups. */
function mayBeIn({ method, groups: own }: Caller, groups: readonly string[]): boolean {
  if (method === 'basic' || method === 'bearer') return true;
  return own.some((group) => groups.includes(group));
}
