// The yardstick: the gateway that one writes in an afternoon with the official SDK. One client a site,
// one server object a client session, lists kept as objects, names with a prefix, JSON answers.
// It has no authentication, no policy and no metrics, and node:http in place of a framework.
// `node bench/naive-gateway.mjs --upstream http://127.0.0.1:7000 --sites 10` prints its port as JSON.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

import { sitesOf } from './estate.mjs';

const { values } = parseArgs({
  options: { upstream: { type: 'string', default: '' }, sites: { type: 'string', default: '10' } },
});

/** @type {Map<string, { client: Client, tool: string, cloudId: string }>} */
const routes = new Map();
/** @type {import('@modelcontextprotocol/sdk/types.js').Tool[]} */
const list = [];

for (const { alias, path, cloudId } of sitesOf(Number(values.sites))) {
  const client = new Client({ name: 'naive-gateway', version: '1' }, { capabilities: {} });
  const transport = new StreamableHTTPClientTransport(new URL(path, values.upstream));
  await client.connect(transport);
  const { tools } = await client.listTools();
  for (const tool of tools) {
    const name = `${alias}__${tool.name}`;
    routes.set(name, { client, tool: tool.name, cloudId });
    list.push({ ...tool, name, description: `[${alias}] ${tool.description ?? ''}` });
  }
}

function createSessionServer() {
  const server = new Server({ name: 'naive-gateway', version: '1' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: list }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const route = routes.get(params.name);
    if (!route) throw new Error(`Unknown tool: ${params.name}`);
    const { client, tool, cloudId } = route;
    return client.callTool({ name: tool, arguments: { cloudId, ...params.arguments } });
  });
  return server;
}

/** @type {Map<unknown, StreamableHTTPServerTransport>} */
const sessions = new Map();

async function openTransport() {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    enableJsonResponse: true,
    onsessioninitialized: (id) => void sessions.set(id, transport),
  });
  await createSessionServer().connect(transport);
  return transport;
}

/** @param {import('node:http').IncomingMessage} req */
async function readJson(req) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

/**
 * @param {import('node:http').IncomingMessage} req
 * @param {import('node:http').ServerResponse} res
 */
async function serve(req, res) {
  try {
    const body = req.method === 'POST' ? await readJson(req) : undefined;
    const transport = sessions.get(req.headers['mcp-session-id']) ?? (await openTransport());
    await transport.handleRequest(req, res, body);
  } catch (error) {
    process.stderr.write(`${String(error)}\n`);
    if (!res.headersSent) res.writeHead(500).end();
  }
}

const server = createServer((req, res) => void serve(req, res));
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', 4_096, () => {
  const address = server.address();
  process.stdout.write(
    `${JSON.stringify({ port: typeof address === 'object' ? address?.port : undefined })}\n`,
  );
});
