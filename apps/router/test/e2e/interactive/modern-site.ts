// A site of the stateless era alone: it refuses whatever belongs to sessions.
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { onTestFinished } from 'vitest';

import { CLOUD_IDS } from '../estate.ts';

interface Arrived {
  readonly method: string;
  /** Of the tool that is called. */
  readonly name: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly args: Readonly<Record<string, unknown>>;
  readonly params: Readonly<Record<string, unknown>>;
  readonly id: unknown;
}

/** Answers a call, or another request: its result. */
type Answer = (arrived: Arrived) => object;

interface Options {
  /** Tools beside those that are always there. */
  readonly tools?: Readonly<Record<string, Answer>>;
  readonly methods?: Readonly<Record<string, Answer>>;
  /** Takes `subscriptions/listen`. */
  readonly tells?: boolean;
}

export interface ModernSite {
  readonly url: string;
  readonly requests: Arrived[];
  /** Waits for the first call of a tool. */
  arrival(tool: string): Promise<unknown>;
  /** Waits until the connection of its call has closed. */
  left(tool: string): Promise<unknown>;
  /** Says something on every stream that listens; returns how many do. */
  tell(method: string, params?: object): number;
}

/** Tools `greet`, whose argument travels as a header too, and `wait`, which never answers. */
export async function startModernSite(options: Options = {}): Promise<ModernSite> {
  const requests: Arrived[] = [];
  const listening = new Set<ServerResponse>();
  const events = new EventEmitter();
  const happened = new Set<string>();
  const tell = (what: string): void => {
    happened.add(what);
    events.emit(what);
  };
  const until = async (what: string): Promise<void> => {
    if (!happened.has(what)) await once(events, what);
  };
  const server = createServer((req, res) => {
    let text = '';
    req.on('data', (chunk: Buffer) => void (text += chunk.toString()));
    req.on('end', () => {
      const arrived = read(text, req.headers);
      requests.push(arrived);
      const { name = arrived.method } = arrived;
      res.once('close', () => tell(`left ${name}`));
      tell(`arrival ${name}`);
      if (options.tells && arrived.method === 'subscriptions/listen') listen(listening, res);
      else answer(options, arrived, res);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    arrival: (tool) => until(`arrival ${tool}`),
    left: (tool) => until(`left ${tool}`),
    tell(method, params = {}) {
      const message = JSON.stringify({ jsonrpc: '2.0', method, params });
      for (const res of listening) res.write(`data: ${message}\n\n`);
      return listening.size;
    },
  };
}

function listen(listening: Set<ServerResponse>, res: ServerResponse): void {
  res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  listening.add(res);
  res.once('close', () => listening.delete(res));
}

function read(text: string, headers: IncomingHttpHeaders): Arrived {
  const {
    id,
    method,
    params = {},
  } = (text === '' ? {} : JSON.parse(text)) as {
    id?: unknown;
    method?: string;
    params?: { name?: string; arguments?: Record<string, unknown> };
  };
  return { id, method: method ?? '', name: params.name, headers, args: params.arguments ?? {}, params };
}

const TOOLS = [
  {
    name: 'greet',
    inputSchema: { type: 'object', properties: { name: { type: 'string', 'x-mcp-header': 'Name' } } },
  },
  { name: 'wait', inputSchema: { type: 'object' } },
];

/** A result with one text. */
export function completeText(text: string): object {
  return { resultType: 'complete', content: [{ type: 'text', text }] };
}

const CALLS: Readonly<Record<string, Answer>> = {
  greet: ({ args }) => completeText(`Hello, ${String(args['name'])}!`),
  atlassianUserInfo: () => completeText('{"account_id":"a","email":"a@demo.example"}'),
  getAccessibleAtlassianResources: () => completeText(JSON.stringify([{ id: CLOUD_IDS.eng }])),
};

const CACHEABLE = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };

function answer({ tools = {}, methods = {} }: Options, arrived: Arrived, res: ServerResponse): void {
  const { id, method, name = '' } = arrived;
  if (name === 'wait') return;
  if (method === 'server/discover')
    return send(res, 200, {
      id,
      result: { ...CACHEABLE, supportedVersions: ['2026-07-28'], capabilities: { tools: {}, prompts: {} } },
    });
  if (method === 'tools/list') {
    const own = Object.keys(tools).map((each) => ({ name: each, inputSchema: { type: 'object' } }));
    return send(res, 200, { id, result: { ...CACHEABLE, tools: [...TOOLS, ...own] } });
  }
  const result = method === 'tools/call' ? { ...CALLS, ...tools }[name] : methods[method];
  if (result) return send(res, 200, { id, result: result(arrived) });
  send(res, 404, { id, error: { code: -32_601, message: `Method not found: ${method}` } });
}

function send(res: ServerResponse, status: number, message: object): void {
  const body = JSON.stringify({ jsonrpc: '2.0', ...message });
  res.writeHead(status, { 'content-type': 'application/json' }).end(body);
}
