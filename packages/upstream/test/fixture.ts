// What the tests of this package stand on: an emulated endpoint, and bare servers for what it cannot play.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Secret } from '@switchyard/catalogue';
import {
  createEmulator,
  type Emulator,
  type EmulatorOptions,
  type RecordedRequest,
} from '@switchyard/rovo-emulator';
import { onTestFinished } from 'vitest';

import {
  createUpstream,
  type Upstream,
  UpstreamError,
  type UpstreamEvent,
  type UpstreamOptions,
  type UpstreamRequest,
  type UpstreamTarget,
} from '../src/index.ts';

const ALPHA = '11111111-aaaa-4aaa-8aaa-000000000001';
export const ALICE: string = basic('alice@demo.example', 'demo-alice-token');
export const BOB: string = basic('bob@demo.example', 'demo-bob-token');

export function basic(email: string, secret: string): string {
  return `Basic ${Buffer.from(`${email}:${secret}`).toString('base64')}`;
}

export function targetOf(endpoint: string, authorization: string = ALICE, site = 'eng'): UpstreamTarget {
  const kind = authorization.startsWith('Basic') ? 'basic' : 'bearer';
  const credential = {
    id: credentialId(authorization),
    kind,
    authorization: new Secret(authorization),
  } as const;
  return { site, endpoint, credential };
}

export function credentialId(authorization: string): string {
  return `id-of-${Buffer.from(authorization).toString('hex').slice(-16)}`;
}

export interface Side {
  readonly upstream: Upstream;
  readonly events: UpstreamEvent[];
}

/** An upstream that the end of the test closes, and all that it reports. */
export function startUpstream(options: Partial<UpstreamOptions> = {}): Side {
  const events: UpstreamEvent[] = [];
  const upstream = createUpstream({
    clientInfo: { name: 'switchyard-test', version: '1' },
    onEvent: (event) => events.push(event),
    ...options,
  });
  onTestFinished(() => upstream.close());
  return { upstream, events };
}

export interface Endpoint {
  readonly emulator: Emulator;
  readonly url: string;
  /** The default v2 endpoint. */
  readonly endpoint: string;
  /** The journal's requests of one JSON-RPC or HTTP method. */
  asked(method: string): RecordedRequest[];
}

export async function startEmulator(options: EmulatorOptions = {}): Promise<Endpoint> {
  const emulator = createEmulator(options);
  onTestFinished(() => emulator.close());
  const { url } = await emulator.listen();
  return {
    emulator,
    url,
    endpoint: `${url}/v2/mcp?tools=all`,
    asked: (method) =>
      emulator.control.requests().filter((request) => (request.method ?? request.httpMethod) === method),
  };
}

export interface Received {
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly message: { readonly id?: unknown; readonly method?: string; readonly params?: unknown };
}

export interface RawServer {
  readonly endpoint: string;
  readonly received: Received[];
  /** How often a JSON-RPC method was asked for. */
  count(method: string): number;
  close(): Promise<void>;
}

type Answer = (response: ServerResponse, received: Received) => void;

/**
 * A server that initialises like any other and answers every other request as the test says. With `news` it has the
 * long GET stream, and tells them there.
 */
export async function startRaw(
  answer: Answer,
  initialize: Answer = initializeAnswer,
  { accept = accepted, news }: { accept?: Answer; news?: readonly unknown[] } = {},
): Promise<RawServer> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void readJson(request).then((message) => {
      const each = { method: request.method ?? '', headers: request.headers, message };
      received.push(each);
      if (each.method === 'GET' && news) return sendNews(response, news);
      if (each.method !== 'POST') return void response.writeHead(405).end();
      if (message.method === 'initialize') return initialize(response, each);
      if (message.id === undefined || message.method === undefined) return accept(response, each);
      return answer(response, each);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}/mcp`,
    received,
    count: (method) => received.filter(({ message }) => message.method === method).length,
    close,
  };
}

function accepted(response: ServerResponse): void {
  response.writeHead(202).end();
}

function sendNews(response: ServerResponse, news: readonly unknown[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const each of news) response.write(`data: ${JSON.stringify(each)}\n\n`);
}

async function readJson(request: IncomingMessage): Promise<Received['message']> {
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString();
  return text === '' ? {} : (JSON.parse(text) as Received['message']);
}

export function initializeAnswer(response: ServerResponse, { message }: Received): void {
  const result = {
    protocolVersion: '2025-06-18',
    capabilities: {},
    serverInfo: { name: 'raw', version: '1' },
  };
  sendJson(response, { jsonrpc: '2.0', id: message.id, result }, { 'mcp-session-id': 's-1' });
}

export function sendJson(
  response: ServerResponse,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  const body = typeof value === 'string' ? value : JSON.stringify(value);
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);
}

export function sendResult(response: ServerResponse, { message }: Received, result: unknown = {}): void {
  sendJson(response, { jsonrpc: '2.0', id: message.id, result });
}

/** One tools/call of the emulator's who-am-I, or of another tool. */
export function callOf(
  rest: Partial<UpstreamRequest> & { tool?: string; args?: unknown } = {},
): UpstreamRequest {
  const { tool = 'atlassianUserInfo', args = {}, ...request } = rest;
  return {
    method: 'tools/call',
    paramsText: JSON.stringify({ name: tool, arguments: args }),
    idempotent: true,
    timeoutMs: 5_000,
    ...request,
  };
}

/** A write that the emulator counts. */
export function writeOf(rest: Partial<UpstreamRequest> = {}): UpstreamRequest {
  const args = { cloudId: ALPHA, issueIdOrKey: 'ENG-1', commentBody: 'Hello.' };
  return callOf({ tool: 'addOrEditJiraIssueComment', args, idempotent: false, ...rest });
}

/** The UpstreamError that work ends with; a success is a failed test. */
export async function failureOf(work: Promise<unknown>): Promise<UpstreamError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof UpstreamError) return error;
    throw error;
  }
  throw new Error('expected an UpstreamError');
}

/** A port that nobody listens on. */
export async function closedEndpoint(): Promise<string> {
  const server = await startRaw(() => {});
  await server.close();
  return server.endpoint;
}
