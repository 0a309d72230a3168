import { duplicateKey, editObject, members, memberText } from '@switchyard/json-text';
import { describe, expect, it } from 'vitest';

import {
  answerKind,
  classifyEra,
  COMPLETE,
  createSseScanner,
  encodeHeader,
  ENVELOPE,
  errorText,
  type Incoming,
  paramHeaders,
  readMessage,
  requestText,
  resultText,
  splitAtId,
  stampResult,
  withEnvelope,
  withoutEnvelope,
} from '../src/index.ts';
import { createRandom, mutant, pick, type Random } from './mutate.ts';

/** `npm run hostile` has a million. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 100_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_728);
/** Long enough for a million runs on a small machine; a hang is longer. */
const TIMEOUT_MS = 60_000 + RUNS;
const ID = '"sy-1-n0nce"';

/** A spoilt message, and whether it is still JSON. */
interface Spoilt {
  readonly text: string;
  readonly valid: boolean;
  readonly random: Random;
}

/** Throws with what brings the failure back. Returns how many messages were still JSON. */
function fuzz(checks: readonly ((spoilt: Spoilt) => void)[]): number {
  let parsed = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const seed = SEED + run;
    const random = createRandom(seed);
    const text = mutant(random);
    const valid = isJson(text);
    if (valid) parsed += 1;
    try {
      for (const check of checks) check({ text, valid, random });
    } catch (cause) {
      throw new Error(`FUZZ_SEED=${seed} FUZZ_RUNS=1 brings it back: ${JSON.stringify(text)}`, { cause });
    }
  }
  return parsed;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** `expect` is too slow for some millions of checks. */
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

function idOf(text: string): unknown {
  return (JSON.parse(text) as { id: unknown }).id;
}

function headersFor(message: Extract<Incoming, { kind: 'request' }>, random: Random): Record<string, string> {
  const name = message.params['name'] ?? message.params['uri'];
  return {
    ...(random(4) > 0 && { 'mcp-protocol-version': pick(['2026-07-28', '2025-11-25', ''], random) }),
    ...(random(4) > 0 && { 'mcp-method': random(4) > 0 ? message.method : 'tools/list' }),
    ...(random(4) > 0 && { 'mcp-name': random(4) > 0 ? encodeHeader(String(name)) : '=?base64?%%?=' }),
  };
}

const HOP = { clientInfo: { name: 'switchyard', version: '1' }, capabilities: {} };

function checkRequest(message: Extract<Incoming, { kind: 'request' }>, text: string, random: Random): void {
  const era = classifyEra(message, headersFor(message, random));
  const answer =
    era.kind === 'fault' ? errorText(message.idText, era.fault) : resultText(message.idText, '{}');
  must(Object.is(idOf(answer), idOf(text)), 'the answer has another id');
  const onward = requestText(ID, message.method, withEnvelope(message.paramsText, HOP));
  const { params } = JSON.parse(onward) as { params: { _meta: Record<string, unknown> } };
  must(params._meta[ENVELOPE.version] === '2026-07-28', 'the envelope is not in the next request');
  const legacy = JSON.parse(withoutEnvelope(message.paramsText)) as {
    _meta?: Record<string, unknown> | null;
  };
  must(legacy._meta?.[ENVELOPE.version] === undefined, 'the envelope is in the request of a session');
}

/** Each is read and answered, and goes on as JSON. */
function checkMessage({ text, random }: Spoilt): void {
  const message = readMessage(text);
  switch (message.kind) {
    case 'invalid':
      return void JSON.parse(errorText(message.idText, message.fault));
    case 'notification':
      return void JSON.parse(requestText('1', message.method, message.paramsText));
    case 'response':
      return must(idOf(editObject(message.text, { id: ID })) === JSON.parse(ID), 'the id was not exchanged');
    case 'request':
      return checkRequest(message, text, random);
  }
}

/** Each is edited where it is an object, and its members read as JSON.parse reads them. */
function checkEdit({ text, valid }: Spoilt): void {
  if (!valid) return checkBroken(text);
  if (!members(text)) return;
  const value = JSON.parse(text) as Record<string, unknown>;
  const edited = JSON.parse(editObject(text, { id: undefined, new: '1' })) as Record<string, unknown>;
  must(edited['new'] === 1 && !Object.hasOwn(edited, 'id'), 'the edit was not made');
  for (const key of Object.keys(value).slice(0, 4)) {
    const own = memberText(text, key);
    must(JSON.stringify(JSON.parse(own ?? '')) === JSON.stringify(value[key]), `"${key}" reads otherwise`);
  }
}

