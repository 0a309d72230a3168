import { compileGlobs } from './glob.ts';
import type { Caller, Site } from './model.ts';

/** Whether a caller may use a site at all: what its account reaches, and whom `allow` names. */
export function mayUse(caller: Caller, site: Site): boolean {
  const reached = site.identity === 'shared' || caller.cloudIds.has(site.cloudId);
  return reached && (site.allow === undefined ? site.identity === 'personal' : isNamed(caller, site.allow));
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
