import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { mergeSchemas, withSite } from '../../src/merged/merge-schemas.ts';

/** The part of JSON Schema that tools use. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly items?: Schema;
  readonly description?: string;
}

const KINDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  array: Array.isArray,
  object: (value) => value !== null && typeof value === 'object' && !Array.isArray(value),
};

function accepts(schema: Schema, value: unknown): boolean {
  const { type, anyOf, items } = schema;
  if (type !== undefined && !KINDS[type]?.(value)) return false;
  if (schema.enum && !schema.enum.includes(value)) return false;
  if (anyOf && !anyOf.some((each) => accepts(each, value))) return false;
  if (Array.isArray(value)) return !items || value.every((each) => accepts(items, each));
  return !KINDS['object']?.(value) || acceptsObject(schema, value as Record<string, unknown>);
}

function acceptsObject(
  { properties = {}, required = [], additionalProperties }: Schema,
  value: Record<string, unknown>,
): boolean {
  if (!required.every((key) => Object.hasOwn(value, key))) return false;
  return Object.entries(value).every(([key, inner]) =>
    Object.hasOwn(properties, key) ? accepts(properties[key] ?? {}, inner) : additionalProperties !== false,
  );
}

const NAMES = ['jql', 'fields', 'description', 'enum', 'limit'];
const leaf: fc.Arbitrary<Schema> = fc.oneof(
  fc.record(
    { type: fc.constantFrom('string', 'number', 'boolean'), description: fc.constantFrom('One.', 'Other.') },
    { requiredKeys: ['type'] },
  ),
  fc.record({ enum: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 1), { minLength: 1 }) }),
  fc.record({ type: fc.constant('array'), items: fc.record({ type: fc.constantFrom('string', 'number') }) }),
  fc.record({
    type: fc.constant('object'),
    properties: fc.dictionary(fc.constantFrom('key', 'id'), fc.record({ type: fc.constant('string') }), {
      noNullPrototype: true,
    }),
  }),
);
const schema: fc.Arbitrary<Schema> = fc
  .record({
    properties: fc.dictionary(fc.constantFrom(...NAMES), leaf, { noNullPrototype: true }),
    required: fc.subarray(NAMES),
    additionalProperties: fc.constantFrom(true, false, undefined),
    description: fc.constantFrom(undefined, 'A', 'B'),
  })
  .map(({ properties, required, additionalProperties, description }) => ({
    type: 'object',
    ...(description !== undefined && { description }),
    properties,
    required: required.filter((key) => Object.hasOwn(properties, key)),
    ...(additionalProperties !== undefined && { additionalProperties }),
  }));

/** A value that a schema accepts. */
function valueOf({ type, enum: choices, items, properties = {} }: Schema): fc.Arbitrary<unknown> {
  if (choices) return fc.constantFrom(...choices);
  if (type === 'number') return fc.integer();
  if (type === 'boolean') return fc.boolean();
  if (type === 'array') return fc.array(valueOf(items ?? {}), { maxLength: 2 });
  return type === 'object' ? fc.record(each(properties), { requiredKeys: [] }) : fc.string();
}

function each(properties: Readonly<Record<string, Schema>>): Record<string, fc.Arbitrary<unknown>> {
  return Object.fromEntries(Object.entries(properties).map(([key, inner]) => [key, valueOf(inner)]));
}

/** Sites' schemas, and a call of each that it accepts. */
const cases = fc.array(schema, { minLength: 1, maxLength: 4 }).chain((schemas) =>
  fc.record({
    schemas: fc.constant(schemas),
    calls: fc.tuple(
      ...schemas.map(({ properties = {}, required = [] }) =>
        fc.record(each(properties), { requiredKeys: [...required] }),
      ),
    ),
  }),
);

function merge(schemas: readonly Schema[]): Schema {
  return JSON.parse(mergeSchemas(schemas.map((one) => JSON.stringify(one)))) as Schema;
}

