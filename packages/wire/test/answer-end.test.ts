import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { AnswerEnd, KEPT_BYTES, readAnswerStart, splitAtId } from '../src/index.ts';

const ID = '"sy-1-n0nce"';
const THEIRS = '42';
const FILL = 'x'.repeat(3 * KEPT_BYTES);
/** Written out at the end, so that what fails can be read. */
const HERE = '(fill)';

interface Passed {
  /** Undefined: broken off. */
  readonly text: string | undefined;
  /** The most that was kept back. */
  readonly most: number;
}

/** What a reader gets of an answer whose start is known and whose other bytes come in these pieces; undefined: it is held. */
function pass(start: Buffer, pieces: readonly Buffer[], blockBytes?: number): Passed | undefined {
  const idAt = readAnswerStart(start, ID);
  if (idAt === undefined) return undefined;
  const early = start.subarray(0, Math.max(0, start.length - KEPT_BYTES));
  const out = idAt === -1 ? [early] : exchanged(early, idAt);
  let kept = 0;
  let most = 0;
  const goOn = (bytes: Buffer): void => {
    kept -= bytes.length;
    out.push(bytes);
  };
  const end = new AnswerEnd(idAt === -1 ? ID : undefined, goOn, blockBytes);
  for (const [at, piece] of [start.subarray(early.length), ...pieces].entries()) {
    const lent = Buffer.from(piece);
    kept += lent.length;
    end.push(lent);
    lent.fill('!');
    if (at % 2 === 0) end.flush();
    most = Math.max(most, kept);
  }
  const last = end.finish();
  if (last) out.push(...(last.idAt === -1 ? [last.bytes] : exchanged(last.bytes, last.idAt)));
  return { text: last && Buffer.concat(out).toString(), most };
}

function exchanged(bytes: Buffer, at: number): Buffer[] {
  return [bytes.subarray(0, at), Buffer.from(THEIRS), bytes.subarray(at + ID.length)];
}

function held(body: Buffer): string | undefined {
  const halves = splitAtId(body, ID);
  return halves && `${halves.before.toString()}${THEIRS}${halves.after.toString()}`;
}

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...cuts.map((each) => each % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
}

/** The same with the start as long as it must be, in one piece, in bytes and in halves. */
function passAll(text: string): (Passed | undefined)[] {
  const body = Buffer.from(text);
  const start = body.subarray(0, 2 * KEPT_BYTES);
  const rest = body.subarray(start.length);
  return [[rest], cut(rest, [rest.length / 2]), Array.from(rest, (byte) => Buffer.of(byte))].map((pieces) =>
    pass(start, pieces),
  );
}

