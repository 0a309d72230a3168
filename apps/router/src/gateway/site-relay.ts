import type { Access } from '@switchyard/catalogue';
import {
  type SessionRef,
  type Upstream,
  type UpstreamAnswer,
  type UpstreamRequest,
} from '@switchyard/upstream';

import type { ClientContext } from './client-context.ts';
import { unrecorded } from './closed-site.ts';
import { type Opening, targetFor } from './runtime.ts';

/**
 * Everything between a client and one site that is not a tool: relayed whole on a single-site URL. A site that must not
 * be asked is not, nor one while what is relayed cannot be written down: then each rejects with SiteClosed.
 */
export interface SiteRelay {
  /** Throws UpstreamError. */
  send(opening: Opening, client: ClientContext, request: UpstreamRequest): Promise<UpstreamAnswer>;
  /** Answers a request that the site made. Throws UpstreamError. */
  respond(opening: Opening, session: SessionRef, message: string): Promise<void>;
  /** What the site offers; throws UpstreamError. Learnt once per endpoint: it is the server's, not the caller's. */
  capabilities(opening: Opening, client: ClientContext): Promise<Readonly<Record<string, unknown>>>;
}

export function createSiteRelay(parts: {
  readonly upstream: Upstream;
  /** Whether what could not be recorded now must not be done. */
  readonly refuses: (access: Access) => boolean;
}): SiteRelay {
  const { upstream, refuses } = parts;
  const learnt = new Map<string, Readonly<Record<string, unknown>>>();
  return {
    async send(opening, client, request) {
      checkOpen(opening);
      // Relayed is only what may be read.
      if (refuses('read')) throw unrecorded('read');
      return upstream.send(targetFor(opening, client), request);
    },
    async respond(opening, session, message) {
      checkOpen(opening);
      return upstream.respond(opening.request.target, session, message);
    },
    async capabilities(opening, client) {
      checkOpen(opening);
      const key = `${client.era} ${opening.site.endpoint}`;
      const known = learnt.get(key);
      if (known) return known;
      const found = await upstream.capabilities(targetFor(opening, client));
      learnt.set(key, found);
      return found;
    },
  };
}

function checkOpen({ request }: Opening): void {
  const closed = request.closed?.();
  if (closed) throw closed;
}

/** What has no product cannot be judged: it is relayed only where everything may be read (I12). */
export function relaysFreely({ policy }: Opening): boolean {
  const anything = {
    product: 'other',
    verb: 'read',
    access: 'read',
    leastAccess: 'read',
    known: false,
  } as const;
  return policy.denies('', anything) === undefined;
}

/** Methods that change a session for everybody who shares it. */
const SESSION_WIDE: readonly string[] = ['logging/setLevel', 'resources/subscribe', 'resources/unsubscribe'];

/** Whether a method of a single-site URL goes to its site; on a shared site nobody sets anything for the others. */
export function relaysMethod(opening: Opening, method: string): boolean {
  if (opening.site.identity === 'shared' && SESSION_WIDE.includes(method)) return false;
  return relaysFreely(opening);
}
