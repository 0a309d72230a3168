import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { countAnswers, openRaw, type RawClient, withoutDate } from './raw-client.ts';
import { post, startTwoServers } from './two-servers.ts';

const BODY = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const PLAIN = post(BODY);
const GET = 'GET /other HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
const LINE = 'POST /mcp HTTP/1.1\r\n';
const HEAD = 'Host: 127.0.0.1\r\nAuthorization: Basic dTpw\r\n';
const SMUGGLED = 'POST /mcp HTTP/1.1\r\nHost: evil\r\nAuthorization: Basic eDp5\r\nContent-Length: 0\r\n\r\n';

/** A head with the given lines in place of the length, and what follows it. */
function raw(lines: string, rest: string): string {
  return `${LINE}${HEAD}${lines}\r\n\r\n${rest}`;
}

function withLine(line: string): string {
  return `${LINE}${HEAD}${line}\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;
}

/** Who reads the first request: the lane, or node's server, which then may refuse it. */
type Way = 'lane' | 'node';
type Case = readonly [name: string, bytes: string, first: Way];

const PLAIN_ONES: readonly Case[] = [
  ['a plain request', PLAIN, 'lane'],
  ['two of them', PLAIN + PLAIN, 'lane'],
  ['twenty of them', PLAIN.repeat(20), 'lane'],
  ['one without a body', post(''), 'lane'],
  ['letters of several bytes', post('{"a":"äöü€🦊"}'), 'lane'],
  ['a query', post(BODY, { path: '/mcp?site=eng&x=%20' }), 'lane'],
  ['a path of one site', post(BODY, { path: '/mcp/sites/eng' }), 'lane'],
  ['the old endpoints', post(BODY, { path: '/v1/mcp' }), 'lane'],
  ['Connection: keep-alive', post(BODY, { more: ['Connection: keep-alive'] }), 'lane'],
  ['Connection: Keep-Alive', post(BODY, { more: ['Connection: Keep-Alive'] }), 'lane'],
  ['names in capitals', PLAIN.replace('Content-Length', 'CONTENT-LENGTH'), 'lane'],
  ['no space after the colon', PLAIN.replace('Host: ', 'Host:'), 'lane'],
  ['white space around a value', PLAIN.replace('Host: 127.0.0.1', 'Host: \t 127.0.0.1 \t'), 'lane'],
  ['an empty value', post(BODY, { more: ['X-Empty:'] }), 'lane'],
  ['a colon in a value', post(BODY, { more: ['X-Time: 10:20'] }), 'lane'],
  ['every letter that a name may have', post(BODY, { more: ["a!#$%&'*+-.^_`|~9: x"] }), 'lane'],
  ['ninety headers', post(BODY, { more: Array.from({ length: 90 }, (_, at) => `X-${at}: y`) }), 'lane'],
  ['a head of 12 KB', post(BODY, { more: [`X: ${'y'.repeat(12_000)}`] }), 'lane'],
  ['the longest body', post('x'.repeat(65_536)), 'lane'],
];

