import type { Credential } from '@switchyard/catalogue';
import type { ClientCapabilities } from '@switchyard/wire';

import type { CancelSignal } from './deadline.ts';
import type { Lease } from './lent-bytes.ts';
import type { UpstreamErrorCode } from './upstream-error.ts';

/** Where a request goes and in whose name. */
export interface UpstreamTarget {
  /** The site's label, for events and the circuit; the session does not depend on it. */
  readonly site: string;
  readonly endpoint: string;
  readonly credential: Credential;
  /** Which protocol to try first: the client's own. A site that speaks only the other one is served in that. Default: `legacy`. */
  readonly era?: 'legacy' | 'modern';
  /** What the client can do for the site (elicitation, sampling, roots); part of what a session is opened with. */
  readonly capabilities?: ClientCapabilities;
}

/** Whom and where: what is known of a site holds for one credential at one endpoint. */
export function placeOf({ credential, endpoint }: UpstreamTarget): string {
  return `${credential.id} ${endpoint}`;
}

/** What identifies a session at its site: enough to answer a request that the site made on it, from any replica. */
export interface SessionRef {
  readonly endpoint: string;
  readonly sessionId: string | undefined;
  readonly protocolVersion: string | undefined;
}

/** One request to a site. */
export interface UpstreamRequest {
  readonly method: string;
  /** JSON text of `params`. */
  readonly paramsText: string;
  /** True for what only reads: it may be sent twice. A write never is (I4). */
  readonly idempotent: boolean;
  readonly timeoutMs: number;
  readonly signal?: CancelSignal | undefined;
  /** Headers that only a site of the modern era gets (`Mcp-Param-*`). */
  readonly paramHeaders?: Readonly<Record<string, string>> | undefined;
  /** The log level that a modern client asked for. */
  readonly logLevel?: string | undefined;
  /** JSON text of each message that arrives before the answer: notifications, and requests of the site itself. */
  readonly onMessage?: ((message: Buffer, session: SessionRef) => void) | undefined;
  /** Who takes a large result while it arrives, and gives the body of any other back; without one, every answer is held until it is whole. */
  readonly reader?: LargeAnswerReader | undefined;
}

/** Offered each result that is too large to be held. Undefined: it is held all the same. */
export interface LargeAnswerReader {
  takeLarge(answer: LargeAnswer): LargeAnswerSink | undefined;
}

/** A result of which the beginning has come. It was not looked into further than that. */
export interface LargeAnswer {
  /** The first bytes of the response. */
  readonly start: Buffer;
  /** The id's JSON text, and where it stands in `start`; -1: it comes behind the result. */
  readonly idText: string;
  readonly idAt: number;
  readonly era: 'legacy' | 'modern';
  /** Bytes of the whole response, where the site has said it. */
  readonly length: number | undefined;
  /** Takes no more from the site until `resume`, which must come in time: else the request is given up. */
  pause(maxMs: number): void;
  resume(): void;
  /** Nobody reads it any more. */
  giveUp(): void;
}

/** Where the bytes behind `start` go, each as soon as it has come. One of `end` and `broken` is the last call. */
export interface LargeAnswerSink {
  write(bytes: Buffer): void;
  /** The last bytes, and where the id stands in them; -1: it stood in `start`. */
  end(bytes: Buffer, idAt: number): void;
  /** The rest will never come. */
  broken(): void;
}

/** A whole JSON-RPC response as upstream sent it, under Switchyard's own id. */
export interface UpstreamAnswer {
  readonly body: Buffer;
  /** The id's JSON text inside `body`, and where it stands there, in bytes. */
  readonly idText: string;
  readonly idAt: number;
  readonly era: 'legacy' | 'modern';
  /** So many bytes went to the reader of the request already; of those, `body` has both ends for a look at what it was. */
  readonly passedOn?: number;
  /** `body` is lent: valid until it is given back, which frees it for another answer. */
  readonly lease?: Lease | undefined;
}

/** Facts that the adapter reports; the process turns them into metrics and log lines. */
export type UpstreamEvent =
  | {
      readonly type: 'operation';
      readonly method: string;
      readonly site: string;
      readonly errorType: string | undefined;
      readonly durationMs: number;
    }
  | { readonly type: 'retry'; readonly site: string; readonly reason: string }
  /** A large answer ended in its middle, when its beginning could not be taken back any more. */
  | { readonly type: 'broken-off'; readonly site: string; readonly reason: UpstreamErrorCode }
  | { readonly type: 'circuit'; readonly site: string; readonly state: CircuitState }
  | { readonly type: 'sessions'; readonly site: string; readonly count: number }
  | {
      /** A message of the site that belongs to no request: a list or a resource changed. */
      readonly type: 'notification';
      readonly endpoint: string;
      readonly credentialId: string;
      readonly method: string;
      readonly params: unknown;
    };

export type CircuitState = 'closed' | 'half-open' | 'open';
