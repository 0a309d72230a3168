import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createSseScanner } from '../src/index.ts';

const BOUND = 64 * 1024 * 1024;

/** The events of a stream that comes in these pieces. */
function scan(chunks: readonly Buffer[], bound = BOUND): string[] {
  const scanner = createSseScanner(bound);
  return chunks.flatMap((chunk) => scanner.push(chunk).map(String));
}

function scanText(text: string, bound?: number): string[] {
  return scan([Buffer.from(text)], bound);
}

function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
}

describe('a bound', () => {
  it.each([
    ['a line that never ends', `data: ${'x'.repeat(200)}`],
    ['an event of many lines', `data: ${'x'.repeat(20)}\n`.repeat(20)],
    ['a comment that never ends', `:${'x'.repeat(200)}`],
    ['a field that is no data', `event: ${'x'.repeat(200)}`],
  ])('is kept by %s', (_, text) => {
    expect(() => scanText(text, 100)).toThrow(RangeError);
    expect(() =>
      scan(
        [...Buffer.from(text)].map((byte) => Buffer.of(byte)),
        100,
      ),
    ).toThrow(RangeError);
  });

  it('is for one event, not for the stream', () => {
    expect(scanText(`data: ${'x'.repeat(80)}\n\n`.repeat(50), 100)).toHaveLength(50);
  });
});

describe('a stream', () => {
  it.each<[string, string, string[]]>([
    ['nothing', '', []],
    ['an unfinished event', 'data: a', []],
    ['a line without the empty one behind it', 'data: a\n', []],
    ['an event', 'data: a\n\n', ['a']],
    ['events', 'data: a\n\ndata: b\n\n', ['a', 'b']],
    ['CR alone', 'data: a\r\rdata: b\r\r', ['a', 'b']],
    ['CR LF', 'data: a\r\n\r\ndata: b\r\n\r\n', ['a', 'b']],
    ['line ends of all kinds', 'data: a\r\ndata: b\rdata: c\n\r\ndata: d\n\n', ['a\nb\nc', 'd']],
    ['no space after the colon', 'data:a\n\n', ['a']],
    ['two spaces after the colon', 'data:  a\n\n', [' a']],
    ['several lines', 'data: a\ndata:\ndata: c\n\n', ['a\n\nc']],
    ['empty data', 'data:\n\n', ['']],
    ['comments', ':\n: hi\ndata: a\n:x\n\n: bye\n\n', ['a']],
    ['other fields', 'event: message\nid: 7\nretry: 10\ndata: a\n\n', ['a']],
    ['an event without data', 'event: ping\n\ndata: a\n\n', ['a']],
    ['fields that begin like data', 'database: x\ndata2:y\n data: z\nDATA: q\n\ndata: a\n\n', ['a']],
    ['empty lines', '\n\n\n\ndata: a\n\n\n\n', ['a']],
    ['a byte order mark', '\uFEFFdata: a\n\ndata: b\n\n', ['a', 'b']],
    ['a byte order mark in the data', 'data: \uFEFFa\n\n', ['\uFEFFa']],
    ['a colon in the data', 'data: {"a":"data: b"}\n\n', ['{"a":"data: b"}']],
  ])('of %s', (_, text, events) => {
    expect(scanText(text)).toEqual(events);
    expect(scan([...Buffer.from(text)].map((byte) => Buffer.of(byte)))).toEqual(events);
  });

  it('gives the same events in whatever pieces it comes', () => {
    const end = fc.constantFrom('\n', '\r', '\r\n');
    const line = fc.oneof(
      fc.string({ maxLength: 8 }).map((text) => `data: ${text.replaceAll(/[\r\n]/g, '')}`),
      fc.constantFrom('', '', 'data:', 'data: é🦊', ': comment', 'event: message', 'id: 1', '\uFEFFdata: x'),
    );
    const stream = fc.array(fc.tuple(line, end)).map((lines) => lines.flat().join(''));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(400), { maxLength: 30 }), (text, cuts) => {
        const bytes = Buffer.from(text);
        expect(scan(pieces(bytes, cuts))).toEqual(scan([bytes]));
        expect(scan([...bytes].map((byte) => Buffer.of(byte)))).toEqual(scan([bytes]));
      }),
      { numRuns: 500 },
    );
  });

  it('gives back what a writer wrote', () => {
    const message = fc.string({ unit: 'binary', minLength: 1 }).map((text) => text.replaceAll('\r', ''));
    fc.assert(
      fc.property(fc.array(message), fc.constantFrom('\n', '\r\n', '\r'), (messages, end) => {
        const text = messages
          .map((each) => `data: ${each.replaceAll('\n', `${end}data: `)}${end}${end}`)
          .join('');
        expect(scanText(text)).toEqual(messages);
      }),
      { numRuns: 300 },
    );
  });

  it('of 5 MB that comes byte by byte is read once', () => {
    const value = 'x'.repeat(5 * 1024 * 1024);
    const bytes = Buffer.from(`data: ${value}\n\n`);
    const scanner = createSseScanner(BOUND);
    const events: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 1) events.push(...scanner.push(bytes.subarray(at, at + 1)));

    expect(events.map(String)).toEqual([value]);
  });

  it('of many short events in one piece is read once', () => {
    expect(scanText('data: a\r\n\r\n'.repeat(100_000))).toHaveLength(100_000);
    expect(scanText('data: a\n\n'.repeat(300_000))).toHaveLength(300_000);
    expect(scanText('data: a\r\r'.repeat(300_000))).toHaveLength(300_000);
  });
});

