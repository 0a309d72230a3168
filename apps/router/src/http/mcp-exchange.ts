import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Incoming } from '@switchyard/wire';

import type { Admitted } from './mcp-gate.ts';

/** A client's JSON-RPC request. */
export type McpRequest = Extract<Incoming, { kind: 'request' }>;

/** One request of one known caller, and where its answer goes. */
export interface McpExchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly admitted: Admitted;
  readonly message: McpRequest;
}

/** Answers a request; returns how it failed, for the metric, or undefined. */
export type McpHandler = (exchange: McpExchange) => Promise<string | undefined> | string | undefined;
