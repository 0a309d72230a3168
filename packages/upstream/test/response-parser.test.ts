import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ResponseParser } from '../src/response-parser.ts';

interface Heard {
  readonly heads: number[];
  readonly bodies: string[];
  readonly reusable: boolean[];
}

/** Feeds bytes in pieces of the given sizes, again and again, and notes what the parser tells. */
function parse(bytes: Buffer, sizes: readonly number[] = [bytes.length], finish = false): Heard {
  const heard: Heard = { heads: [], bodies: [], reusable: [] };
  const parser = new ResponseParser();
  let body: Buffer[] = [];
  const end = (reusable: boolean): void => {
    heard.bodies.push(Buffer.concat(body).toString());
    heard.reusable.push(reusable);
    body = [];
  };
  const sink = {
    head: ({ status }: { status: number }) => void heard.heads.push(status),
    data: (chunk: Buffer) => void body.push(chunk),
    end,
  };
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    parser.push(bytes.subarray(at, at + size), sink);
    at += size;
  }
  if (finish) parser.finish(sink);
  return heard;
}

function response(head: string, body = ''): Buffer {
  return Buffer.from(`${head.replaceAll('\n', '\r\n')}\r\n\r\n${body}`);
}

const CHUNKED = 'HTTP/1.1 200 OK\ntransfer-encoding: chunked';

describe('bytes that are no response', () => {
  it.each([
    ['nothing of HTTP', Buffer.from('SSH-2.0-OpenSSH_9\r\n\r\n')],
    ['another version', response('HTTP/2 200 OK\ncontent-length: 0')],
    ['a status that is none', response('HTTP/1.1 20 OK\ncontent-length: 0')],
    ['two lengths', response('HTTP/1.1 200 OK\ncontent-length: 1\ncontent-length: 2', 'ab')],
    ['a length that is none', response('HTTP/1.1 200 OK\ncontent-length: +5', 'abcde')],
    ['a coding that is not known', response('HTTP/1.1 200 OK\ntransfer-encoding: gzip, chunked', 'x')],
    ['more than its length', response('HTTP/1.1 200 OK\ncontent-length: 1', 'ab')],
    [
      'a second response that nobody asked for',
      response('HTTP/1.1 200 OK\ncontent-length: 0', 'HTTP/1.1 200 OK'),
    ],
    ['a chunk without a size', response(CHUNKED, 'x\r\n')],
    ['a chunk of a negative size', response(CHUNKED, '-1\r\n')],
    ['a chunk longer than it says', response(CHUNKED, '1\r\nab\r\n')],
    ['a head without end', Buffer.from(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}`)],
    ['a chunk line without end', response(CHUNKED, '1'.repeat(70_000))],
  ])('are an error: %s', (_, bytes) => {
    expect(() => parse(bytes)).toThrow();
  });

  it('are an error when the connection ends in the middle', () => {
    expect(() => parse(response('HTTP/1.1 200 OK\ncontent-length: 5', 'ab'), undefined, true)).toThrow();
    expect(() => parse(response(CHUNKED, '5\r\nab'), undefined, true)).toThrow();
  });

  it('that nobody asked for are an error', () => {
    expect(() => new ResponseParser().push(Buffer.from('x'), undefined)).toThrow();
  });
});

const ANSWERS: readonly (readonly [string, Buffer, Heard])[] = [
  [
    'with a length',
    response('HTTP/1.1 200 OK\nContent-Length: 5', 'hello'),
    { heads: [200], bodies: ['hello'], reusable: [true] },
  ],
  [
    'without a body',
    response('HTTP/1.1 202 Accepted\ncontent-length: 0'),
    { heads: [202], bodies: [''], reusable: [true] },
  ],
  [
    '204 has none, whatever it says',
    response('HTTP/1.1 204 No Content'),
    { heads: [204], bodies: [''], reusable: [true] },
  ],
  [
    'without a reason',
    response('HTTP/1.1 404\ncontent-length: 2', 'no'),
    { heads: [404], bodies: ['no'], reusable: [true] },
  ],
  [
    'in chunks',
    response(CHUNKED, '3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n'),
    { heads: [200], bodies: ['abc0123456789'], reusable: [true] },
  ],
  [
    'in chunks with trailers',
    response(CHUNKED, '1\r\na\r\n0\r\nx: y\r\n\r\n'),
    { heads: [200], bodies: ['a'], reusable: [true] },
  ],
  [
    'after an interim one',
    Buffer.concat([response('HTTP/1.1 100 Continue'), response('HTTP/1.1 200 OK\ncontent-length: 1', 'x')]),
    { heads: [200], bodies: ['x'], reusable: [true] },
  ],
  [
    'that ends its connection',
    response('HTTP/1.1 200 OK\nconnection: close\ncontent-length: 1', 'x'),
    { heads: [200], bodies: ['x'], reusable: [false] },
  ],
  [
    'of HTTP/1.0',
    response('HTTP/1.0 200 OK\ncontent-length: 1', 'x'),
    { heads: [200], bodies: ['x'], reusable: [false] },
  ],
];

describe('a response', () => {
  it.each(ANSWERS)('%s is read', (_, bytes, expected) => {
    expect(parse(bytes)).toEqual(expected);
  });

  it.each(ANSWERS)('%s is read alike however its bytes are cut', (_, bytes, expected) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 }), (sizes) => {
        expect(parse(bytes, sizes)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('without a length lasts until the connection ends', () => {
    const heard = parse(response('HTTP/1.1 200 OK', 'all of it'), [3], true);
    expect(heard).toEqual({ heads: [200], bodies: ['all of it'], reusable: [false] });
  });

  it('never makes anything but an error of arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          parse(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});