/** The events of a stream of which, after each piece, all that has begun is taken away. */
function scanTaking(chunks: readonly Buffer[]): string[] {
  const scanner = createSseScanner(BOUND);
  const events: string[] = [];
  let begun = Buffer.alloc(0);
  for (const chunk of chunks) {
    for (const event of scanner.push(chunk)) {
      events.push(Buffer.concat([begun, event]).toString());
      begun = Buffer.alloc(0);
    }
    begun = Buffer.concat([begun, scanner.take()]);
  }
  return events;
}

describe('an event that is taken while it comes', () => {
  it.each<[string, string, string[]]>([
    ['one line', 'data: abcdef\n\ndata: g\n\n', ['abcdef', 'g']],
    ['several lines', 'data: ab\ndata:\ndata:cd\r\n\r\n', ['ab\n\ncd']],
    ['other fields between', 'data: ab\nevent: x\n:\ndata: cd\n\ndata: e\n\n', ['ab\ncd', 'e']],
    ['a byte order mark', '\uFEFFdata: ab\n\n', ['ab']],
    ['one inside the data', 'data: a\uFEFFb\n\n', ['a\uFEFFb']],
  ])('is whole: %s', (_, text, events) => {
    expect(scanTaking([Buffer.from(text)])).toEqual(events);
    expect(scanTaking([...Buffer.from(text)].map((byte) => Buffer.of(byte)))).toEqual(events);
  });

  it('is the same in whatever pieces it comes', () => {
    const end = fc.constantFrom('\n', '\r', '\r\n');
    const line = fc.constantFrom(
      '',
      '',
      'data:',
      'data: é🦊',
      'data:x',
      'data: \uFEFFlong text',
      ': c',
      'event: m',
    );
    const stream = fc.array(fc.tuple(line, end)).map((lines) => lines.flat().join(''));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(400), { maxLength: 30 }), (text, cuts) => {
        const bytes = Buffer.from(text);
        // What was taken of an event without an end is no event either.
        expect(scanTaking(pieces(bytes, cuts))).toEqual(scan([bytes]));
      }),
      { numRuns: 500 },
    );
  });

  it('has begun when one line of it is long enough', () => {
    const scanner = createSseScanner(BOUND);
    scanner.push(Buffer.from('event: message\ndata: {"a":'));
    expect(scanner.begun(100)).toBeUndefined();
    expect(scanner.begun(10)?.toString()).toBe('{"a":');
    scanner.push(Buffer.from('1,\ndata: "b":22222'));
    expect(scanner.begun(10)).toBeUndefined();
  });

  it.each(['event: xxxxxxxxxxxxxxxx', ': xxxxxxxxxxxxxxxxxxxx', 'data'])('has not begun with %s', (text) => {
    const scanner = createSseScanner(BOUND);
    scanner.push(Buffer.from(text));
    expect(scanner.begun(1)).toBeUndefined();
  });
});
