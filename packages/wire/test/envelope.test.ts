import { members, memberText } from '@switchyard/json-text';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ENVELOPE, MODERN_VERSION, withEnvelope, withoutEnvelope } from '../src/index.ts';

const HOP = { clientInfo: { name: 'switchyard', version: '1' }, capabilities: { elicitation: {} } };
const OURS: readonly string[] = Object.values(ENVELOPE);
const OF_BEFORE = `"${ENVELOPE.version}":"1900-01-01","${ENVELOPE.capabilities}":{"sampling":{}},"${ENVELOPE.clientInfo}":{"name":"somebody"},"${ENVELOPE.logLevel}":"debug"`;

/** Key and text of every member that is not of the envelope. */
function others(text: string | undefined): [string, string][] {
  return (members(text ?? '{}') ?? [])
    .filter(({ key }) => !OURS.includes(key))
    .map(({ key, start, end }) => [key, (text ?? '').slice(start, end)]);
}

function metaOf(params: string): Record<string, unknown> {
  return (JSON.parse(params) as { _meta: Record<string, unknown> })._meta;
}

describe('towards a site of the stateless era', () => {
  it.each([
    '{}',
    '{"name":"a"}',
    '{"_meta":{}}',
    '{"_meta":null}',
    '{"_meta":[1]}',
    `{"_meta":{${OF_BEFORE}}}`,
  ])('the envelope of this hop is in %s', (params) => {
    expect(metaOf(withEnvelope(params, HOP))).toEqual({
      [ENVELOPE.version]: MODERN_VERSION,
      [ENVELOPE.clientInfo]: HOP.clientInfo,
      [ENVELOPE.capabilities]: HOP.capabilities,
    });
  });

  it('the log level goes on only when this client asked for one', () => {
    const params = `{"_meta":{${OF_BEFORE}}}`;

    expect(metaOf(withEnvelope(params, HOP))).not.toHaveProperty([ENVELOPE.logLevel]);
    expect(metaOf(withEnvelope(params, { ...HOP, logLevel: 'info' }))[ENVELOPE.logLevel]).toBe('info');
  });
});

describe('towards a site of the session era', () => {
  it('nothing of the envelope is left', () => {
    expect(withoutEnvelope(`{"name":"a","_meta":{${OF_BEFORE},"progressToken":1.0}}`)).toBe(
      '{"name":"a","_meta":{"progressToken":1.0}}',
    );
  });

  it.each([
    ['in the first letter', `"\\u0069o.modelcontextprotocol/protocolVersion"`],
    ['in the dot', `"io\\u002emodelcontextprotocol/protocolVersion"`],
    ['in the slash', `"io.modelcontextprotocol\\/protocolVersion"`],
  ])('not even a key with an escape %s', (_, key) => {
    expect(withoutEnvelope(`{"_meta":{${key}:"x","a":1}}`)).toBe('{"_meta":{"a":1}}');
  });

  it.each([
    '{}',
    '{ "name" : "a" }',
    '{"name":"io.modelcontextprotocol/protocolVersion"}',
    '{"arguments":{"_meta":{"io.modelcontextprotocol/protocolVersion":"kept"}}}',
  ])('%s stays as it is', (params) => {
    expect(withoutEnvelope(params)).toBe(params);
  });
});

/** A JSON text that JSON.parse and JSON.stringify would not give back. */
const odd = fc.constantFrom(
  '9007199254740993',
  '1.0',
  '1e2',
  '"\\u0041\\/"',
  '{ "a" : [ 1 , 2 ] }',
  '"\\ud800"',
  '-0',
);
const value = fc.oneof(
  fc.jsonValue().map((each) => JSON.stringify(each)),
  odd,
);
const key = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('progressToken', 'traceparent', 'openai/userAgent', '__proto__', 'constructor', ...OURS),
);

function object(pairs: readonly (readonly [string, string])[]): string {
  return `{${pairs.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
}

const pairs = fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 8 });

describe('any other member', () => {
  it.each([
    ['withEnvelope', (params: string) => withEnvelope(params, HOP)],
    ['withoutEnvelope', withoutEnvelope],
  ])('of _meta and of the params is byte for byte the same after %s', (_, change) => {
    fc.assert(
      fc.property(pairs, pairs, (meta, params) => {
        const rest = params.filter(([name]) => name !== '_meta');
        const before = object([...rest, ['_meta', object(meta)]]);

        const after = change(before);

        expect(others(memberText(after, '_meta'))).toEqual(others(object(meta)));
        expect(others(after).filter(([name]) => name !== '_meta')).toEqual(others(object(rest)));
        expect(() => JSON.parse(after) as unknown).not.toThrow();
      }),
      { numRuns: 1_000 },
    );
  });
});
