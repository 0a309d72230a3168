import type { Upstream } from '@switchyard/upstream';

import { type ChangeHub, type ChangeListener, changeKey } from './change-hub.ts';
import { type Opening, waysOf } from './runtime.ts';

/** What changes at the sites that somebody sees. */
export interface SiteChanges {
  /** Listens to them; sites without sessions are asked to tell meanwhile. Returns the way out. */
  listen(openings: readonly Opening[], uris: readonly string[], listener: ChangeListener): () => void;
  /** Whether a site can be asked to tell of single resources. Never rejects. */
  tellsOfResources(opening: Opening): Promise<boolean>;
}

export function createSiteChanges(hub: ChangeHub, upstream: Upstream): SiteChanges {
  return {
    listen(openings, uris, listener) {
      const requests = openings.flatMap(waysOf).map(({ request }) => request);
      const keys = requests.map(({ target }) => changeKey(target.credential.id, target.endpoint));
      const ways = [
        hub.listen(keys, listener),
        ...requests.map(({ target, closed }) =>
          upstream.watch(target, { uris, isClosed: () => closed?.() !== undefined }),
        ),
      ];
      return () => {
        for (const leave of ways) leave();
      };
    },
    tellsOfResources: async ({ request: { target, closed } }) =>
      closed?.() === undefined && upstream.tells(target),
  };
}
