import type { CancelSignal, LargeAnswerReader } from '@switchyard/upstream';
import type { Incoming } from '@switchyard/wire';

import type { ClientContext } from '../gateway/client-context.ts';
import type { Sealer } from '../gateway/sealer.ts';
import type { HttpRequest } from './http-request.ts';
import type { Admitted } from './mcp-gate.ts';
import type { Reply } from './reply.ts';

/** A client's JSON-RPC request. */
type McpRequest = Extract<Incoming, { kind: 'request' }>;

/** One request of one known caller, and where its answer goes. */
export interface McpExchange extends LargeAnswerReader {
  readonly req: HttpRequest;
  readonly res: Reply;
  readonly admitted: Admitted;
  readonly message: McpRequest;
  readonly client: ClientContext;
  /** Seals state for this caller. */
  readonly sealer: Sealer;
  /** Ends when the client cancels: by a message in the old era, by leaving in the new one. */
  readonly signal: CancelSignal;
  /** The work outlives this request: from now on only the returned function ends it. */
  keep(): () => void;
  /** A question went out as the answer of this request: what its site answers is for a later one. */
  isAsked: boolean;
}

/** Answers a request; returns how it failed, for the metric, or undefined. */
export type McpHandler = (exchange: McpExchange) => Promise<string | undefined> | string | undefined;
