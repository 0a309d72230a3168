import type { Access } from '@switchyard/catalogue';
import { editObject, type Edits } from '@switchyard/json-text';
import {
  type SessionRef,
  type Upstream,
  type UpstreamAnswer,
  type UpstreamRequest,
} from '@switchyard/upstream';

import type { ClientContext } from './client-context.ts';
import { unrecorded } from './closed-site.ts';
import { type Opening, targetFor } from './runtime.ts';
import { type AskAll, inputRequiredOf, takeSiteTurns, type Unanswered } from './site-turns.ts';

/**
 * Everything between a client and one site that is not a tool: relayed whole on a single-site URL. A site that must not
 * be asked is not, nor one while what is relayed cannot be written down: then each rejects with SiteClosed.
 */
export interface SiteRelay {
  /** Throws UpstreamError; says why where the site wanted to know something and did not get it. */
  send(
    opening: Opening,
    client: ClientContext,
    request: RelayedRequest,
  ): Promise<UpstreamAnswer | Unanswered>;
  /** Answers a request that the site made. Throws UpstreamError. */
  respond(opening: Opening, session: SessionRef, message: string): Promise<void>;
  /** What the site offers; throws UpstreamError. Learnt once per endpoint: it is the server's, not the caller's. */
  capabilities(opening: Opening, client: ClientContext): Promise<Readonly<Record<string, unknown>>>;
}

interface RelayedRequest extends UpstreamRequest {
  /** Puts what a site of the modern era wants to know to a client of the session era; absent: nobody can be asked. */
  readonly askAll?: AskAll;
}

export function createSiteRelay(parts: {
  readonly upstream: Upstream;
  /** Whether what could not be recorded now must not be done. */
  readonly refuses: (access: Access) => boolean;
}): SiteRelay {
  const { upstream, refuses } = parts;
  const learnt = new Map<string, Readonly<Record<string, unknown>>>();
  return {
    async send(opening, client, { askAll, ...request }) {
      checkOpen(opening);
      // Relayed is only what may be read.
      if (refuses('read')) throw unrecorded('read');
      const target = targetFor(opening, client);
      const first = await upstream.send(target, request);
      const required = client.era === 'legacy' ? inputRequiredOf(first) : undefined;
      if (!required) return first;
      const { signal, timeoutMs: waitMs } = request;
      const send = async (added: Edits, timeoutMs: number): Promise<UpstreamAnswer> => {
        checkOpen(opening);
        const paramsText = editObject(request.paramsText, added);
        return upstream.send(target, { ...request, paramsText, timeoutMs });
      };
      return takeSiteTurns(required, { send, askAll, waitMs, signal });
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
