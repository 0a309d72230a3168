// A bare MCP server for many sites, each at its own path, as cheap as node:http makes it:
// what it costs is taken from what the gateways in front of it can reach.
// `node bench/upstream.mjs --sites 10 --delay 0` prints its port as JSON.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

import { SMALL, LARGE, siteAt, sitesOf, textOf, tools } from './estate.mjs';

const { values } = parseArgs({
  options: { sites: { type: 'string', default: '10' }, delay: { type: 'string', default: '0' } },
});
const delayMs = Number(values.delay);
const sessions = new Set();
/** @type {Record<string, number>} */
const counts = {};

const READY = new Map([
  [SMALL.tool, textResult(textOf(SMALL.tool))],
  [LARGE.tool, textResult(textOf(LARGE.tool))],
  ['atlassianUserInfo', textResult(JSON.stringify({ account_id: 'bench', email: 'bench@acme.example' }))],
  [
    'getAccessibleAtlassianResources',
    textResult(JSON.stringify(sitesOf(Number(values.sites)).map(({ cloudId }) => ({ id: cloudId })))),
  ],
]);
const OTHER = textResult(textOf(''));
const LIST = JSON.stringify({ tools });

/** @param {string} text */
function textResult(text) {
  return JSON.stringify({ content: [{ type: 'text', text }] });
}

/**
 * @typedef {object} Message
 * @property {unknown} [id]
 * @property {string} method
 * @property {{ name?: string, protocolVersion?: string }} [params]
 */

/** @param {Message} message */
function resultOf({ method, params = {} }) {
  if (method === 'tools/call') return READY.get(params.name ?? '') ?? OTHER;
  if (method === 'tools/list') return LIST;
  if (method !== 'initialize') return '{}';
  return JSON.stringify({
    protocolVersion: params.protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'bench-upstream', version: '1' },
  });
}

/** @typedef {import('node:http').IncomingMessage} Req */
/** @typedef {import('node:http').ServerResponse} Res */

/**
 * @param {Res} res
 * @param {string} text
 * @param {Record<string, string>} [headers]
 */
function sendJson(res, text, headers = {}) {
  const body = Buffer.from(text);
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length, ...headers });
  res.end(body);
}

/**
 * @param {Req} req
 * @param {Res} res
 * @param {Message} message
 */
function answer(req, res, message) {
  counts[message.method] = (counts[message.method] ?? 0) + 1;
  const text = `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":${resultOf(message)}}`;
  if (message.method === 'initialize') {
    const session = randomUUID();
    sessions.add(session);
    sendJson(res, text, { 'mcp-session-id': session });
  } else if (!sessions.has(req.headers['mcp-session-id'])) res.writeHead(404).end();
  else if (message.id === undefined) res.writeHead(202, { 'content-length': 0 }).end();
  else sendJson(res, text);
}

/**
 * @param {Req} req
 * @param {Res} res
 */
function read(req, res) {
  /** @type {Buffer[]} */
  const chunks = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('end', () => {
    const message = JSON.parse(Buffer.concat(chunks).toString());
    if (delayMs > 0) setTimeout(answer, delayMs, req, res, message);
    else answer(req, res, message);
  });
}

const server = createServer((req, res) => {
  if (req.method === 'POST') read(req, res);
  else if (req.url === '/counts') sendJson(res, JSON.stringify(counts));
  else if (req.method === 'DELETE') {
    sessions.delete(req.headers['mcp-session-id']);
    res.writeHead(200, { 'content-length': 0 }).end();
  } else res.writeHead(405, { allow: 'POST, DELETE', 'content-length': 0 }).end();
});
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', 4_096, () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  process.stdout.write(`${JSON.stringify({ port, sites: values.sites, first: siteAt(0).path })}\n`);
});