const LEFT_TO_NODE: readonly Case[] = [
  ['a longer body', post('x'.repeat(65_537)), 'node'],
  ['GET', GET, 'node'],
  ['GET after POST', PLAIN + GET, 'lane'],
  ['POST after GET', GET + PLAIN, 'node'],
  ['DELETE', PLAIN.replace('POST', 'DELETE'), 'node'],
  ['another path', post(BODY, { path: '/other' }), 'node'],
  ['a path that begins like ours', post(BODY, { path: '/mcpx' }), 'node'],
  ['an absolute target', post(BODY, { path: 'http://127.0.0.1/mcp' }), 'node'],
  ['a fragment', post(BODY, { path: '/mcp#x' }), 'node'],
  ['no credential', PLAIN.replace('Authorization: Basic dTpw\r\n', ''), 'node'],
  ['a cookie twice', post(BODY, { more: ['Cookie: a=1', 'Cookie: b=2'] }), 'node'],
  ['a header twice', post(BODY, { more: ['X-A: 1', 'x-a: 2'] }), 'node'],
  ['two credentials', post(BODY, { more: ['Authorization: Basic eDp5'] }), 'node'],
  ['Connection: close', post(BODY, { more: ['Connection: close'] }), 'node'],
  ['Connection with several options', post(BODY, { more: ['Connection: keep-alive, x'] }), 'node'],
  ['Expect: 100-continue', post(BODY, { more: ['Expect: 100-continue'] }), 'node'],
  ['another expectation', post(BODY, { more: ['Expect: tea'] }), 'node'],
  ['Trailer', post(BODY, { more: ['Trailer: X'] }), 'node'],
  ['HTTP/1.0', PLAIN.replace('HTTP/1.1', 'HTTP/1.0'), 'node'],
  ['letters beyond ASCII in a value', post(BODY, { more: ['X: \u00e4'] }), 'node'],
  ['a name that objects have', post(BODY, { more: ['constructor: x'] }), 'node'],
  ['the name of a prototype', post(BODY, { more: ['__proto__: x'] }), 'node'],
  ['chunks', raw('Transfer-Encoding: chunked', '3\r\nabc\r\n0\r\n\r\n'), 'node'],
  ['no length at all', raw('X: y', ''), 'node'],
  ['chunks in capitals', raw('TRANSFER-ENCODING: Chunked', '3\r\nabc\r\n0\r\n\r\n'), 'node'],
  ['empty lines before the request', `\r\n\r\n${PLAIN}`, 'node'],
  ['a length with zeros in front', raw('Content-Length: 0040', BODY), 'node'],
  [
    'too many headers for the lane',
    post(BODY, { more: Array.from({ length: 97 }, (_, at) => `X-${at}: y`) }),
    'node',
  ],
];

