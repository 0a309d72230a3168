import { once } from 'node:events';
import {
  createServer,
  type RequestListener,
  type Server,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';

import { afterEach, describe, expect, it } from 'vitest';

interface Figures {
  readonly count: number;
  readonly wrong: number;
}

interface LoadModule {
  postRequest(options: { path: string; method: string; params: unknown }): unknown;
  learnAnswer(port: number, request: unknown, isRight: (message: unknown) => boolean): Promise<unknown>;
  openLoad(options: { port: number; requests: unknown[]; template: unknown }): Promise<{
    driveCount(count: number): Promise<Figures>;
    close(): void;
  }>;
}

interface LaneModule {
  createAnswerReader(events: {
    onBody(bytes: Buffer, offset: number): void;
    onEnd(status: number, length: number): void;
  }): { push(bytes: Buffer): void };
}

type Verdict = { readonly text: string; readonly value?: number; readonly verdict: string };

interface TargetsModule {
  readonly TARGETS: readonly { readonly text: string }[];
  judge(results: unknown, options: { isShort: boolean }): Verdict[];
  hasFailed(verdicts: readonly Verdict[], options: { hasNginx: boolean }): boolean;
}

interface EstateModule {
  readonly TOOL_COUNT: number;
  readonly tools: readonly { readonly name: string }[];
  readonly SMALL: { readonly tool: string };
  readonly LARGE: { readonly tool: string };
  textOf(tool: string): string;
}

/** The benchmark is JavaScript that runs without a build, so its types are said here. */
const bench = async (name: string): Promise<unknown> =>
  import(new URL(`../bench/${name}.mjs`, import.meta.url).href);
const { learnAnswer, openLoad, postRequest } = (await bench('load')) as LoadModule;
const { createAnswerReader } = (await bench('http-lane')) as LaneModule;
const { hasFailed, judge, TARGETS } = (await bench('targets')) as TargetsModule;
const estate = (await bench('estate')) as EstateModule;

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

type Spoil = (answer: { id: number; text: string }) => string | number | undefined;

/** A server that answers rightly but for every fifth request: another body, a status, or a cut connection. */
function everyFifth(spoil: Spoil): RequestListener {
  let count = 0;
  async function answerOne(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of req) parts.push(part as Buffer);
    const { id } = JSON.parse(Buffer.concat(parts).toString()) as { id: number };
    const text = `{"jsonrpc":"2.0","id":${id},"result":{"text":"all is well"}}`;
    count += 1;
    const answer = count % 5 === 0 ? spoil({ id, text }) : text;
    if (answer === undefined) req.socket.destroy();
    else if (typeof answer === 'number') res.writeHead(answer, { 'content-length': text.length }).end(text);
    else res.writeHead(200, { 'content-length': answer.length }).end(answer);
  }
  return (req, res) => void answerOne(req, res);
}

async function drive(port: number, { connections = 1, count = 20 } = {}): Promise<Figures> {
  const request = postRequest({ path: '/mcp', method: 'tools/call', params: { name: 'any' } });
  const template = await learnAnswer(port, request, () => true);
  const requests = Array.from({ length: connections }, () => request);
  const load = await openLoad({ port, requests, template });
  const figures = await load.driveCount(count);
  load.close();
  return figures;
}

describe('the load', () => {
  it.each<[string, Spoil]>([
    ['has the id of another request', ({ id, text }) => text.replace(String(id), String(id + 1))],
    ['has another result of the same length', ({ text }) => text.replace('well', 'lost')],
    ['is longer', ({ text }) => `${text} `],
    ['is shorter', ({ text }) => text.slice(0, -1)],
    ['is empty', () => ''],
    ['has the right body under another status', () => 500],
  ])('counts an answer as wrong that %s', async (_, spoil) => {
    const port = await serve(everyFifth(spoil));

    expect(await drive(port)).toMatchObject({ count: 16, wrong: 4 });
  });

  it('counts a cut connection as wrong, and ends', async () => {
    const port = await serve(everyFifth(() => undefined));

    expect(await drive(port)).toMatchObject({ count: 3, wrong: 1 });
  });

  it('refuses to begin with a wrong answer', async () => {
    const port = await serve((_req, res) => res.end('{"jsonrpc":"2.0","id":1,"result":{}}'));

    await expect(drive(port)).rejects.toThrow('wrong answer');
  });

  it('counts right answers of many connections', async () => {
    const port = await serve(everyFifth(({ text }) => text));

    expect(await drive(port, { connections: 16, count: 500 })).toMatchObject({ count: 500, wrong: 0 });
  });
});

