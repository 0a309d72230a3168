// Sites with large answers, in every framing, and a reader of them.
import type { ServerResponse } from 'node:http';

import type { LargeAnswer, LargeAnswerReader } from '../src/index.ts';
import { HELD_BYTES } from '../src/passed-answer.ts';
import { type RawServer, type Received, startRaw } from './fixture.ts';

export const FILL: string = 'x'.repeat(2 * HELD_BYTES);
export const LARGE: string = `{"content":[{"type":"text","text":"${FILL}"}]}`;

export type Framing = 'length' | 'chunked' | 'events';

/** How an answer stands on the wire. */
export interface Wire {
  readonly framing: Framing;
  readonly bytes: Buffer;
}

export function wireOf(framing: Framing, body: string): Wire {
  return { framing, bytes: Buffer.from(framing === 'events' ? `event: message\ndata: ${body}\n\n` : body) };
}

export function begin(response: ServerResponse, { framing, bytes }: Wire): void {
  response.socket?.setNoDelay(true);
  response.writeHead(200, {
    'content-type': framing === 'events' ? 'text/event-stream' : 'application/json',
    ...(framing === 'length' && { 'content-length': bytes.length }),
  });
}

export function idFirst(id: string, result: string): string {
  return `{"jsonrpc":"2.0","id":${id},"result":${result}}`;
}

export function idLast(id: string, result: string): string {
  return `{"result":${result},"jsonrpc":"2.0","id":${id}}`;
}

export function idOf({ message }: Received): string {
  return JSON.stringify(message.id);
}

/** A site whose answers are whole at once. */
export function site(framing: Framing, bodyOf: (id: string) => string): Promise<RawServer> {
  return startRaw((response, received) => {
    const wire = wireOf(framing, bodyOf(idOf(received)));
    begin(response, wire);
    response.end(wire.bytes);
  });
}

/** Reads what it is given, under the id 42, as fast as `onWrite` lets it. */
export class Reader implements LargeAnswerReader {
  answer: LargeAnswer | undefined;
  readonly ends: ('end' | 'broken')[] = [];
  readonly #parts: Buffer[] = [];
  readonly #onWrite: (answer: LargeAnswer) => void;

  constructor(onWrite: (answer: LargeAnswer) => void = () => {}) {
    this.#onWrite = onWrite;
  }

  get text(): string {
    return Buffer.concat(this.#parts).toString();
  }

  takeLarge(answer: LargeAnswer): ReturnType<LargeAnswerReader['takeLarge']> {
    if (this.answer) throw new Error('two answers');
    this.answer = answer;
    this.#take(answer.start, answer.idAt);
    this.#onWrite(answer);
    return {
      write: (bytes) => {
        this.#take(bytes, -1);
        this.#onWrite(answer);
      },
      end: (bytes, idAt) => {
        this.#take(bytes, idAt);
        this.ends.push('end');
      },
      broken: () => void this.ends.push('broken'),
    };
  }

  #take(bytes: Buffer, idAt: number): void {
    const idLength = this.answer?.idText.length ?? 0;
    if (idAt === -1) this.#parts.push(bytes);
    else this.#parts.push(bytes.subarray(0, idAt), Buffer.from('42'), bytes.subarray(idAt + idLength));
  }
}
