import { PATHS } from './provider.ts';
import type { Resources } from './resources.ts';

/** Finds the path of the protocol that a path means; undefined: none. */
export type FindRoute = (path: string) => string | undefined;

const METADATA = /^(\/.*)?\/\.well-known\/(oauth-authorization-server|openid-configuration)(\/.*)?$/;
const RESUMED = /^\/oauth\/authorize\/[\w-]{1,64}$/;
const PLAIN: ReadonlySet<string> = new Set(Object.values(PATHS));
/** Where clients of the first MCP authorization (2025-03-26) look when they read no metadata. */
const FALLBACKS: Readonly<Record<string, string>> = {
  '/authorize': PATHS.authorization,
  '/token': PATHS.token,
  '/register': PATHS.registration,
};

/**
 * Clients look for metadata at the root, insert the path of the MCP URL into the well-known one, or append the well-known
 * one to it: all of them get the same document.
 */
export function createRoutes(issuer: string, resources: Resources): FindRoute {
  const isPlace = (path: string): boolean =>
    path === '' || resources.resolve(`${issuer}${path}`) !== undefined;

  return (path) => {
    const [, appendedTo = '', name, inserted = ''] = METADATA.exec(path) ?? [];
    if (name !== undefined) {
      const found = appendedTo === '' || inserted === '' ? isPlace(appendedTo + inserted) : false;
      return found ? `/.well-known/${name}` : undefined;
    }
    const target = Object.hasOwn(FALLBACKS, path) ? (FALLBACKS[path] ?? path) : path;
    return PLAIN.has(target) || RESUMED.test(target) ? target : undefined;
  };
}
