// The answers of the MCP methods, once HTTP, credential and faults had their say.
import type { Caller } from './credentials.ts';
import type { EmulatorSettings, Generation } from './emulator-options.ts';
import { httpErrorReply, type HttpReply, RPC_CODES, resultReply, rpcErrorReply } from './http-reply.ts';
import { objectOf, textOf } from './json-value.ts';
import type { Route } from './route.ts';
import type { RpcMessage } from './rpc-message.ts';
import type { Sessions } from './sessions.ts';
import type { CallTarget, CallTool } from './tool-call.ts';
import { parseCursor, type ToolLists, type ViewRequest } from './tool-lists.ts';
import { encodeOutcome } from './tool-result.ts';

/** One message with all that is known about it. */
export interface RpcRequest {
  readonly message: RpcMessage;
  readonly route: Route;
  readonly caller: Caller;
  readonly authorization: string;
  readonly sessionId: string | undefined;
  readonly protocolVersion: string | undefined;
  /** Set for tools/call. */
  readonly target: CallTarget | undefined;
}

/** What the methods need of the emulator. */
export interface RpcParts {
  readonly settings: Readonly<EmulatorSettings>;
  readonly sessions: Sessions;
  readonly lists: ToolLists;
  readonly callTool: CallTool;
}

const PROTOCOL_VERSIONS: readonly string[] = ['2025-03-26', '2025-06-18', '2025-11-25'];
const NEWEST_PROTOCOL_VERSION = '2025-11-25';
const SERVER = { name: 'atlassian-mcp-server', version: '1.1.3' } as const;
const ACCEPTED: HttpReply = { status: 202 };

/** The generation that a URL serves: after the switch of 2027-03-01 a v1 URL serves v2. */
export function servedGeneration(generation: Generation, settings: Readonly<EmulatorSettings>): Generation {
  return settings.v1ServesV2 ? 'v2' : generation;
}

/** Builds the function that answers messages. */
export function createRpcMethods(parts: RpcParts): (request: RpcRequest) => HttpReply {
  return (request) => {
    const { message } = request;
    // A server of before 2026-07-28 does not know the method and says so before it asks for a session.
    if (message.method === 'server/discover') return unknownMethod(message, 400, parts);
    if (message.method === 'initialize' && message.hasId) return initialize(request, parts);
    const refusal = sessionProblem(request, parts.sessions);
    if (refusal !== undefined) return refusal;
    if (!message.hasId) return ACCEPTED;
    switch (message.method) {
      case 'ping':
        return resultReply(message.id, '{}', parts.settings);
      case 'tools/list':
        return listTools(request, parts);
      case 'tools/call':
        return callTool(request, parts);
      default:
        return unknownMethod(message, 200, parts);
    }
  };
}

/** The 400 or 404 of a missing, unknown or foreign session or an unsupported protocol version. */
export function sessionProblem(
  request: Pick<RpcRequest, 'sessionId' | 'authorization' | 'route' | 'protocolVersion'>,
  sessions: Sessions,
): HttpReply | undefined {
  const { sessionId, authorization, route, protocolVersion } = request;
  if (protocolVersion !== undefined && !PROTOCOL_VERSIONS.includes(protocolVersion)) {
    const message = `Bad Request: Unsupported protocol version (supported versions: ${PROTOCOL_VERSIONS.join(', ')})`;
    return httpErrorReply(400, { code: RPC_CODES.server, message });
  }
  if (sessionId === undefined) {
    return httpErrorReply(400, {
      code: RPC_CODES.server,
      message: 'Bad Request: Mcp-Session-Id header is required',
    });
  }
  if (sessions.find(sessionId, { authorization, lane: route.lane }) !== undefined) return undefined;
  return httpErrorReply(404, { code: RPC_CODES.sessionNotFound, message: 'Session not found' });
}

function initialize(
  { message, route, authorization }: RpcRequest,
  { settings, sessions }: RpcParts,
): HttpReply {
  const asked = textOf(objectOf(message.params)['protocolVersion']);
  const result = JSON.stringify({
    protocolVersion:
      asked !== undefined && PROTOCOL_VERSIONS.includes(asked) ? asked : NEWEST_PROTOCOL_VERSION,
    capabilities: { tools: { listChanged: settings.getStream } },
    serverInfo: SERVER,
  });
  const session = sessions.open({ authorization, lane: route.lane }, route.generation);
  const reply = resultReply(message.id, result, settings);
  return { ...reply, headers: { ...reply.headers, 'mcp-session-id': session.id } };
}

function listTools(request: RpcRequest, parts: RpcParts): HttpReply {
  const { message, caller } = request;
  if (caller.standing === 'wrong-kind') return unknownMethod(message, 200, parts);
  const cursor = objectOf(message.params)['cursor'];
  const offset = cursor === undefined ? 0 : parseCursor(textOf(cursor) ?? '');
  const page =
    offset === undefined ? undefined : parts.lists.view(viewRequest(request, parts)).pages.get(offset);
  if (page !== undefined) return resultReply(message.id, page, parts.settings);
  const error = { code: RPC_CODES.invalidParams, message: 'Invalid cursor' };
  return rpcErrorReply(message.id, error, parts.settings);
}

function callTool(request: RpcRequest, parts: RpcParts): HttpReply {
  const { message, caller, target } = request;
  const { settings } = parts;
  if (caller.standing === 'wrong-kind') return unknownMethod(message, 200, parts);
  if (target === undefined || target.name === '') {
    return rpcErrorReply(
      message.id,
      { code: RPC_CODES.invalidParams, message: 'name is required' },
      settings,
    );
  }
  const view = viewRequest(request, parts);
  const outcome = parts.callTool({ target, request: view });
  if (outcome !== undefined) {
    return resultReply(message.id, encodeOutcome(outcome, view.generation, settings), settings);
  }
  const error = { code: RPC_CODES.invalidParams, message: `Unknown tool: ${target.name}` };
  return rpcErrorReply(message.id, error, settings);
}

function viewRequest({ route, caller }: RpcRequest, { settings }: RpcParts): ViewRequest {
  const { lane, flat, capabilities } = route;
  return { lane, flat, capabilities, caller, generation: servedGeneration(route.generation, settings) };
}

function unknownMethod(message: RpcMessage, status: 200 | 400, { settings }: RpcParts): HttpReply {
  const error = { code: RPC_CODES.methodNotFound, message: 'Method not found' };
  return status === 400 ? httpErrorReply(400, error) : rpcErrorReply(message.id, error, settings);
}