/** What is no JSON is nobody's to edit: it may be refused, but it must come to an end. */
function checkBroken(text: string): void {
  try {
    editObject(text, { id: '1' });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
}

/** Each is split at the id that it has, and nowhere else. */
function checkSplit({ text }: Spoilt): void {
  const body = Buffer.from(text);
  const parts = splitAtId(body, ID);
  answerKind(body);
  const stamped = stampResult(body, COMPLETE);
  // What is no text, like half of a letter, has become another one on the way.
  const valid = (stamped !== undefined || parts !== undefined) && isJson(body.toString());
  if (stamped && valid) JSON.parse(Buffer.concat(stamped).toString());
  if (!parts) return;
  must(Buffer.concat([parts.before, Buffer.from(ID), parts.after]).equals(body), 'bytes were lost');
  if (!valid || duplicateKey(body.toString()) !== undefined) return;
  must(idOf(`${parts.before.toString()}42${parts.after.toString()}`) === 42, 'another place was found');
}

/** Each comes out of a stream in whatever pieces it went in. */
function checkStream({ text, random }: Spoilt): void {
  const stream = Buffer.from(`data: ${text}\n\n:\n${text}\r\n\r\ndata: ${text}\r\r`);
  const whole = createSseScanner(1_000_000).push(stream);
  const scanner = createSseScanner(1_000_000);
  const pieces: Buffer[] = [];
  for (let at = 0; at < stream.length;) {
    const end = at + 1 + random(1 + random(600));
    pieces.push(...scanner.push(stream.subarray(at, end)));
    at = end;
  }
  must(
    pieces.length === whole.length && pieces.every((piece, at) => whole[at]?.equals(piece)),
    'other pieces, other events',
  );
}

function checkSchema({ text, valid }: Spoilt): void {
  if (valid) paramHeaders(text);
}

describe(`each of ${RUNS} spoilt messages`, () => {
  it('is read, answered, edited, split and streamed without a slip', { timeout: TIMEOUT_MS }, () => {
    const parsed = fuzz([checkMessage, checkEdit, checkSplit, checkStream, checkSchema]);

    // A gate that only ever sees garbage would prove nothing.
    expect(parsed).toBeGreaterThan(RUNS > 1_000 ? RUNS / 10 : -1);
  });
});

/** The least of some runs, in milliseconds: noise only ever adds. */
function leastTime(work: () => unknown): number {
  const times = [1, 2].map(() => {
    const startedAt = performance.now();
    work();
    return performance.now() - startedAt;
  });
  return Math.min(...times);
}

const MB = 1024 * 1024;

const INPUTS: readonly [string, (size: number) => string][] = [
  ['text', (size) => `{"result":{"text":"${'x'.repeat(size)}"},"id":${ID}}`],
  ['backslashes', (size) => `{"result":{"text":"${'\\\\'.repeat(size / 2)}"},"id":${ID}}`],
  ['escaped quotes', (size) => `{"result":{"text":"${'\\"'.repeat(size / 2)}"},"id":${ID}}`],
  ['empty texts', (size) => `{"result":["${'","'.repeat(size / 3)}"],"id":${ID}}`],
  ['false ids', (size) => `{"a":[${`{"id":${ID}},`.repeat(size / 20)}0],"id":${ID}${' '.repeat(600)}}`],
  ['ids that are keys', (size) => `{"a":{${`${ID}:${ID},`.repeat(size / 26)}"b":0},"id":1}`],
  [
    'white space',
    (size) => `{${' '.repeat(size / 2)}"id"${' '.repeat(size / 4)}:${'\n'.repeat(size / 4)}${ID}}`,
  ],
  [
    'members',
    (size) =>
      `{${Array.from({ length: size / 40 }, (_, at) => `"k${at}":"${'x'.repeat(28)}",`).join('')}"id":${ID}}`,
  ],
  ['lists', (size) => `{"result":[${'[[]],'.repeat(size / 5)}0],"id":${ID}}`],
  ['an unfinished text', (size) => `{"id":1,"result":"${'\\'.repeat(size)}`],
  ['brackets', (size) => '[{'.repeat(size / 2)],
  ['lines', (size) => `data: x\r\n\r\n`.repeat(size / 10)],
];

const READERS: readonly [string, (text: string, bytes: Buffer) => unknown][] = [
  ['reading', (text) => readMessage(text)],
  ['editing', (text) => editObject(text, { id: '1' })],
  ['splitting', (_, bytes) => splitAtId(bytes, ID)],
  ['stamping', (_, bytes) => [answerKind(bytes), stampResult(bytes, COMPLETE)]],
  ['scanning', (_, bytes) => createSseScanner(bytes.length + 10).push(bytes)],
];

const CASES = INPUTS.flatMap(([input, make]) =>
  READERS.map(([reader, read]) => ({ input, reader, make, read })),
);

describe('four times as many', () => {
  it.each(CASES)('$input cost $reader about four times as much', ({ make, read }) => {
    const [small, large] = [make(MB), make(4 * MB)].map((text) => ({ text, bytes: Buffer.from(text) }));
    if (!small || !large) throw new Error('nothing to measure');
    const ratio = (): number => {
      const base = leastTime(() => read(small.text, small.bytes));
      // Below this the clock and the collector say more than the work.
      return leastTime(() => read(large.text, large.bytes)) / Math.max(base, 2);
    };

    // Work that grows with the square has 16; a busy machine gets three tries.
    expect([1, 2, 3].some(() => ratio() < 10)).toBe(true);
  });
});
