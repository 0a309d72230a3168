import { locate, type Target } from '@switchyard/catalogue';

import type { CallContext } from './named-call.ts';
import type { Opening } from './runtime.ts';

/** Where a name leads for one caller on one view. */
export interface CallRoute {
  readonly target: Target | undefined;
  /** The site's, when it leads to one that is open to the caller. */
  readonly opening: Opening | undefined;
}

/** More names than a caller uses; clients can make up any number. */
const MAX_NAMES = 1_000;

/** Finds routes. Openings belong to one caller, one view and one configuration: what was found for them once, holds while they do. */
export function createCallRoutes(): (
  context: Pick<CallContext, 'runtime' | 'view' | 'openings'>,
  name: string,
) => CallRoute {
  const known = new WeakMap<readonly Opening[], Map<string, CallRoute>>();

  return function routeOf({ runtime, view, openings }, name) {
    const routes = known.get(openings) ?? new Map<string, CallRoute>();
    const route = routes.get(name);
    if (route) return route;
    const sites = openings.map(({ site }) => site);
    const target = locate(view, name, { sites, directory: runtime.directory });
    const opening = openings.find(({ site }) => target?.kind === 'site' && site === target.site);
    const found = { target, opening };
    if (routes.size >= MAX_NAMES) routes.clear();
    known.set(openings, routes.set(name, found));
    return found;
  };
}
