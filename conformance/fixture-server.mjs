// One MCP server of the fixture: the tables of tools, prompts and resources, registered.
import { randomBytes } from 'node:crypto';

import {
  createRequestStateCodec,
  fromJsonSchema,
  McpServer,
  ResourceTemplate,
} from '@modelcontextprotocol/server';

import { createInteractiveTools } from './interactive-tools.mjs';
import { createPlainTools } from './plain-tools.mjs';
import { completions, PROMPTS } from './prompts.mjs';
import { RESOURCES, TEMPLATE } from './resources.mjs';

/**
 * A row of a tool table.
 * @typedef {object} FixtureTool
 * @property {string} name
 * @property {string} description
 * @property {Record<string, unknown>} [inputSchema] none: no arguments
 * @property {(args: any, ctx: import('@modelcontextprotocol/server').ServerContext) => unknown} call
 */

const NO_ARGUMENTS = { type: 'object', properties: {} };

/** What a client carries between two rounds is sealed, so that a changed one is refused. */
const stateCodec = createRequestStateCodec({ key: randomBytes(32) });

/**
 * A server with everything that the suite calls.
 * @param {{cloudId: string, changes: {tools: () => void, prompts: () => void}}} options
 *   `changes` tells every client that the tools or the prompts are others now
 * @returns {McpServer}
 */
export function createFixtureServer({ cloudId, changes }) {
  const server = new McpServer(
    { name: 'conformance-fixture', version: '1.0.0' },
    {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        logging: {},
        completions: {},
      },
      requestState: { verify: stateCodec.verify },
    },
  );
  const tools = [
    ...createPlainTools({ cloudId, changes }),
    ...createInteractiveTools({ server, stateCodec }),
  ];
  for (const tool of tools) registerTool(server, tool);
  for (const prompt of PROMPTS) registerPrompt(server, prompt);
  server.server.setRequestHandler('completion/complete', ({ params }) => completions(params.argument.value));
  registerResources(server);
  return server;
}

/** @param {McpServer} server @param {FixtureTool} tool */
function registerTool(server, { name, description, inputSchema = NO_ARGUMENTS, call }) {
  server.registerTool(name, { description, inputSchema: fromJsonSchema(inputSchema) }, call);
}

/** @param {McpServer} server @param {import('./prompts.mjs').FixturePrompt} prompt */
function registerPrompt(server, { name, description, args, get }) {
  if (args) server.registerPrompt(name, { description, argsSchema: textArguments(args) }, get);
  else server.registerPrompt(name, { description }, (ctx) => get({}, ctx));
}

/** @param {readonly string[]} names */
function textArguments(names) {
  const properties = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
  return fromJsonSchema({ type: 'object', properties, required: [...names] });
}

/** @param {McpServer} server */
function registerResources(server) {
  for (const { name, uri, description, mimeType, content } of RESOURCES) {
    server.registerResource(name, uri, { description, mimeType }, () => ({
      contents: [{ uri, mimeType, ...content }],
    }));
  }
  const { name, uriTemplate, description, mimeType, read } = TEMPLATE;
  const template = new ResourceTemplate(uriTemplate, { list: undefined });
  server.registerResource(name, template, { description, mimeType }, (uri, { id }) => ({
    contents: [{ uri: uri.href, mimeType, text: read(String(id)) }],
  }));
  // Sessions only: 2026-07-28 subscribes by `subscriptions/listen`, which the SDK answers itself.
  server.server.setRequestHandler('resources/subscribe', () => ({}));
  server.server.setRequestHandler('resources/unsubscribe', () => ({}));
}