/** What attackers send: each must be read as node reads it, and most must be refused. */
const HOSTILE: readonly Case[] = [
  ['CL.TE', raw('Content-Length: 6\r\nTransfer-Encoding: chunked', '0\r\n\r\nG'), 'node'],
  [
    'CL.TE with a request',
    raw(`Content-Length: ${5 + SMUGGLED.length}\r\nTransfer-Encoding: chunked`, `0\r\n\r\n${SMUGGLED}`),
    'node',
  ],
  ['TE.CL', raw('Transfer-Encoding: chunked\r\nContent-Length: 3', '5\r\nabcde\r\n0\r\n\r\n'), 'node'],
  [
    'TE with a space before the colon',
    raw('Transfer-Encoding : chunked\r\nContent-Length: 3', 'abc'),
    'node',
  ],
  ['TE with a tab', raw('Transfer-Encoding:\tchunked\r\nContent-Length: 3', 'abc'), 'node'],
  ['TE that is unknown', raw('Transfer-Encoding: xchunked\r\nContent-Length: 3', 'abc'), 'node'],
  ['TE twice', raw('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', '0\r\n\r\n'), 'node'],
  ['TE folded', raw('Transfer-Encoding:\r\n chunked\r\nContent-Length: 3', 'abc'), 'node'],
  ['TE after a bare LF', raw('X: y\nTransfer-Encoding: chunked\r\nContent-Length: 3', 'abc'), 'node'],
  ['TE after a bare CR', raw('X: y\rTransfer-Encoding: chunked\r\nContent-Length: 3', 'abc'), 'node'],
  ['TE with a NUL', raw('Transfer-Encoding\0: chunked\r\nContent-Length: 3', 'abc'), 'node'],
  ['TE: gzip, chunked', raw('Transfer-Encoding: gzip, chunked', '0\r\n\r\n'), 'node'],
  ['two lengths', raw('Content-Length: 3\r\nContent-Length: 5', 'abcde'), 'node'],
  ['two equal lengths', raw('Content-Length: 3\r\nContent-Length: 3', 'abc'), 'node'],
  ['lengths in a list', raw('Content-Length: 3, 3', 'abc'), 'node'],
  ['a length with a sign', raw('Content-Length: +3', 'abc'), 'node'],
  ['a negative length', raw('Content-Length: -3', 'abc'), 'node'],
  ['a length in hex', raw('Content-Length: 0x3', 'abc'), 'node'],
  ['a length with a fraction', raw('Content-Length: 3.0', 'abc'), 'node'],
  ['a length with an exponent', raw('Content-Length: 3e0', 'abc'), 'node'],
  ['a length with a space inside', raw('Content-Length: 3 3', 'abc'), 'node'],
  ['an empty length', raw('Content-Length:', 'abc'), 'node'],
  ['a length beyond every number', raw(`Content-Length: ${'9'.repeat(30)}`, 'abc'), 'node'],
  ['a length with a space before the colon', raw('Content-Length : 3', 'abc'), 'node'],
  ['a length after a bare LF', raw('X: y\nContent-Length: 3', 'abc'), 'node'],
  ['a length folded', raw('Content-Length:\r\n 3', 'abc'), 'node'],
  ['a folded line', withLine('X: a\r\n b'), 'node'],
  ['a line folded by a tab', withLine('X: a\r\n\tb'), 'node'],
  ['a bare LF in a value', withLine('X: a\nb: c'), 'node'],
  ['a bare CR in a value', withLine('X: a\rb'), 'node'],
  ['a NUL in a value', withLine('X: a\0b'), 'node'],
  ['a control character in a value', withLine('X: a\u0001b'), 'node'],
  ['DEL in a value', withLine('X: a\u007fb'), 'node'],
  ['a line without a colon', withLine('nothing'), 'node'],
  ['an empty name', withLine(': x'), 'node'],
  ['a space in a name', withLine('X Y: z'), 'node'],
  ['a name in brackets', withLine('(X): z'), 'node'],
  ['letters beyond ASCII in a name', withLine('\u00c4: z'), 'node'],
  ['a space before the first name', `${LINE} Host: x\r\n${HEAD}Content-Length: 0\r\n\r\n`, 'node'],
  ['line ends of LF alone', PLAIN.replaceAll('\r\n', '\n'), 'node'],
  ['an empty line of LF alone', PLAIN.replace('\r\n\r\n', '\r\n\n'), 'node'],
  ['no Host', PLAIN.replace('Host: 127.0.0.1\r\n', ''), 'node'],
  ['two Hosts', post(BODY, { more: ['Host: evil'] }), 'node'],
  ['a method in small letters', PLAIN.replace('POST', 'post'), 'node'],
  ['an unknown method', PLAIN.replace('POST', 'PIST'), 'node'],
  ['another protocol', PLAIN.replace('HTTP/1.1', 'HTTP/9.9'), 'node'],
  ['no protocol', PLAIN.replace(' HTTP/1.1', ''), 'node'],
  ['a tab after the method', PLAIN.replace('POST ', 'POST\t'), 'node'],
  ['two spaces after the target', PLAIN.replace('/mcp ', '/mcp  '), 'node'],
  ['a space in the target', PLAIN.replace('/mcp ', '/mcp x '), 'node'],
  ['a NUL in the target', PLAIN.replace('/mcp', '/mcp\0'), 'node'],
  ['letters beyond ASCII in the target', PLAIN.replace('/mcp', '/mcp?\u00e4'), 'node'],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'node'],
  ['the first bytes of TLS', '\u0016\u0003\u0001\u0002\0\u0001\0\u0001', 'node'],
  ['another language', 'SSH-2.0-OpenSSH_9.6\r\n', 'node'],
  ['nothing but line ends', '\r\n\r\n\r\n', 'node'],
  ['a head of 20 KB', post(BODY, { more: [`X: ${'y'.repeat(20_000)}`] }), 'node'],
  ['a name of 20 KB', `${LINE}${'x'.repeat(20_000)}`, 'node'],
  ['a smuggled request in the body', post(SMUGGLED), 'lane'],
];

/** What comes after a plain request on its connection. */
const FOLLOWING: readonly (readonly [string, string])[] = [
  ['more than the length of the body', '{"more":true}'],
  ['CL.TE', raw('Content-Length: 3\r\nTransfer-Encoding: chunked', 'abc')],
  ['a bare LF', withLine('X: a\nb: c')],
  ['a folded line', withLine('X: a\r\n b')],
  ['two lengths', raw('Content-Length: 3\r\nContent-Length: 5', 'abcde')],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
];

const CORPUS: readonly Case[] = [...PLAIN_ONES, ...LEFT_TO_NODE, ...HOSTILE];
const QUIET_MS = 150;
const PATIENCE_MS = 5_000;

interface Said {
  readonly url: string;
  readonly bytes: string;
}