describe('an answer that goes on before it is whole', () => {
  it.each<[string, string]>([
    ['with the id in front', `{"jsonrpc":"2.0","id":${ID},"result":{"a":"${FILL}"}}`],
    ['with the id at the end', `{"result":{"a":"${FILL}"},"jsonrpc":"2.0","id":${ID}}`],
    ['with the id last but one', `{"result":{"a":"${FILL}"},"id":${ID},"jsonrpc":"2.0"}`],
    ['with white space around it', `{"result":{"a":"${FILL}"} ,\n "id" :\t${ID} \r\n} \n`],
    ['with a member behind its id', `{"result":{"a":"${FILL}"},"id":${ID},"_meta":{"a":"${FILL}"}}`],
    ['that repeats the id', `{"result":{"a":"${FILL}","b":[{"id":${ID}},"${FILL}"]},"id":${ID}}`],
    [
      'that repeats it and has a member behind it',
      `{"result":{"a":"${FILL}","b":{"id":${ID}}},"id":${ID},"b":{"id":${ID},"c":"${FILL}]"}}`,
    ],
    [
      'that repeats it in a text',
      `{"result":{"a":"${FILL}${JSON.stringify(`"id":${ID}`).slice(1)}},"id":${ID}}`,
    ],
    ['with its id in front, which it repeats', `{"id":${ID},"result":{"a":"${FILL}","id":${ID}}}`],
    ['with letters of several bytes', `{"result":{"a":"${FILL}${'é🦊'.repeat(500)}"},"id":${ID}}`],
  ])('is the same as one that is held: %s', (_, text) => {
    const passed = passAll(text);
    expect(passed.map((each) => each?.text)).toEqual(
      Array.from({ length: 3 }, () => held(Buffer.from(text))),
    );
    expect(passed[0]?.text).toContain(THEIRS);
  });

  it.each<[string, string]>([
    ['has no id', `{"result":{"a":"${FILL}"},"jsonrpc":"2.0"}`],
    ['has another one', `{"result":{"a":"${FILL}"},"jsonrpc":"2.0","id":"sy-2-n0nce"}`],
    ['has it in its result alone', `{"result":{"a":"${FILL}","id":${ID}}}`],
    ['ends in its middle', `{"jsonrpc":"2.0","id":${ID},"result":{"a":"${FILL}"`],
    ['ends before its id', `{"result":{"a":"${FILL}"},"jsonrpc":"2.0","id":`],
  ])('is broken off where it %s', (_, text) => {
    expect(passAll(text).map((each) => each && each.text)).toEqual([undefined, undefined, undefined]);
  });

  it('is the same as one that is held, whatever it is and wherever it is cut', () => {
    const echo = fc.constantFrom(
      { id: 'sy-1-n0nce' },
      ['sy-1-n0nce'],
      `"id":${ID}`,
      { requestId: 'sy-1-n0nce' },
      HERE,
      { id: 'sy-1-n0nce', fill: HERE },
    );
    const value = fc.oneof(fc.jsonValue(), echo);
    const space = fc.constantFrom('', ' ', '\n\t ');
    let passedOn = 0;
    fc.assert(
      fc.property(
        fc.record({ a: value, fill: fc.constant(HERE), b: value }),
        value,
        fc.nat(2),
        space,
        fc.nat(4 * KEPT_BYTES),
        fc.array(fc.nat(20_000), { maxLength: 12 }),
        fc.integer({ min: 2 * KEPT_BYTES, max: 4 * KEPT_BYTES }),
        (result, meta, place, gap, first, cuts, blockBytes) => {
          const members = [`"result":${JSON.stringify(result)}`, `"_meta":${JSON.stringify(meta)}`];
          const all = members.toSpliced(place, 0, `"id":${gap}${ID}`, '"jsonrpc":"2.0"');
          const body = Buffer.from(`{${gap}${all.join(`,${gap}`)}${gap}}`.replaceAll(HERE, FILL));
          const start = body.subarray(0, 2 * KEPT_BYTES + first);
          const passed = pass(start, cut(body.subarray(start.length), cuts), blockBytes);
          if (passed) {
            passedOn += 1;
            expect(passed.text === held(body)).toBe(true);
          }
        },
      ),
      { numRuns: 2_000 },
    );
    expect(passedOn).toBeGreaterThan(500);
  });

  it('is kept back by little more than its end', () => {
    const piece = Buffer.alloc(100_000, 'x');
    const pieces = [...Array.from({ length: 50 }, () => piece), Buffer.from(`"},"id":${ID}}`)];
    const passed = pass(Buffer.from(`{"result":{"a":"${FILL}`), pieces);
    expect(passed?.text).toHaveLength(5_000_000 + `{"result":{"a":"${FILL}"},"id":42}`.length);
    expect(passed?.most).toBeLessThan(300_000);
  });

  it('that repeats its id a hundred thousand times is looked at once', () => {
    const echoes = Array.from({ length: 100_000 }, () => `{"id":${ID}}`).join(',');
    const text = `{"result":{"a":"${FILL}","b":[${echoes}]},"id":${ID},"c":1}`;
    expect(pass(Buffer.from(text.slice(0, 2_048)), [Buffer.from(text.slice(2_048))])?.text).toHaveLength(
      text.length - ID.length + THEIRS.length,
    );
  });
});
