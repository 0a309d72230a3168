import type { Telemetry } from '@switchyard/telemetry';
import { METHOD_NOT_FOUND, resultText } from '@switchyard/wire';

import type { Gateway } from '../gateway/gateway.ts';
import { createCallHandler } from './call-handler.ts';
import { initializeResult } from './initialize.ts';
import type { McpHandler } from './mcp-exchange.ts';
import { sendError, sendJson, sendPieces } from './respond.ts';

const CLOSE = Buffer.from('}');

/** Which method is answered by what. */
export function createMcpHandlers(parts: {
  gateway: Gateway;
  telemetry: Telemetry;
}): (method: string) => McpHandler {
  const handlers: Readonly<Record<string, McpHandler>> = {
    initialize({ res, message }) {
      sendJson(res, resultText(message.idText, JSON.stringify(initializeResult(message.params))));
      return undefined;
    },
    ping({ res, message }) {
      sendJson(res, resultText(message.idText, '{}'));
      return undefined;
    },
    async 'tools/list'({ res, admitted: { view, openings, runtime }, message }) {
      const result = await parts.gateway.answers.tools(view, openings, runtime.config.discovery.deadlineMs);
      sendPieces(res, [Buffer.from(`{"jsonrpc":"2.0","id":${message.idText},"result":`), result, CLOSE]);
      return undefined;
    },
    'tools/call': createCallHandler(parts),
  };
  return (method) => (Object.hasOwn(handlers, method) ? handlers[method] : undefined) ?? unknownMethod;
}

const unknownMethod: McpHandler = ({ res, message }) => {
  sendError(res, message.idText, { code: METHOD_NOT_FOUND, message: `Method not found: ${message.method}` });
  return 'method_not_found';
};
