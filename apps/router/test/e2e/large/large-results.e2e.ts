import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { CREDENTIALS } from '../estate.ts';
import { AT_ENG, startRouter } from '../interactive/router.ts';
import { readOn, call, type Server, textOf } from './large-client.ts';
import { beginAnswer, type Era, type Framing, sendAnswer, startLargeSite } from './large-site.ts';

const FILL = 'ä"\\'.repeat(200_000);
const MEMBERS = `"content":[{"type":"text","text":${JSON.stringify(FILL)}}],"big":9007199254740993,"one":1.0 , "a":[ ]`;
const STAMP = '"resultType":"complete",';
const SERVERS: readonly Server[] = ['lane', 'node'];
const ERAS: readonly Era[] = ['legacy', 'modern'];
const FRAMINGS: readonly Framing[] = ['length', 'chunked', 'events'];

/** An id of the router's that a site repeats in what is its own to say. */
const OURS = /"\^sy-[^"]*"/;

type Order = (id: string, result: string) => string;
const ORDERS: readonly (readonly [string, Order])[] = [
  ['first', (id, result) => `{"jsonrpc":"2.0","id":${id},"result":${result}}`],
  ['last', (id, result) => `{"result":${result},"jsonrpc":"2.0","id":${id}}`],
  ['between', (id, result) => `{"jsonrpc":"2.0","result":${result},"id":${id},"_meta":{"id":${id}}}`],
];
const [[, idFirst], [, idLast]] = ORDERS as [(typeof ORDERS)[number], (typeof ORDERS)[number]];

async function sendCut(res: ServerResponse, pieces: readonly Buffer[]): Promise<void> {
  for (const piece of pieces) {
    res.write(piece);
    await delay(1);
  }
}

/** The text of a request of HTTP/1.0, whose answer cannot be passed on unless its length is known. */
async function textOverOldHttp(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"large","arguments":{}}}';
  const socket = connect({ host: hostname, port: Number(port) });
  const lines = [`POST ${AT_ENG} HTTP/1.0`, `Authorization: ${CREDENTIALS.alice}`];
  socket.write(`${lines.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += String(chunk);
  expect(text).toContain('\r\ncontent-length: ');
  return text.slice(text.indexOf('\r\n\r\n') + 4);
}

describe.each(SERVERS)('a large result that the %s serves', (server) => {
  it.each(ERAS.flatMap((client) => ERAS.map((site) => [client, site] as const)))(
    'reaches a %s client as its %s site sent it, under the client’s id (I7)',
    async (era, siteEra) => {
      const next = { framing: FRAMINGS[0] ?? 'length', order: idFirst };
      const result = siteEra === 'modern' ? `{${STAMP}${MEMBERS}}` : `{${MEMBERS}}`;
      const site = await startLargeSite(siteEra, ({ res, id }) =>
        sendAnswer(res, next.framing, next.order(id, result)),
      );
      const { url } = await startRouter(site.url);
      const isStamped = era === 'modern' && siteEra === 'legacy';
      const expected = isStamped ? `{${STAMP}${MEMBERS}}` : result;
      for (const framing of FRAMINGS) {
        for (const [name, order] of ORDERS) {
          Object.assign(next, { framing, order });
          const id = name === 'first' ? '"an \\u0069d"' : '7';
          const response = await call(url, { server, era, id });
          const text = await readOn(response);
          expect(text.replace(OURS, id) === order(id, expected)).toBe(true);
          const length = response.headers['content-length'];
          expect(length).toBe(framing === 'length' ? String(Buffer.byteLength(text)) : undefined);
        }
      }
      expect(site.count()).toBe(9);
    },
  );

  it('goes out as the last event after progress, on one line', async () => {
    const lines = `{${MEMBERS},\n\n"b":1}`;
    const site = await startLargeSite('legacy', ({ res, id, progressToken }) => {
      beginAnswer(res, 'events', 0);
      const params = `{"progressToken":${progressToken},"progress":1}`;
      res.write(`data: {"jsonrpc":"2.0","method":"notifications/progress","params":${params}}\n\n`);
      res.end(`data: ${idLast(id, lines).replaceAll('\n', '\ndata: ')}\n\n`);
    });
    const { url } = await startRouter(site.url);
    const response = await call(url, { server, progressToken: 'theirs' });
    expect(response.headers['content-type']).toBe('text/event-stream');
    const [progress = '', answer = '', ...more] = (await readOn(response)).trimEnd().split('\n\n');
    expect(progress).toContain('"progressToken":"theirs"');
    const line = idLast('1', lines).replaceAll('\n', ' ');
    expect(answer === `event: message\ndata: ${line}`).toBe(true);
    expect(more).toEqual([]);
  });

  it('of a resource is stamped as such for a modern client', async () => {
    const site = await startLargeSite('legacy', ({ res, id }) =>
      sendAnswer(res, 'length', idLast(id, `{${MEMBERS}}`)),
    );
    const { url } = await startRouter(site.url);
    const stamp = `${STAMP}"ttlMs":0,"cacheScope":"private",`;
    const text = await textOf(url, { server, era: 'modern', uri: 'file:///large' });
    expect(text === idLast('1', `{${stamp}${MEMBERS}}`)).toBe(true);
  });

  it('that failed is counted as such, by its end', async () => {
    const site = await startLargeSite('legacy', ({ res, id }) =>
      sendAnswer(res, 'chunked', idLast(id, `{${MEMBERS},"isError":true}`)),
    );
    const { url, adminUrl } = await startRouter(site.url);
    expect(await textOf(url, { server })).toContain('"isError":true');
    const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
    expect(metrics).toMatch(/^switchyard_tool_calls_total\{.*outcome="tool_error"\} 1$/m);
  });
});

describe('any large result', () => {
  it('is the same as one that is held, wherever its site lets it leave', async () => {
    const next = { framing: FRAMINGS[0] ?? 'length', order: idFirst, result: '', cuts: [] as number[] };
    const site = await startLargeSite('legacy', ({ res, id }) => {
      const body = Buffer.from(next.order(id, next.result));
      const isEvents = next.framing === 'events';
      beginAnswer(res, next.framing, body.length);
      if (isEvents) res.write('data: ');
      const cuts = next.cuts.map((cut) => cut % body.length).toSorted((a, b) => a - b);
      void sendCut(
        res,
        [...cuts, body.length].map((cut, at, all) => body.subarray(all[at - 1] ?? 0, cut)),
      ).then(() => res.end(isEvents ? '\n\n' : ''));
    });
    const { url } = await startRouter(site.url);
    const place = fc.oneof(fc.nat(1_300_000), fc.nat(300));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...FRAMINGS),
        fc.constantFrom(...ORDERS),
        fc.array(place, { maxLength: 6 }),
        fc.string({ unit: 'binary', maxLength: 10 }),
        async (framing, [, order], cuts, text) => {
          const result = `{${MEMBERS},"text":${JSON.stringify(text)}}`;
          Object.assign(next, { framing, order, cuts, result });
          const [held, lane, node] = await Promise.all([
            textOverOldHttp(url),
            textOf(url),
            textOf(url, { server: 'node' }),
          ]);
          const expected = order('1', result);
          expect([held, lane, node].map((each) => each.replace(OURS, '1') === expected)).toEqual([
            true,
            true,
            true,
          ]);
        },
      ),
      { numRuns: 15 },
    );
  });
});
