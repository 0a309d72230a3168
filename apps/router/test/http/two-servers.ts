import type { IncomingMessage, ServerResponse } from 'node:http';

import { onTestFinished } from 'vitest';

import type { HttpRequest } from '../../src/http/http-request.ts';
import { type Listener, listen } from '../../src/http/listeners.ts';
import { readBody } from '../../src/http/read-body.ts';
import { createNodeReply, type Reply } from '../../src/http/reply.ts';

/** The same service twice: by node's server alone, and with the lane in front of it. */
export interface TwoServers {
  readonly plain: Listener;
  readonly withLane: Listener;
  /** How many requests of `withLane` went which way. */
  readonly ways: { lane: number; node: number };
}

const HERE = { host: '127.0.0.1', port: 0 };
const JSON_FIELDS = { 'content-type': 'application/json' };

/** Says what was understood. */
function answer({ method, url, headers }: HttpRequest, res: Reply, body: string): void {
  res.send(200, [Buffer.from(JSON.stringify({ method, url, headers, body }))], JSON_FIELDS);
}

async function handle(req: IncomingMessage, response: ServerResponse): Promise<void> {
  const res = createNodeReply(response);
  const body = await readBody(req, 1_000_000);
  if (body.kind === 'text') answer(req, res, body.text);
  else res.cut();
}

export async function startTwoServers(): Promise<TwoServers> {
  const ways = { lane: 0, node: 0 };
  const plain = await listen((req, res) => void handle(req, res), HERE);
  const withLane = await listen(
    (req, res) => {
      ways.node += 1;
      void handle(req, res);
    },
    HERE,
    (req, res, body) => {
      ways.lane += 1;
      answer(req, res, body);
    },
  );
  onTestFinished(async () => void (await Promise.all([plain.close(0), withLane.close(0)])));
  return { plain, withLane, ways };
}

/** A POST as clients send it, one letter for each byte; `more` are further lines of its head. */
export function post(
  body: string,
  { path = '/mcp', more = [] }: { path?: string; more?: readonly string[] } = {},
): string {
  const lines = [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Authorization: Basic dTpw',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...more,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${Buffer.from(body).toString('latin1')}`;
}