const BODY = `{"text":"${'0123456789'.repeat(40)}"}`;
const WHOLE = `HTTP/1.1 200 OK\r\nContent-Length: ${BODY.length}\r\nx-other: 1\r\n\r\n${BODY}`;
const CHUNKED = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n${BODY.slice(0, 100)}\r\n${(
  BODY.length - 100
).toString(16)}\r\n${BODY.slice(100)}\r\n0\r\n\r\n`;

describe('an answer', () => {
  it.each(
    [WHOLE, CHUNKED].flatMap((text, form) =>
      [1, 7, 100, text.length].map((size): [string, string, number] => [
        form === 0 ? 'with a length' : 'in chunks',
        text,
        size,
      ]),
    ),
  )('%s is read whole, twice, whatever arrives together (%#)', (_, text, size) => {
    const got: string[] = [];
    const body = Buffer.alloc(BODY.length);
    const reader = createAnswerReader({
      onBody: (bytes, offset) => void bytes.copy(body, offset),
      onEnd: (status, length) => void got.push(`${status} ${length} ${body.toString()}`),
    });

    for (let time = 0; time < 2; time += 1) {
      for (let at = 0; at < text.length; at += size) reader.push(Buffer.from(text.slice(at, at + size)));
    }

    expect(got).toEqual(Array.from({ length: 2 }, () => `200 ${BODY.length} ${BODY}`));
  });
});

/** Results of one scenario in which each system has one figure a round. */
function resultsOf(perSecond: Readonly<Record<string, readonly number[]>>, wrong = 0): unknown {
  const rounds = Object.fromEntries(
    Object.entries(perSecond).map(([name, values]) => [
      name,
      values.map((value) => ({ perSecond: value, p50: 1, p99: 1, cpuPer1k: 1, wrong, count: 1 })),
    ]),
  );
  return { measured: [{ scenario: 'call 2 KB c16', rounds }], fanOut: [], memory: undefined };
}

const TO_NGINX = '2 KB calls c16: throughput to nginx';

describe('the judgement', () => {
  it.each([
    ['missed below the floor', 'missed', [70, 70, 70], [100, 100, 100]],
    ['short of the goal above the floor', 'below goal', [90, 90, 90], [100, 100, 100]],
    ['met at the goal', 'met', [100, 100, 100], [100, 100, 100]],
    ['met by the median of the rounds, not by their mean', 'met', [110, 110, 1], [100, 100, 100]],
    ['taken round by round: a slow minute slows all', 'met', [10, 100, 1000], [10, 100, 1000]],
    ['not measured without nginx', 'not measured', [100, 100, 100], []],
  ])('is %s', (_, verdict, switchyard, nginx) => {
    const verdicts = judge(resultsOf({ switchyard, nginx }), { isShort: false });

    expect(verdicts.find(({ text }) => text === TO_NGINX)).toMatchObject({ verdict });
  });

  it.each([
    ['a wrong answer of Switchyard', { switchyard: [1] }, 1],
    ['a wrong answer of nginx: the benchmark itself is wrong', { nginx: [1] }, 1],
    ['a wrong answer of the yardstick, which may fail', { naive: [1] }, 0],
  ])('counts %s', (_, perSecond, value) => {
    const verdicts = judge(resultsOf(perSecond, 1), { isShort: true });

    expect(verdicts.find(({ text }) => text.startsWith('wrong answers'))).toMatchObject({ value });
  });

  it('fails for what was missed or not measured, but not for a comparison with an absent nginx', () => {
    const absent = { text: TO_NGINX, verdict: 'not measured' };

    expect(hasFailed([absent], { hasNginx: false })).toBe(false);
    expect(hasFailed([absent], { hasNginx: true })).toBe(true);
    expect(hasFailed([{ text: 'memory', verdict: 'not measured' }], { hasNginx: false })).toBe(true);
    expect(hasFailed([{ text: 'memory', verdict: 'missed' }], { hasNginx: true })).toBe(true);
    expect(hasFailed([{ text: 'memory', verdict: 'below goal' }], { hasNginx: true })).toBe(false);
  });

  it('has no two targets of one name', () => {
    expect(new Set(TARGETS.map(({ text }) => text)).size).toBe(TARGETS.length);
    expect(TARGETS.length).toBeGreaterThan(15);
  });
});

describe('the sites of the benchmark', () => {
  it('have 45 tools in about 43 KB, and texts of 2 and 64 KB', () => {
    expect(new Set(estate.tools.map(({ name }) => name)).size).toBe(estate.TOOL_COUNT);
    expect(JSON.stringify(estate.tools).length / 43_000).toBeCloseTo(1, 1);
    expect(estate.textOf(estate.SMALL.tool).length).toBe(2_048);
    expect(estate.textOf(estate.LARGE.tool).length).toBe(65_536);
  });
});