/**
 * What is answered in two ways to say the same, once it is quiet on both: a difference may only be that one of them has
 * not finished, so it is believed when it stays.
 */
async function compare(one: readonly Said[], other: readonly Said[]): Promise<[string, string]> {
  const open = async ({ url, bytes }: Said): Promise<RawClient> => {
    const client = await openRaw(url);
    await client.send(Buffer.from(bytes, 'latin1'));
    return client;
  };
  const sides = await Promise.all([one, other].map((side) => Promise.all(side.map(open))));
  const received = (): string[] =>
    sides.map((side) => side.map((client) => withoutDate(client.received())).join(''));
  const until = performance.now() + PATIENCE_MS;
  for (let last: string[] = []; ;) {
    const [first = '', second = ''] = received();
    const isQuiet = first === last[0] && second === last[1];
    if (isQuiet && (first === second || performance.now() > until)) {
      for (const { socket } of sides.flat()) socket.destroy();
      return [first, second];
    }
    last = [first, second];
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  }
}

describe('bytes on a connection', () => {
  it('are a corpus worth the name', () => {
    expect(CORPUS.length).toBeGreaterThanOrEqual(80);
    expect(new Set(CORPUS.map(([name]) => name)).size).toBe(CORPUS.length);
  });

  it.concurrent.each(CORPUS)('get the answer that node gives: %s', async (_, bytes, first) => {
    const { plain, withLane, ways } = await startTwoServers();
    const [expected, got] = await compare([{ url: plain.url, bytes }], [{ url: withLane.url, bytes }]);
    expect(got).toBe(expected);
    expect(ways.lane > 0 ? 'lane' : 'node').toBe(first);
  });
});

describe('what follows a plain request', () => {
  it.concurrent.each(FOLLOWING)('is read as node reads it, after the answer: %s', async (_, bytes) => {
    const { plain, withLane } = await startTwoServers();
    const apart = [PLAIN, bytes].map((each) => ({ url: plain.url, bytes: each }));
    const [expected, got] = await compare(apart, [{ url: withLane.url, bytes: PLAIN + bytes }]);
    expect(got).toBe(expected);
  });
});

const SERIES = [PLAIN, post('{"a":"äöü€🦊"}'), post(BODY, { path: '/mcp/sites/eng' }), GET, PLAIN];

describe('a series of requests', () => {
  it('gets the same answers wherever its bytes are cut', { timeout: 60_000 }, async () => {
    const { plain, withLane } = await startTwoServers();
    const bytes = Buffer.from(SERIES.join(''), 'latin1');
    const whole = { bytes: bytes.toString('latin1') };
    const [expected] = await compare([{ ...whole, url: plain.url }], [{ ...whole, url: withLane.url }]);
    expect(countAnswers(expected)).toBe(SERIES.length);

    async function cut(at: number): Promise<string> {
      const client = await openRaw(withLane.url);
      await client.send(bytes.subarray(0, at));
      await client.send(bytes.subarray(at));
      const received = await client.until((text) => countAnswers(text) >= SERIES.length);
      client.socket.destroy();
      return withoutDate(received);
    }
    const cuts = Array.from({ length: bytes.length - 1 }, (_, at) => at + 1);
    for (let at = 0; at < cuts.length; at += 64) {
      const got = await Promise.all(cuts.slice(at, at + 64).map(cut));
      expect(new Set(got)).toEqual(new Set([expected]));
    }
  });

  it('gets the same answers in whatever pieces it comes', { timeout: 60_000 }, async () => {
    const { plain, withLane } = await startTwoServers();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...SERIES, post('x'.repeat(3_000))), { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 }),
        async (series, sizes) => {
          const answers = await Promise.all(
            [plain, withLane].map(async ({ url }) => {
              const client = await openRaw(url);
              const bytes = Buffer.from(series.join(''), 'latin1');
              for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
                const size = sizes[turn % sizes.length] ?? 1;
                await client.send(bytes.subarray(at, at + size));
                at += size;
              }
              const received = await client.until((text) => countAnswers(text) >= series.length);
              client.socket.destroy();
              return withoutDate(received);
            }),
          );
          expect(answers[1]).toBe(answers[0]);
        },
      ),
      { numRuns: 25 },
    );
  });
});
