import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import { answerKind } from '@switchyard/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { UpstreamAnswer } from '../src/index.ts';
import { HELD_BYTES } from '../src/passed-answer.ts';
import { callOf, startRaw, startUpstream, targetOf } from './fixture.ts';
import {
  begin,
  FILL,
  type Framing,
  idFirst,
  idLast,
  idOf,
  LARGE,
  Reader,
  site,
  type Wire,
  wireOf,
} from './large-fixture.ts';

function textOf({ body, idText, idAt }: UpstreamAnswer): string {
  return `${body.toString('utf8', 0, idAt)}42${body.toString('utf8', idAt + idText.length)}`;
}

const FRAMINGS: readonly Framing[] = ['length', 'chunked', 'events'];
const ORDERS = [
  ['first', idFirst],
  ['last', idLast],
] as const;
const WAYS = FRAMINGS.flatMap((framing) =>
  ORDERS.map(([order, bodyOf]) => [framing, order, bodyOf] as const),
);

function inLines(id: string): string {
  return idFirst(id, `{\n"text":"${FILL}"\n}`);
}

/** An answer, and after which bytes its site lets it leave. */
interface Cut {
  readonly framing: Framing;
  readonly cuts: readonly number[];
  readonly bodyOf: (id: string) => string;
}

async function sendCut(response: ServerResponse, wire: Wire, cuts: Cut['cuts']): Promise<void> {
  begin(response, wire);
  let from = 0;
  for (const cut of cuts.map((each) => each % wire.bytes.length).toSorted((a, b) => a - b)) {
    response.write(wire.bytes.subarray(from, cut));
    from = cut;
    await delay(1);
  }
  response.end(wire.bytes.subarray(from));
}

describe('an answer that is held until it is whole', () => {
  it.each(WAYS)('is one of a megabyte or less: %s, id %s', async (framing, _, bodyOf) => {
    const server = await site(framing, (id) => {
      const rest = bodyOf(id, '{"text":""}').length;
      return bodyOf(id, `{"text":"${'x'.repeat(HELD_BYTES - rest)}"}`);
    });
    const { upstream } = startUpstream();
    const reader = new Reader();
    const answer = await upstream.send(targetOf(server.endpoint), callOf({ reader }));
    expect(reader.answer).toBeUndefined();
    expect(answer.passedOn).toBeUndefined();
    expect(answer.body).toHaveLength(HELD_BYTES);
  });

  it.each<[string, (id: string) => string]>([
    ['is an error', (id) => `{"jsonrpc":"2.0","id":${id},"error":{"code":-32002,"message":"${FILL}"}}`],
    ['has a result that is no object', (id) => idFirst(id, `["${FILL}"]`)],
    ['begins with another member', (id) => `{"_meta":{},"id":${id},"result":${LARGE}}`],
    ['repeats its id at once', (id) => idLast(id, `{"_meta":{"requestId":${id}},"text":"${FILL}"}`)],
    ['begins with a byte order mark', (id) => `\uFEFF${idFirst(id, LARGE)}`],
  ])('is one that %s', async (_, bodyOf) => {
    for (const framing of FRAMINGS) {
      const server = await site(framing, bodyOf);
      const { upstream } = startUpstream();
      const reader = new Reader();
      const answer = await upstream.send(targetOf(server.endpoint), callOf({ reader }));
      expect(reader.answer).toBeUndefined();
      expect(answer.passedOn).toBeUndefined();
    }
  });

  it('is one whose event has several lines', async () => {
    const server = await startRaw((response, received) => {
      begin(response, wireOf('events', ''));
      response.end(`data: ${inLines(idOf(received)).replaceAll('\n', '\ndata: ')}\n\n`);
    });
    const { upstream } = startUpstream();
    const reader = new Reader();
    const answer = await upstream.send(targetOf(server.endpoint), callOf({ reader }));
    expect(reader.answer).toBeUndefined();
    expect(textOf(answer)).toBe(inLines('42'));
  });

  it('is one that nobody wants in parts', async () => {
    const server = await site('chunked', (id) => idLast(id, LARGE));
    const { upstream } = startUpstream();
    for (const reader of [undefined, { takeLarge: () => undefined }]) {
      const answer = await upstream.send(targetOf(server.endpoint), callOf({ reader }));
      expect(textOf(answer)).toBe(idLast('42', LARGE));
    }
  });
});

