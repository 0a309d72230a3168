import type { View } from '@switchyard/catalogue';
import {
  type AuthMethod,
  type AuthReason,
  type AuthRefusal,
  type Identified,
  methodOf,
  refusals,
} from '@switchyard/identity';

import type { Gateway } from '../gateway/gateway.ts';
import type { Opening, Runtime } from '../gateway/runtime.ts';
import { unknownSite } from '../gateway/url-views.ts';
import { challenge } from './challenge.ts';
import type { HttpRequest } from './http-request.ts';
import type { Refusal } from './respond.ts';
import type { CheckSameSite } from './same-site.ts';

/** A request that may be read: who asks, on which view, with what open to them. */
export interface Admitted {
  readonly runtime: Runtime;
  readonly identified: Identified;
  readonly view: View;
  readonly openings: readonly Opening[];
  /** Where the request came from. */
  readonly address: string;
}

/** There is no session to end; clients that say goodbye all the same are told it is done. */
interface Goodbye {
  readonly goodbye: true;
}

export type Passed = Admitted | Refusal | Goodbye;

export type Gate = (req: HttpRequest) => Promise<Passed> | Passed;

export interface GateOptions {
  readonly gateway: Gateway;
  readonly sameSite: CheckSameSite;
  readonly publicUrl: () => string;
  readonly onRefused: (method: AuthMethod, reason: Barrier) => void;
}

/** Address, then Host and Origin, then method, then credential, then place: nothing is told before it must be. */
export function createGate({ gateway, sameSite, publicUrl, onRefused }: GateOptions): Gate {
  const clear = createClearing({ gateway, publicUrl, checkSender });

  return (req) => {
    const cleared = clear(req);
    if (!('resource' in cleared)) return cleared;
    const { runtime, address, path, resource } = cleared;
    const outcome = gateway.authenticate(req.headers.authorization, { resource, connection: req.socket });
    if (outcome instanceof Promise) return outcome.then((settled) => place(settled));
    return place(outcome);

    function place(settled: Awaited<typeof outcome>): Admitted | Refusal {
      if (!settled.ok) {
        const { reason, status } = settled.refusal;
        const method = methodOf(req.headers.authorization);
        gateway.auditing.refused({ address, method, reason, status });
        return refusalOf(settled.refusal, path);
      }
      const barrier = gateway.admit(settled, address);
      if (barrier !== undefined) return refuseKnown(barrier, { address, path });
      gateway.auditing.admitted({ identified: settled, address });
      return findPlace({ runtime, identified: settled, address }, req.url ?? '/');
    }
  };

  function refusalOf({ status, text, retryAfterSeconds }: AuthRefusal, path: string): Refusal {
    const headers: Record<string, string> = {};
    if (status === 401) headers['www-authenticate'] = challenge(publicUrl(), path);
    if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds);
    return { status, message: text, headers };
  }

  /** Somebody who is known, and is not served right now. */
  function refuseKnown(barrier: AuthReason | 'address', where: { address: string; path: string }): Refusal {
    const refusal = barrier === 'address' ? WRONG_ADDRESS : refusalOf(refusals[barrier], where.path);
    tellRefusal(barrier, where.address, refusal);
    return refusal;
  }

  function checkSender(
    req: HttpRequest,
    { runtime, address }: Pick<Admitted, 'runtime' | 'address'>,
  ): Refusal | undefined {
    if (!runtime.addresses.admits(address)) {
      tellRefusal('address', address, WRONG_ADDRESS);
      return WRONG_ADDRESS;
    }
    const fault = sameSite(req);
    if (!fault) return undefined;
    const message = `The ${fault === 'host' ? 'Host' : 'Origin'} of this request is not one of this connector's.`;
    tellRefusal(fault, address, { status: 403, message });
    return { status: 403, message };
  }

  function tellRefusal(reason: Barrier, address: string, { status }: Refusal): void {
    onRefused('other', reason);
    gateway.auditing.refused({ address, method: 'other', reason, status });
  }
}

/** What a head says before anybody is known by it. */
interface Cleared extends Pick<Admitted, 'runtime' | 'address'> {
  readonly path: string;
  /** The URL that a token must be for. */
  readonly resource: string;
}

interface ClearingOptions extends Pick<GateOptions, 'gateway' | 'publicUrl'> {
  readonly checkSender: (
    req: HttpRequest,
    where: Pick<Admitted, 'runtime' | 'address'>,
  ) => Refusal | undefined;
}

/** The lane brings one head again and again: what follows from it and the configuration alone is found once. */
function createClearing({
  gateway,
  publicUrl,
  checkSender,
}: ClearingOptions): (req: HttpRequest) => Cleared | Refusal | Goodbye {
  const known = new WeakMap<HttpRequest, Cleared>();
  return (req) => {
    const runtime = gateway.runtime();
    const before = known.get(req);
    if (before?.runtime === runtime) return before;
    const address = runtime.addresses.clientAddress(req);
    const early = checkSender(req, { runtime, address }) ?? checkMethod(req);
    if (early) return early;
    const path = pathOf(req);
    const cleared = { runtime, address, path, resource: `${publicUrl()}${runtime.resourceOf(path) ?? path}` };
    known.set(req, cleared);
    return cleared;
  };
}

type Barrier = AuthReason | 'address' | 'host' | 'origin';

const WRONG_ADDRESS: Refusal = {
  status: 403,
  message:
    'Your address is not allowed to use this connector. Ask its administrator to add it to auth.ipAllowlist.',
};

function checkMethod(req: HttpRequest): Refusal | Goodbye | undefined {
  if (req.method === 'POST') return undefined;
  if (req.method === 'DELETE') return { goodbye: true };
  // Only a client that was given a session id has a stream to open; the id itself is looked at later.
  if (req.method === 'GET' && req.headers['mcp-session-id'] !== undefined) return undefined;
  return METHOD_NOT_ALLOWED;
}

/** Clients probe with GET, with or without a credential; anything but 405 makes them loop or sign in again. */
export const METHOD_NOT_ALLOWED: Refusal = {
  status: 405,
  message: 'Method not allowed: send MCP messages by POST',
  headers: { allow: 'POST, DELETE' },
};

function findPlace(
  { runtime, identified, address }: Pick<Admitted, 'runtime' | 'identified' | 'address'>,
  url: string,
): Admitted | Refusal {
  const found = runtime.viewOf(url);
  if (!found.ok) return { status: found.status, message: found.message };
  const openings = runtime.openings(found.view, identified);
  if (found.named !== undefined && openings.length === 0) {
    return { status: 404, message: unknownSite(found.named) };
  }
  return { runtime, identified, view: found.view, openings, address };
}

function pathOf(req: HttpRequest): string {
  return (req.url ?? '/').replace(/[?#].*$/, '');
}
