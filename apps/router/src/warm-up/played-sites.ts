import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** MCP servers that a warm-up talks to: one for each path `/<at>/mcp`, all on one port of the loopback. */
export interface PlayedSites {
  /** Of the site with this number, which is below `count`. */
  endpoint(at: number): string;
  cloudId(at: number): string;
  /** Cuts what is open. */
  close(): void;
}

/** Starts them; each says yes to every credential, and knows nothing. Rejects where there is no loopback to listen on. */
export async function playSites(count: number): Promise<PlayedSites> {
  const cloudIds = Array.from({ length: count }, (_, at) => cloudId(at));
  const server = createServer((req, res) => void answer(req, res, cloudIds).catch(() => res.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: (at) => `http://127.0.0.1:${port}/${at}/mcp`,
    cloudId,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function cloudId(at: number): string {
  return `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`;
}

interface Message {
  readonly id?: unknown;
  readonly method: string;
  readonly params?: { readonly name?: string; readonly protocolVersion?: string };
}

async function answer(req: IncomingMessage, res: ServerResponse, cloudIds: readonly string[]): Promise<void> {
  const body = await text(req);
  if (req.method !== 'POST') return void res.writeHead(405, { 'content-length': 0 }).end();
  const message = JSON.parse(body) as Message;
  if (message.id === undefined) return void res.writeHead(202, { 'content-length': 0 }).end();
  const at = Number(req.url?.split('/')[1]);
  const result = resultOf(message, at, cloudIds);
  const bytes = Buffer.from(`{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":${result}}`);
  const session = message.method === 'initialize' && { 'mcp-session-id': 'played' };
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length, ...session });
  res.end(bytes);
}

/** `at`: the number of the site. */
function resultOf({ method, params = {} }: Message, at: number, cloudIds: readonly string[]): string {
  if (method === 'tools/list') return LISTS[at % LISTS.length] ?? '';
  if (method === 'initialize') {
    const { protocolVersion } = params;
    const serverInfo = { name: 'played', version: '1' };
    return JSON.stringify({ protocolVersion, capabilities: { tools: {} }, serverInfo });
  }
  return JSON.stringify({ content: [{ type: 'text', text: textOf(params.name ?? '', cloudIds) }] });
}

/** The first two tell whose a credential is, and what it reaches. */
function textOf(tool: string, cloudIds: readonly string[]): string {
  if (tool === 'atlassianUserInfo') return '{"account_id":"played","email":"played@example.com"}';
  if (tool === 'getAccessibleAtlassianResources') return JSON.stringify(cloudIds.map((id) => ({ id })));
  return 'played '.repeat(256);
}

/** The tool that a warm-up calls. */
export const PLAYED_TOOL = 'getJiraIssue';

const TOOL_NAMES = [
  PLAYED_TOOL,
  ...['get', 'list', 'create', 'edit'].flatMap((verb) =>
    ['JiraIssue', 'JiraProject', 'ConfluencePage', 'ConfluenceSpace', 'Thing'].map(
      (what) => `${verb}${what}s`,
    ),
  ),
];

/** Lists that differ, as sites' lists may, and have the form and, tool by tool, the size of Atlassian's. */
const LISTS = Array.from({ length: 8 }, (_, list) =>
  JSON.stringify({
    tools: TOOL_NAMES.map((name) => ({
      name,
      title: `What ${name} does`,
      description: `${name} of list ${list}: `.padEnd(400, 'words – '),
      inputSchema: {
        type: 'object',
        properties: {
          cloudId: { type: 'string', description: 'The site.' },
          issueIdOrKey: { type: 'string', description: 'An "id" or a key.' },
          fields: { type: 'array', items: { type: 'string' }, default: ['summary', 'status'] },
        },
        required: ['cloudId', 'issueIdOrKey'],
        additionalProperties: false,
      },
      annotations: { readOnlyHint: name.startsWith('get') },
    })),
  }),
);
