import { compileGlobs } from './glob.ts';
import type { Caller, Site } from './model.ts';

/** Why a caller may not use a site at all. */
export type AccessDenial = 'credential_kind' | 'not_reached' | 'not_allowed' | 'not_picked';

/**
 * Whether a caller may use a site at all: the kind of credential, what its account reaches, whom `allow` names, what
 * the person picked. Whether the site is connected is another question.
 */
export function mayUse(caller: Caller, site: Site): boolean {
  return accessDenial(caller, site) === undefined;
}

/** The first thing that stands against it; undefined when the caller may use the site. */
export function accessDenial(caller: Caller, site: Site): AccessDenial | undefined {
  const entry = entryDenial(caller, site);
  if (entry) return entry;
  if (!(site.allow === undefined ? site.identity === 'personal' : isNamed(caller, site.allow)))
    return 'not_allowed';
  return caller.picks?.cloudIds?.has(site.cloudId) === false ? 'not_picked' : undefined;
}

/** An API token is bound to the sites of its account; people who sign in here link their sites one by one. */
function entryDenial({ method, cloudIds }: Caller, site: Site): AccessDenial | undefined {
  if (method === 'oauth' || method === 'token') return undefined;
  if (site.apiToken === false) return 'credential_kind';
  return site.identity === 'shared' || cloudIds.has(site.cloudId) ? undefined : 'not_reached';
}

/** Whether an `allow` list names the caller: `*`, a group, or a verified e-mail address. */
function isNamed(caller: Caller, allow: readonly string[]): boolean {
  if (allow.includes('*')) return true;
  if (caller.groups.some((group) => allow.includes(`group:${group}`))) return true;
  return caller.email !== undefined && matchesEmail(caller.email, allow);
}

/** A second `@` would let `eve@evil.example@acme.example` pass for an address of acme. */
function matchesEmail(email: string, allow: readonly string[]): boolean {
  if (email.split('@').length !== 2) return false;
  const globs = allow.filter((entry) => entry.includes('@') && !entry.startsWith('group:'));
  return compileGlobs(globs, 'i')(email);
}
