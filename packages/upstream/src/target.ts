import type { Credential } from '@switchyard/catalogue';

/** Where a request goes and in whose name. */
export interface UpstreamTarget {
  /** The site's label, for events and the circuit; the session does not depend on it. */
  readonly site: string;
  readonly endpoint: string;
  readonly credential: Credential;
}

/** One request to a site. */
export interface UpstreamRequest {
  readonly method: string;
  /** JSON text of `params`. */
  readonly paramsText: string;
  /** True for what only reads: it may be sent twice. A write never is (I4). */
  readonly idempotent: boolean;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** JSON text of each message that arrives before the answer. */
  readonly onNotification?: (message: Buffer) => void;
}

/** A whole JSON-RPC response as upstream sent it, under Switchyard's own id. */
export interface UpstreamAnswer {
  readonly body: Buffer;
  /** The id's JSON text inside `body`. */
  readonly idText: string;
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
  | { readonly type: 'circuit'; readonly site: string; readonly state: CircuitState }
  | { readonly type: 'sessions'; readonly site: string; readonly count: number }
  | { readonly type: 'list-changed'; readonly endpoint: string; readonly credentialId: string };

export type CircuitState = 'closed' | 'half-open' | 'open';
