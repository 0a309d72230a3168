// A bare MCP client for the tests: one call, one HTTP request, nothing hidden.
import { afterEach } from 'vitest';

import { createEmulator, type Emulator, type EmulatorOptions } from '../src/index.ts';

export const ALPHA = '11111111-aaaa-4aaa-8aaa-000000000001';
export const BETA = '22222222-bbbb-4bbb-8bbb-000000000002';
export const ELSEWHERE = '44444444-dddd-4ddd-8ddd-000000000004';
export const ALICE: string = basic('alice@demo.example', 'demo-alice-token');
export const BOB: string = basic('bob@demo.example', 'demo-bob-token');
export const CAROL: string = basic('carol@demo.example', 'demo-carol-classic-token');
export const DAVE: string = basic('dave@elsewhere.example', 'demo-dave-token');
export const SERVICE = 'Bearer demo-service-key';

/** What came back. */
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed body: of an SSE answer, its first message. */
  readonly json: Json;
}

/** JSON that tests walk through without narrowing at every step. */
export interface Json {
  readonly [key: string]: Json;
  readonly [index: number]: Json;
}

export interface Client {
  readonly url: string;
  readonly emulator: Emulator;
  post(message: unknown, options?: PostOptions): Promise<Answer>;
  /** Opens a session and remembers it per path and credential. */
  rpc(method: string, params?: unknown, options?: PostOptions): Promise<Answer>;
  call(name: string, args?: unknown, options?: PostOptions): Promise<Called>;
  toolNames(options?: PostOptions): Promise<string[]>;
}

export interface PostOptions {
  readonly path?: string;
  readonly auth?: string | null;
  readonly headers?: Record<string, string>;
}

export interface Called {
  readonly answer: Answer;
  readonly isError: boolean;
  readonly text: string;
  /** The text as JSON, v2's wrapper taken off; undefined when it is no JSON. */
  readonly data: Json | undefined;
}

const running: Emulator[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((emulator) => emulator.close()));
});

export function basic(email: string, secret: string): string {
  return `Basic ${Buffer.from(`${email}:${secret}`).toString('base64')}`;
}

/** Starts an emulator that the end of the test closes. */
export async function startClient(options: EmulatorOptions = {}): Promise<Client> {
  const emulator = createEmulator(options);
  running.push(emulator);
  const { url } = await emulator.listen();
  const sessions = new Map<string, string>();
  const post: Client['post'] = (message, options) => postTo(url, message, options);
  const rpc: Client['rpc'] = async (method, params, options = {}) => {
    const { path = '/v2/mcp', auth = ALICE } = options;
    const key = `${path.split('?')[0] ?? ''} ${auth ?? ''}`;
    if (!sessions.has(key)) sessions.set(key, await openSession(url, options));
    const headers = { 'mcp-session-id': sessions.get(key) ?? '', ...options.headers };
    return postTo(url, { jsonrpc: '2.0', id: 7, method, params }, { ...options, headers });
  };
  return {
    url,
    emulator,
    post,
    rpc,
    async call(name, args = {}, options = {}) {
      const answer = await rpc('tools/call', { name, arguments: args }, options);
      return readCall(answer);
    },
    async toolNames(options = {}) {
      const answer = await rpc('tools/list', {}, options);
      return listOf(answer.json['result']?.['tools']).map((tool) => textAt(tool['name']));
    },
  };
}

/** A string inside an answer; other values as JSON. */
export function textAt(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}

/** An array inside an answer. */
export function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}

/** Initializes and answers the session id. */
export async function openSession(url: string, options: PostOptions = {}): Promise<string> {
  const params = {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  };
  const answer = await postTo(url, { jsonrpc: '2.0', id: 0, method: 'initialize', params }, options);
  return answer.headers.get('mcp-session-id') ?? '';
}

async function postTo(url: string, message: unknown, options: PostOptions = {}): Promise<Answer> {
  const { path = '/v2/mcp', auth = ALICE, headers = {} } = options;
  const response = await fetch(url + path, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...(auth === null ? {} : { authorization: auth }),
      ...headers,
    },
    body: typeof message === 'string' ? message : JSON.stringify(message),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) ?? {} };
}

function readCall(answer: Answer): Called {
  const result = answer.json['result'];
  const text = textAt(listOf(result?.['content'])[0]?.['text'] ?? '');
  const json = parsed(text);
  return { answer, text, isError: Boolean(result?.['isError']), data: json?.['data'] ?? json };
}

function parsed(text: string): Json | undefined {
  const json = text.startsWith('event:') ? text.replaceAll(/^event: .*\n|^data: /gm, '') : text;
  try {
    return JSON.parse(json) as Json;
  } catch {
    return undefined;
  }
}
