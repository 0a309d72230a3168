// Clients that say which server of the router serves them, and read as a test wants.
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

import { CREDENTIALS } from '../estate.ts';
import { AT_ENG } from '../interactive/router.ts';
import type { Era } from './large-site.ts';

/** Which of the router's two servers takes a request: plain ones stay on the lane, one that ends its connection does not. */
export type Server = 'lane' | 'node';

export interface Asking {
  readonly server?: Server;
  readonly era?: Era;
  readonly id?: string;
  readonly tool?: string;
  /** Reads a resource instead. */
  readonly uri?: string;
  /** Asks for progress, in the legacy era. */
  readonly progressToken?: string;
}

const MODERN_META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** Calls a tool and returns when the head of the answer is there; nothing of its body is read. */
export async function call(url: string, asking: Asking = {}): Promise<IncomingMessage> {
  const { server = 'lane', id = '1' } = asking;
  const { method, headers, params } = messageOf(asking);
  const body = `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${JSON.stringify(params)}}`;
  const sent = request(url + AT_ENG, {
    method: 'POST',
    agent: false,
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      accept: 'application/json, text/event-stream',
      authorization: CREDENTIALS.alice,
      connection: server === 'lane' ? 'keep-alive' : 'close',
      ...headers,
    },
  });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

interface Asked {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly params: object;
}

function messageOf({ era = 'legacy', tool = 'large', uri, progressToken }: Asking): Asked {
  const isCall = uri === undefined;
  const method = isCall ? 'tools/call' : 'resources/read';
  const about = isCall ? { name: tool, arguments: {} } : { uri };
  if (era === 'legacy') {
    const params = progressToken === undefined ? about : { ...about, _meta: { progressToken } };
    return { method, headers: {}, params };
  }
  const headers = {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    'mcp-name': uri ?? tool,
  };
  return { method, headers, params: { ...about, _meta: MODERN_META } };
}

/** The rest of an answer; rejects when its connection breaks before its end. */
export async function readOn(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** The whole answer of a call. */
export async function textOf(url: string, asking?: Asking): Promise<string> {
  return readOn(await call(url, asking));
}