describe('a large result', () => {
  it.each(WAYS)('is what it would be if it were held: %s, id %s (I7)', async (framing, _, bodyOf) => {
    const server = await site(framing, (id) => bodyOf(id, LARGE));
    const { upstream, events } = startUpstream();
    const reader = new Reader();
    const answer = await upstream.send(targetOf(server.endpoint), callOf({ reader }));

    expect(reader.text === bodyOf('42', LARGE)).toBe(true);
    expect(reader.ends).toEqual(['end']);
    const length = bodyOf(answer.idText, LARGE).length;
    expect(answer.passedOn).toBe(length);
    expect(reader.answer?.length).toBe(framing === 'length' ? length : undefined);
    expect(events.at(-1)).toMatchObject({ type: 'operation', errorType: undefined });
  });

  it('may come after notifications, and after an event that is large and no answer', async () => {
    const note = `{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"${FILL}"}}`;
    const server = await startRaw((response, received) => {
      begin(response, wireOf('events', ''));
      response.write(`data: ${note}\n\n`);
      response.write(`data: ${idLast(idOf(received), LARGE)}\n\n`);
      response.end('data: {"late":true}\n\n');
    });
    const { upstream } = startUpstream();
    const reader = new Reader();
    const heard: number[] = [];
    const call = callOf({ reader, onMessage: (message) => heard.push(message.length) });
    await upstream.send(targetOf(server.endpoint), call);
    expect(heard).toEqual([note.length]);
    expect(reader.text === idLast('42', LARGE)).toBe(true);
  });

  it('that comes as an event does not wait for the end of its stream', async () => {
    const server = await startRaw((response, received) => {
      begin(response, wireOf('events', ''));
      response.write(wireOf('events', idFirst(idOf(received), LARGE)).bytes);
    });
    const { upstream } = startUpstream();
    const reader = new Reader();
    await upstream.send(targetOf(server.endpoint), callOf({ reader }));
    expect(reader.ends).toEqual(['end']);
  });

  it.each<[string, string, string]>([
    ['a result', 'result', '{"text":"F","isError":false}'],
    ['a failed tool, as its beginning says', 'tool-error', '{"isError":true,"text":"F"}'],
    ['a failed tool, as its end says', 'tool-error', '{"text":"F","isError":true}'],
    ['a result that quotes the words', 'result', '{"text":"F\\"isError\\":true"}'],
  ])('shows what it was: %s', async (_, kind, result) => {
    const server = await site('chunked', (id) => idLast(id, result.replace('F', FILL)));
    const { upstream } = startUpstream();
    const answer = await upstream.send(targetOf(server.endpoint), callOf({ reader: new Reader() }));
    expect(answer.passedOn).toBeDefined();
    expect(answerKind(answer.body)).toBe(kind);
  });

  it('is the same wherever the connection cuts it', async () => {
    const next: Cut = { framing: 'length', cuts: [], bodyOf: () => '' };
    const server = await startRaw((response, received) => {
      void sendCut(response, wireOf(next.framing, next.bodyOf(idOf(received))), next.cuts);
    });
    const { upstream } = startUpstream();
    const edge = fc.nat(60).map((each) => 2 * HELD_BYTES + each);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...WAYS),
        fc.array(fc.oneof(fc.nat(3 * HELD_BYTES), fc.nat(200), edge), { maxLength: 8 }),
        fc.string({ unit: 'binary', maxLength: 20 }),
        async ([framing, , bodyOf], cuts, text) => {
          const result = `{"content":[],"text":"${FILL}","more":${JSON.stringify(text)}}`;
          Object.assign(next, {
            wire: wireOf(framing, ''),
            cuts,
            bodyOf: (id: string) => bodyOf(id, result),
          });
          const reader = new Reader();
          await upstream.send(targetOf(server.endpoint), callOf({ reader }));
          expect(reader.text === bodyOf('42', result)).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });
});