describe('the schema of a merged tool', () => {
  it('accepts every call that any of its sites accepts', () => {
    fc.assert(
      fc.property(cases, ({ schemas, calls }) => {
        const merged = merge(schemas);
        const shown = JSON.parse(
          withSite(JSON.stringify(merged), { name: 'site', choices: ['eng'], required: true }),
        ) as Schema;
        calls.forEach((call, at) => {
          expect(accepts(schemas[at] ?? {}, call)).toBe(true);
          expect(accepts(merged, call)).toBe(true);
          expect(accepts(shown, { ...call, site: 'eng' })).toBe(true);
          expect(accepts(shown, call)).toBe(false);
        });
      }),
      { numRuns: 400 },
    );
  });

  it('takes no more than one of its sites does, argument by argument', () => {
    fc.assert(
      fc.property(cases, ({ schemas }) => {
        const { properties = {}, required = [] } = merge(schemas);
        const all = schemas.flatMap((one) => Object.keys(one.properties ?? {}));
        expect(new Set(Object.keys(properties))).toEqual(new Set(all));
        for (const key of required) expect(schemas.every((one) => one.required?.includes(key))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['{"type":"object","properties":{"a":{ "maximum":9007199254740993,"x":1.0}},"unknownKey":[ 1 ]}'],
    ['{"$ref":"#/$defs/all","$defs":{"all":{"type":"object"}}}'],
    ['true'],
  ])('of sites that agree stays as it is: %s', (text) => {
    expect(mergeSchemas([text, text, text])).toBe(text);
  });

  it('of sites that write the same in other words is the first one’s', () => {
    const first =
      '{"type":"object","properties":{"a":{"type":"string","description":"One."}},"required":["a"]}';
    const other =
      '{"required":["a"],"properties":{"a":{"description":"Other.","type":"string"}},"type":"object"}';

    expect(mergeSchemas([first, other])).toBe(first);
  });

  it.each([
    [
      'an argument that only one has',
      ['{"properties":{"a":{}},"required":["a"]}', '{"properties":{"b":{}},"required":["b"]}'],
      { type: 'object', properties: { a: {}, b: {} } },
    ],
    [
      'an argument of two types, with what the first says of it',
      ['{"properties":{"a":{"type":"string","description":"A."}}}', '{"properties":{"a":{"type":"number"}}}'],
      {
        type: 'object',
        properties: {
          a: { description: 'A.', anyOf: [{ type: 'string', description: 'A.' }, { type: 'number' }] },
        },
      },
    ],
    [
      'references into definitions that differ: anything is taken',
      [
        '{"properties":{"a":{"$ref":"#/$defs/x"}},"$defs":{"x":{"type":"string"}}}',
        '{"properties":{"a":{"$ref":"#/$defs/x"}},"$defs":{"x":{"type":"number"}}}',
      ],
      { type: 'object', properties: { a: {} }, $defs: { x: { type: 'string' } } },
    ],
    [
      'keywords that not all have',
      ['{"properties":{},"additionalProperties":false,"$schema":"x"}', '{"properties":{}}'],
      { type: 'object', properties: {} },
    ],
    [
      'a schema that is none',
      ['{"properties":{"a":{}},"required":["a"]}', 'true'],
      { type: 'object', properties: { a: {} } },
    ],
    [
      'arguments that repeat in a header',
      [
        '{"properties":{"a":{"type":"string","x-mcp-header":"A"}}}',
        '{"properties":{"a":{"type":"number","x-mcp-header":"A"}}}',
      ],
      {
        type: 'object',
        properties: {
          a: {
            'x-mcp-header': 'A',
            anyOf: [
              { type: 'string', 'x-mcp-header': 'A' },
              { type: 'number', 'x-mcp-header': 'A' },
            ],
          },
        },
      },
    ],
  ])('unites %s', (_, schemas, expected) => {
    expect(JSON.parse(mergeSchemas(schemas))).toEqual(expected);
  });
});
