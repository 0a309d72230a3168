// The upstream of the conformance run: one server that plays an Atlassian endpoint and offers every tool,
// prompt and resource that the official suite calls by name. Both eras: 2026-07-28 without sessions, 2025-11-25 with.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

import {
  localhostHostValidation,
  localhostOriginValidation,
  toNodeHandler,
} from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  isLegacyRequest,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';

import { createEventLog } from './event-log.mjs';
import { createFixtureServer } from './fixture-server.mjs';
import { listen } from './listen.mjs';

/** More open sessions than one run of the suite makes; the oldest goes first. */
const MAX_SESSIONS = 512;

/** How soon a client whose stream was closed should ask again. */
const RETRY_MS = 50;

/**
 * Starts the fixture on a free port of 127.0.0.1. It takes any credential, or none.
 * @param {{cloudId: string, sessions?: boolean}} options the site that it says it serves; whether it speaks the
 *   session era too
 * @returns {Promise<{port: number, close: () => Promise<void>}>} served at `/mcp`
 */
export async function startFixture({ cloudId, sessions: hasSessions = true }) {
  /** @type {Map<string, {transport: WebStandardStreamableHTTPServerTransport, server: import('@modelcontextprotocol/server').McpServer}>} */
  const sessions = new Map();
  const changes = {
    tools() {
      modern.notify.toolsChanged();
      for (const { server } of sessions.values()) server.sendToolListChanged();
    },
    prompts() {
      modern.notify.promptsChanged();
      for (const { server } of sessions.values()) server.sendPromptListChanged();
    },
  };
  const modern = createMcpHandler(() => createFixtureServer({ cloudId, changes }), { legacy: 'reject' });

  /** @param {Request} request */
  async function route(request) {
    if (!hasSessions || !(await isLegacyRequest(request))) return modern.fetch(request);
    const id = request.headers.get('mcp-session-id');
    if (id === null) return (await openSession()).handleRequest(request);
    const session = sessions.get(id);
    return session ? session.transport.handleRequest(request) : unknownSession();
  }

  /** A transport that has not seen `initialize` refuses everything else, and is remembered from then on only. */
  async function openSession() {
    const server = createFixtureServer({ cloudId, changes });
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: createEventLog(),
      retryInterval: RETRY_MS,
      onsessioninitialized: (id) => void sessions.set(id, { transport, server }),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await server.connect(transport);
    await dropOldest(sessions);
    return transport;
  }

  const allowed = [localhostHostValidation(), localhostOriginValidation()];
  const handle = toNodeHandler({ fetch: route });
  const listener = await listen(
    createServer((req, res) => {
      if (allowed.every((check) => check(req, res))) void handle(req, res);
    }),
  );
  return {
    port: listener.port,
    async close() {
      await modern.close();
      await Promise.all([...sessions.values()].map(({ server }) => server.close()));
      await listener.close();
    },
  };
}

/** @param {Map<string, {server: {close: () => Promise<void>}}>} sessions */
async function dropOldest(sessions) {
  const [oldest] = sessions;
  if (sessions.size < MAX_SESSIONS || !oldest) return;
  sessions.delete(oldest[0]);
  await oldest[1].server.close();
}

function unknownSession() {
  const error = { code: -32001, message: 'Session not found' };
  return Response.json({ jsonrpc: '2.0', id: null, error }, { status: 404 });
}
