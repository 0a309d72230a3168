// A site of the session era that does what a test says: it asks, tells, waits, and remembers what it was sent.
import { EventEmitter, on } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { onTestFinished } from 'vitest';

import { CLOUD_IDS } from '../estate.ts';

export interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** One request as it came. */
export interface Posted {
  readonly message: Message;
  readonly sessionId: string | undefined;
  readonly authorization: string;
  readonly path: string;
}

/** A call under way, as the tool sees it. */
export interface Turn extends Posted {
  readonly args: Readonly<Record<string, unknown>>;
  readonly meta: Readonly<Record<string, unknown>>;
  notify(method: string, params: Readonly<Record<string, unknown>>): void;
  /** Asks the client; the answer as it came, a result or an error. */
  ask(method: string, params: Readonly<Record<string, unknown>>): Promise<Message>;
  /** Answers, and says one thing more in the same piece. */
  endWith(result: unknown, method: string, params: Readonly<Record<string, unknown>>): void;
  /** When nobody waits for it any more, and how it was told. */
  cancelled(): Promise<Message>;
}

type Tool = (turn: Turn) => unknown;

export interface SessionSite {
  readonly url: string;
  readonly posted: Posted[];
  /** The messages of one method. */
  received(method: string): Posted[];
  /** Waits for the first message that fits, also one that came before. */
  waitFor(fits: (posted: Posted) => boolean): Promise<Posted>;
  /** Sends a notification on the open streams: all, or those of one path or one credential. Returns how many heard it. */
  announce(method: string, options?: Announcing): number;
  /** Streams that are open now. */
  streams(path?: string): number;
}

