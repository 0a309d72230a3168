import type { AuthMethod, AuthReason, Identified } from '@switchyard/identity';
import type { UpstreamAnswer } from '@switchyard/upstream';
import type { RequestHeaders } from '@switchyard/wire';
import { LRUCache } from 'lru-cache';

import {
  type AuditedRelay,
  callEntry,
  listEntry,
  refusalEntry,
  relayEntry,
  signInEntry,
} from './audit-entries.ts';
import type { Audit } from './audit-trail.ts';
import type { CallReply, ToolCall } from './call-reply.ts';

/** Whose request is written down. */
interface AuditedCaller {
  readonly identified: Identified;
  readonly address: string;
}

/** What the way of a request has to say to the audit trail. Nothing here waits or throws. */
export interface Auditing {
  refused(what: {
    readonly address: string;
    readonly method: AuthMethod;
    readonly reason: AuthReason | 'address' | 'host' | 'origin';
    readonly status: number;
  }): void;
  /** A caller was let in: written when it is new here, or new again. */
  admitted(who: AuditedCaller): void;
  /** Wraps a call, so that a line follows its reply. */
  call(who: AuditedCaller, call: ToolCall, run: () => Promise<CallReply>): Promise<CallReply>;
  /** A request was relayed to a site, or should have been. */
  relayed(who: AuditedCaller, headers: RequestHeaders, relay: AuditedRelay): void;
  listed(who: AuditedCaller, list: { readonly latencyMs: number; readonly bytes: number }): void;
}

const MAX_KNOWN = 20_000;
const NEW_AGAIN_MS = 600_000;
const TRACE_ID = /^[0-9a-f]{2}-([0-9a-f]{32})-/;

function traceIdOf(headers: RequestHeaders): string | undefined {
  return TRACE_ID.exec(String(headers['traceparent'] ?? ''))?.[1];
}

/** Bytes of an answer, wherever they are by now. */
export function sizeOf({ body, passedOn }: UpstreamAnswer): number {
  return passedOn ?? body.length;
}

/** Without an audit trail nothing is prepared for one. */
export function createAuditing(audit: Audit): Auditing {
  if (!audit.enabled) return SILENT;
  const known = new LRUCache<string, true>({ max: MAX_KNOWN, ttl: NEW_AGAIN_MS });
  return {
    refused(what) {
      // Every OAuth client begins without a credential: that is no attempt.
      if (what.reason !== 'none') audit.record(refusalEntry(what));
    },
    admitted(who) {
      const key = `${who.identified.caller.id} ${who.identified.caller.clientId ?? ''} ${who.address}`;
      if (known.has(key)) return;
      known.set(key, true);
      audit.record(signInEntry(who));
    },
    async call(who, call, run) {
      const startedAt = performance.now();
      const reply = await run();
      const traceId = traceIdOf(call.headers);
      const { name, args, argumentsText } = call;
      const latencyMs = Math.round(performance.now() - startedAt);
      const bytes = reply.kind === 'answer' ? sizeOf(reply.answer) : undefined;
      audit.record(callEntry({ ...who, traceId }, { name, args, argumentsText, reply, latencyMs, bytes }));
      return reply;
    },
    relayed(who, headers, relay) {
      audit.record(relayEntry({ ...who, traceId: traceIdOf(headers) }, relay));
    },
    listed(who, { latencyMs, bytes }) {
      audit.record(listEntry(who, { method: 'tools/list', latencyMs, bytes }));
    },
  };
}

const SILENT: Auditing = {
  refused: () => undefined,
  admitted: () => undefined,
  call: (_who, _call, run) => run(),
  relayed: () => undefined,
  listed: () => undefined,
};
