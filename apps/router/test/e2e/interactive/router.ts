// A Switchyard in front of whatever site a test has, and clients that say exactly what a test wants.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { ClientCapabilities } from '@modelcontextprotocol/sdk/types.js';
import { onTestFinished } from 'vitest';

import { parseConfig } from '../../../src/config/load-config.ts';
import { startSwitchyard } from '../../../src/switchyard.ts';
import { configText, CREDENTIALS, type SiteSpec } from '../estate.ts';
import type { Message } from './session-site.ts';

export interface Router {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly adminUrl: string;
  close(): Promise<void>;
}

/** One site, alias `eng`, tools at `/mcp/sites/eng` under their own names. */
export const ONE_SITE: readonly SiteSpec[] = [{ name: 'eng', alias: 'eng', lane: 'eng', path: '/mcp' }];
export const AT_ENG = '/mcp/sites/eng';

/** Two sites, each with an endpoint of its own. */
export const TWO_SITES: readonly SiteSpec[] = [
  ...ONE_SITE,
  { name: 'ops', alias: 'ops', lane: 'ops', path: '/mcp' },
];

/** The end of the test closes it. */
export async function startRouter(
  upstreamUrl: string,
  { sites = ONE_SITE, more = '' }: { sites?: readonly SiteSpec[]; more?: string } = {},
): Promise<Router> {
  const text = configText(upstreamUrl, sites, more);
  const readConfig = () => parseConfig(text, { path: 'switchyard.yaml', env: {} });
  const switchyard = await startSwitchyard({ config: readConfig(), readConfig });
  onTestFinished(() => switchyard.close());
  return { url: switchyard.publicUrl, adminUrl: switchyard.adminUrl, close: switchyard.close };
}

export interface How {
  readonly path?: string;
  readonly as?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Posts one message as it is. */
export function post({ url }: Pick<Router, 'url'>, message: Message, how: How = {}): Promise<Response> {
  return fetch(url + (how.path ?? AT_ENG), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: how.as ?? CREDENTIALS.alice,
      ...how.headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    ...(how.signal && { signal: how.signal }),
  });
}

/** Opens the stream of a session. */
export function openGet(
  { url }: Pick<Router, 'url'>,
  sessionId: string | undefined,
  how: How = {},
): Promise<Response> {
  return fetch(url + (how.path ?? AT_ENG), {
    headers: {
      accept: 'text/event-stream',
      authorization: how.as ?? CREDENTIALS.alice,
      ...(sessionId !== undefined && { 'mcp-session-id': sessionId }),
    },
    ...(how.signal && { signal: how.signal }),
  });
}

/** The session id that `initialize` brings to a client with these abilities; null: none. */
export async function sessionOf(
  router: Pick<Router, 'url'>,
  capabilities: Readonly<Record<string, unknown>>,
  how?: How,
): Promise<string | null> {
  const params = { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'test', version: '1' } };
  const response = await post(router, { id: 0, method: 'initialize', params }, how);
  await response.text();
  return response.headers.get('mcp-session-id');
}

/** A request of the modern era; its headers say what its body says. */
export function postModern(
  router: Pick<Router, 'url'>,
  { id = 1, method, params = {} }: Message,
  { capabilities = {}, ...how }: How & { capabilities?: Readonly<Record<string, unknown>> } = {},
): Promise<Response> {
  const name = params['name'] ?? params['uri'];
  const own = params['_meta'] as Record<string, unknown> | undefined;
  const meta = {
    ...own,
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': capabilities,
  };
  return post(
    router,
    { id, method: method ?? '', params: { ...params, _meta: meta } },
    {
      ...how,
      headers: {
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': method ?? '',
        ...(typeof name === 'string' && { 'mcp-name': name }),
        ...how.headers,
      },
    },
  );
}

/** The messages of a response, one by one: a JSON body, or the events of a stream. */
export async function* messagesOf(response: Response): AsyncGenerator<Message> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    yield (await response.json()) as Message;
    return;
  }
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    rest += decoder.decode(chunk, { stream: true });
    const events = rest.split('\n\n');
    rest = events.pop() ?? '';
    for (const each of events) {
      const data = /^data: (.*)$/m.exec(each)?.[1];
      if (data !== undefined) yield JSON.parse(data) as Message;
    }
  }
}

/** All of them, to the end. */
export async function allMessages(response: Response): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const message of messagesOf(response)) messages.push(message);
  return messages;
}

/** The last of them: the answer. */
export async function answerOf(response: Response | Promise<Response>): Promise<Message> {
  const last = (await allMessages(await response)).at(-1);
  if (!last) throw new Error('no answer');
  return last;
}

/** Collects what a stream says while a test goes on. */
export function listenTo(response: Response): Message[] {
  const heard: Message[] = [];
  // The end of the test cuts the stream, which is no failure.
  void (async () => {
    for await (const message of messagesOf(response)) heard.push(message);
  })().catch(() => {});
  return heard;
}

/** The official client of the session era. */
export async function connectLegacy(
  router: Router,
  capabilities: ClientCapabilities,
  prepare: (client: Client) => void = () => {},
  path: string = AT_ENG,
): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, { capabilities });
  prepare(client);
  const transport = new StreamableHTTPClientTransport(new URL(router.url + path), {
    requestInit: { headers: { authorization: CREDENTIALS.alice } },
  });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return client;
}

/** The first text of a tool's result. */
export function textOf(result: unknown): string {
  const { content } = result as { content?: { text?: string }[] };
  return content?.[0]?.text ?? '';
}