interface Announcing {
  readonly path?: string;
  readonly as?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

interface Options {
  readonly tools?: Readonly<Record<string, Tool>>;
  readonly capabilities?: Readonly<Record<string, unknown>>;
  /** Holds tools/list of a path back. */
  readonly beforeList?: (path: string) => Promise<void> | undefined;
  /** Answers of other methods: their results. */
  readonly methods?: Readonly<Record<string, Tool>>;
}

const PLATFORM: Readonly<Record<string, Tool>> = {
  getAccessibleAtlassianResources: () =>
    textResult(JSON.stringify(Object.values(CLOUD_IDS).map((id) => ({ id })))),
  atlassianUserInfo: ({ authorization }) =>
    textResult(JSON.stringify({ account_id: `account of ${authorization}`, email: 'a@demo.example' })),
};

export function textResult(text: string): { content: { type: 'text'; text: string }[] } {
  return { content: [{ type: 'text', text }] };
}

/** Every path is an endpoint of its own, with the same tools; the end of the test closes it. */
export async function startSessionSite(options: Options = {}): Promise<SessionSite> {
  const state: State = {
    options,
    posted: [],
    arrivals: new EventEmitter().setMaxListeners(0),
    streams: new Map(),
    ended: new AbortController(),
    count: 0,
  };
  const server = createServer((req, res) => {
    // Who still waits for an answer at the end of the test gets none.
    void handle(state, req, res).catch(
      (error: unknown) => state.ended.signal.aborted || Promise.reject(error),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise((resolve) => {
        state.ended.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const open = (path?: string, as?: string): ServerResponse[] =>
    [...state.streams]
      .filter(([, of]) => of.path === (path ?? of.path) && of.authorization === (as ?? of.authorization))
      .map(([res]) => res);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posted: state.posted,
    received: (method) => state.posted.filter(({ message }) => message.method === method),
    waitFor: (fits) => waitFor(state, fits),
    announce(method, { path, as, params } = {}) {
      const told = open(path, as);
      for (const res of told) res.write(event({ method, ...(params && { params }) }));
      return told.length;
    },
    streams: (path) => open(path).length,
  };
}

interface State {
  readonly options: Options;
  readonly posted: Posted[];
  readonly arrivals: EventEmitter;
  readonly streams: Map<ServerResponse, { readonly path: string; readonly authorization: string }>;
  readonly ended: AbortController;
  count: number;
}

async function waitFor(state: State, fits: (posted: Posted) => boolean): Promise<Posted> {
  const known = state.posted.find(fits);
  if (known) return known;
  const signal = AbortSignal.any([AbortSignal.timeout(10_000), state.ended.signal]);
  for await (const [posted] of on(state.arrivals, 'posted', { signal })) {
    if (fits(posted as Posted)) return posted as Posted;
  }
  throw new Error('never');
}

async function handle(state: State, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const path = (req.url ?? '').replace(/\?.*/, '');
  if (req.method === 'GET')
    return openStream(state, { path, authorization: req.headers.authorization ?? '' }, res);
  if (req.method !== 'POST') return void res.writeHead(200).end();
  let text = '';
  for await (const chunk of req as AsyncIterable<Buffer>) text += chunk.toString();
  const sessionId = req.headers['mcp-session-id'];
  const posted: Posted = {
    message: JSON.parse(text) as Message,
    sessionId: typeof sessionId === 'string' ? sessionId : undefined,
    authorization: req.headers.authorization ?? '',
    path,
  };
  state.posted.push(posted);
  state.arrivals.emit('posted', posted);
  await answer(state, posted, res);
}

function openStream(
  state: State,
  of: { readonly path: string; readonly authorization: string },
  res: ServerResponse,
): void {
  res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  state.streams.set(res, of);
  res.once('close', () => state.streams.delete(res));
}

async function answer(state: State, posted: Posted, res: ServerResponse): Promise<void> {
  const { id, method } = posted.message;
  if (id === undefined || method === undefined) return void res.writeHead(202).end();
  if (method === 'initialize') return initialize(state, id, res);
  if (method === 'tools/call') return call(state, posted, res);
  if (method === 'tools/list') {
    await state.options.beforeList?.(posted.path);
    return sendResult(res, id, { tools: toolList(state) });
  }
  const own = state.options.methods?.[method];
  if (own) return run(own, turnOf(state, posted, res), res);
  send(res, { id, error: { code: -32_601, message: `Method not found: ${method}` } });
}

function initialize(state: State, id: unknown, res: ServerResponse): void {
  state.count += 1;
  res.setHeader('mcp-session-id', `session-${state.count}`);
  sendResult(res, id, {
    protocolVersion: '2025-11-25',
    capabilities: { tools: { listChanged: true }, ...state.options.capabilities },
    serverInfo: { name: 'session-site', version: '1' },
  });
}

function toolsOf({ options }: State): Readonly<Record<string, Tool>> {
  return { ...PLATFORM, ...options.tools };
}

function toolList(state: State): object[] {
  return Object.keys(toolsOf(state)).map((name) => ({
    name,
    description: name,
    inputSchema: { type: 'object', properties: {} },
  }));
}

async function call(state: State, posted: Posted, res: ServerResponse): Promise<void> {
  const { id, params } = posted.message;
  const tool = toolsOf(state)[String(params?.['name'])];
  if (!tool) return send(res, { id, error: { code: -32_602, message: 'Unknown tool' } });
  await run(tool, turnOf(state, posted, res), res);
}

async function run(tool: Tool, turn: Turn, res: ServerResponse): Promise<void> {
  const { id } = turn.message;
  const result = await tool(turn);
  if (res.writableEnded || res.destroyed) return;
  if (res.headersSent) res.end(event({ id, result }));
  else sendResult(res, id, result);
}

function turnOf(state: State, posted: Posted, res: ServerResponse): Turn {
  const write = (message: object): void => {
    if (!res.headersSent) res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write(event(message));
  };
  return {
    ...posted,
    args: recordOf(posted.message.params?.['arguments']),
    meta: metaOf(posted),
    notify: (method, params) => write({ method, params }),
    endWith(result, method, params) {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.end(event({ id: posted.message.id, result }) + event({ method, params }));
    },
    async ask(method, params) {
      state.count += 1;
      // A number, as the SDK's servers have them, and the same in every session.
      const id = state.count;
      write({ id, method, params });
      const answered = await waitFor(
        state,
        ({ message }) => message.id === id && message.method === undefined,
      );
      return answered.message;
    },
    cancelled: async () => {
      const { message } = await waitFor(
        state,
        ({ message: { method, params } }) =>
          method === 'notifications/cancelled' && params?.['requestId'] === posted.message.id,
      );
      return message;
    },
  };
}

/** What a request says beside its parameters. */
export function metaOf({ message }: Posted): Readonly<Record<string, unknown>> {
  return recordOf(message.params?.['_meta']);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return (value ?? {}) as Readonly<Record<string, unknown>>;
}

function event(message: object): string {
  return `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`;
}

function sendResult(res: ServerResponse, id: unknown, result: unknown): void {
  send(res, { id, result });
}

function send(res: ServerResponse, message: object): void {
  const body = JSON.stringify({ jsonrpc: '2.0', ...message });
  res.writeHead(200, { 'content-type': 'application/json' }).end(body);
}
