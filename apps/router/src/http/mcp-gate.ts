import type { IncomingMessage } from 'node:http';

import type { View } from '@switchyard/catalogue';
import type { AuthMethod, Identified, AuthReason } from '@switchyard/identity';

import type { Gateway } from '../gateway/gateway.ts';
import type { Opening, Runtime } from '../gateway/runtime.ts';
import { unknownSite } from '../gateway/url-views.ts';
import { challenge } from './challenge.ts';
import type { Refusal } from './respond.ts';
import type { CheckSameSite } from './same-site.ts';

/** A request that may be read: who asks, on which view, with what open to them. */
export interface Admitted {
  readonly runtime: Runtime;
  readonly identified: Identified;
  readonly view: View;
  readonly openings: readonly Opening[];
}

/** There is no session to end; clients that say goodbye all the same are told it is done. */
interface Goodbye {
  readonly goodbye: true;
}

type Passed = Admitted | Refusal | Goodbye;

export type Gate = (req: IncomingMessage) => Promise<Passed> | Passed;

export interface GateOptions {
  readonly gateway: Gateway;
  readonly sameSite: CheckSameSite;
  readonly publicUrl: () => string;
  readonly onRefused: (method: AuthMethod, reason: AuthReason | 'address' | 'host' | 'origin') => void;
}

/** Address, then Host and Origin, then method, then credential, then place: nothing is told before it must be. */
export function createGate({ gateway, sameSite, publicUrl, onRefused }: GateOptions): Gate {
  return (req) => {
    const runtime = gateway.runtime();
    const early = checkSender(req, runtime) ?? checkMethod(req);
    if (early) return early;
    const outcome = gateway.inbound.authenticate(req.headers.authorization, req.socket);
    const path = pathOf(req);
    if (outcome instanceof Promise) return outcome.then((settled) => place(settled));
    return place(outcome);

    function place(settled: Awaited<typeof outcome>): Admitted | Refusal {
      if (settled.ok) return findPlace(runtime, settled, req.url ?? '/');
      const { status, text, retryAfterSeconds } = settled.refusal;
      const headers: Record<string, string> = {};
      if (status === 401) headers['www-authenticate'] = challenge(publicUrl(), path);
      if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds);
      return { status, message: text, headers };
    }
  };

  function checkSender(req: IncomingMessage, { addresses }: Runtime): Refusal | undefined {
    if (!addresses.admits(addresses.clientAddress(req))) {
      onRefused('other', 'address');
      return {
        status: 403,
        message:
          'Your address is not allowed to use this connector. Ask its administrator to add it to auth.ipAllowlist.',
      };
    }
    const fault = sameSite(req);
    if (!fault) return undefined;
    onRefused('other', fault);
    return {
      status: 403,
      message: `The ${fault === 'host' ? 'Host' : 'Origin'} of this request is not one of this connector's.`,
    };
  }
}

function checkMethod(req: IncomingMessage): Refusal | Goodbye | undefined {
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

function findPlace(runtime: Runtime, identified: Identified, url: string): Admitted | Refusal {
  const found = runtime.viewOf(url);
  if (!found.ok) return { status: found.status, message: found.message };
  const openings = runtime.openings(found.view, identified);
  if (found.named !== undefined && openings.length === 0) {
    return { status: 404, message: unknownSite(found.named) };
  }
  return { runtime, identified, view: found.view, openings };
}

function pathOf(req: IncomingMessage): string {
  return (req.url ?? '/').replace(/[?#].*$/, '');
}
