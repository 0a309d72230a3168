// A site of either era whose tool `large`, and whose resources, answer in the bytes that a test writes.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { onTestFinished } from 'vitest';

import { CLOUD_IDS } from '../estate.ts';

export type Era = 'legacy' | 'modern';
export type Framing = 'length' | 'chunked' | 'events';

/** A call of `large` that has not been answered. */
export interface LargeCall {
  readonly res: ServerResponse;
  /** The request's id as JSON text. */
  readonly id: string;
  /** The token for its progress as JSON text. */
  readonly progressToken: string | undefined;
}

export interface LargeSite {
  readonly url: string;
  /** Ids of the requests that its clients cancelled. */
  readonly cancelled: readonly unknown[];
  /** Calls of `large` so far. */
  readonly count: () => number;
}

const PLATFORM: Readonly<Record<string, string>> = {
  atlassianUserInfo: JSON.stringify({ account_id: 'a', email: 'a@demo.example' }),
  getAccessibleAtlassianResources: JSON.stringify(Object.values(CLOUD_IDS).map((id) => ({ id }))),
};
const TOOLS = [...Object.keys(PLATFORM), 'large', 'small'].map((name) => ({
  name,
  description: name,
  inputSchema: { type: 'object', properties: {} },
}));
const CACHEABLE = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };

interface Asked {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: {
    readonly name?: string;
    readonly requestId?: unknown;
    readonly _meta?: { readonly progressToken?: unknown };
  };
}

/** The end of the test closes it. */
export async function startLargeSite(era: Era, large: (call: LargeCall) => void): Promise<LargeSite> {
  const state: { cancelled: unknown[]; count: number } = { cancelled: [], count: 0 };
  const server = createServer((req, res) => {
    let text = '';
    req.on('data', (chunk: Buffer) => void (text += chunk.toString()));
    req.on('end', () => {
      if (req.method !== 'POST') return void res.writeHead(405).end();
      const asked = JSON.parse(text) as Asked;
      if (asked.method === 'notifications/cancelled') state.cancelled.push(asked.params?.requestId);
      if (asked.id === undefined) return void res.writeHead(202).end();
      const isLarge = asked.params?.name === 'large' || asked.method === 'resources/read';
      if (!isLarge) return sendResult(res, asked.id, resultOf(era, asked));
      state.count += 1;
      const progressToken = JSON.stringify(asked.params?._meta?.progressToken);
      large({ res, id: JSON.stringify(asked.id), progressToken });
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
    cancelled: state.cancelled,
    count: () => state.count,
  };
}

/** Undefined: there is no such method. */
function resultOf(era: Era, { method, params }: Asked): object | undefined {
  if (method === 'tools/call') {
    const text = PLATFORM[params?.name ?? ''] ?? 'small';
    return { content: [{ type: 'text', text }], ...(era === 'modern' && { resultType: 'complete' }) };
  }
  if (era === 'modern') {
    if (method === 'tools/list') return { ...CACHEABLE, tools: TOOLS };
    if (method !== 'server/discover') return undefined;
    return { ...CACHEABLE, supportedVersions: ['2026-07-28'], capabilities: { tools: {}, resources: {} } };
  }
  if (method === 'tools/list') return { tools: TOOLS };
  if (method !== 'initialize') return undefined;
  const serverInfo = { name: 'large-site', version: '1' };
  return { protocolVersion: '2025-11-25', capabilities: { tools: {}, resources: {} }, serverInfo };
}

function sendResult(res: ServerResponse, id: unknown, result: object | undefined): void {
  const error = { code: -32_601, message: 'Method not found' };
  const body = JSON.stringify({ jsonrpc: '2.0', id, ...(result ? { result } : { error }) });
  res.writeHead(result ? 200 : 404, { 'content-type': 'application/json' }).end(body);
}

/** Begins an answer of so many bytes. */
export function beginAnswer(res: ServerResponse, framing: Framing, length: number): void {
  res.socket?.setNoDelay(true);
  res.writeHead(200, {
    'content-type': framing === 'events' ? 'text/event-stream' : 'application/json',
    ...(framing === 'length' && { 'content-length': length }),
  });
}

/** Sends a whole answer. */
export function sendAnswer(res: ServerResponse, framing: Framing, body: string): void {
  beginAnswer(res, framing, Buffer.byteLength(body));
  res.end(framing === 'events' ? `event: message\ndata: ${body}\n\n` : body);
}
