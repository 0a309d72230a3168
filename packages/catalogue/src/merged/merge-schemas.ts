import { duplicateIn, editObject, elements, members, memberText, textOf } from '@switchyard/json-text';

import { canonicalJson } from '../drift/canonical-json.ts';

/**
 * One schema for all sites: it accepts every call that any of them accepts by its declared arguments.
 * Equal schemas stay byte for byte. Of different ones the arguments are united, an argument that
 * differs may be either, and only what all require is required.
 */
export function mergeSchemas(schemas: readonly string[]): string {
  const [first = '{}', ...others] = schemas;
  const meaning = meaningOf(first);
  if (others.every((other) => other === first || meaningOf(other) === meaning)) return first;
  const properties = uniteProperties(schemas);
  const required = requiredByAll(schemas);
  return editObject(asObject(first), {
    ...Object.fromEntries(keysOf(schemas).flatMap((key) => (agree(schemas, key) ? [] : [[key, undefined]]))),
    ...uniteDefinitions(schemas),
    type: '"object"',
    properties,
    required: required.length > 0 ? `[${required.map((key) => JSON.stringify(key)).join(',')}]` : undefined,
  });
}

/** A schema's text for comparison: what only explains an argument does not count. */
export function meaningOf(schema: string): string {
  return canonicalJson(bare(schema));
}

/** Keys whose value is a text that only explains; an argument of such a name has a schema as its value. */
const EXPLAINING: readonly string[] = ['description', 'title', '$comment'];
/** Inside of these nothing is a schema. */
const VALUES: readonly string[] = ['const', 'enum', 'default', 'examples', 'required'];

function bare(schema: string): string {
  const list = elements(schema);
  if (list) return `[${list.map(bare).join(',')}]`;
  const scanned = members(schema);
  if (!scanned) return schema;
  const kept = scanned.flatMap(({ key, start, end }) => {
    const value = schema.slice(start, end);
    if (EXPLAINING.includes(key) && value.startsWith('"')) return [];
    if (key === 'required') return [`"required":${sorted(value)}`];
    return [`${JSON.stringify(key)}:${VALUES.includes(key) ? value : bare(value)}`];
  });
  return `{${kept.join(',')}}`;
}

function sorted(list: string): string {
  const texts = elements(list);
  return texts ? `[${texts.toSorted().join(',')}]` : bare(list);
}

/** The arguments that a schema declares, by name. */
export function propertiesOf(schema: string): Map<string, string> {
  const properties = memberText(asObject(schema), 'properties') ?? '';
  return new Map(
    (members(properties) ?? []).map(({ key, start, end }) => [key, properties.slice(start, end)]),
  );
}

export function requiredOf(schema: string): string[] {
  const texts = elements(memberText(asObject(schema), 'required') ?? '') ?? [];
  return texts.map((text): unknown => JSON.parse(text)).filter((key) => typeof key === 'string');
}

function requiredByAll(schemas: readonly string[]): string[] {
  const [first = [], ...others] = schemas.map(requiredOf);
  return first.filter((key) => others.every((each) => each.includes(key)));
}

function uniteProperties(schemas: readonly string[]): string {
  const all = schemas.map(propertiesOf);
  const names = new Set(all.flatMap((each) => [...each.keys()]));
  const isSafe = DEFINITIONS.every((key) => agree(schemas, key));
  const texts = [...names].map((name) => {
    const variants = all.flatMap((each) => each.get(name) ?? []);
    return `${JSON.stringify(name)}:${uniteVariants(variants, isSafe)}`;
  });
  return `{${texts.join(',')}}`;
}

function uniteVariants(variants: readonly string[], isSafe: boolean): string {
  const [first = '{}'] = variants;
  const distinct = new Map<string, string>();
  for (const text of variants) if (!distinct.has(meaningOf(text))) distinct.set(meaningOf(text), text);
  // A reference means something else where the definitions behind it differ.
  if (!isSafe && variants.some((text) => text.includes('"$ref"'))) return explained(first, []);
  if (distinct.size === 1) return first;
  return explained(first, [...distinct.values()]);
}

/** Either of several schemas, with what the first says about itself: clients read its header there (`x-mcp-header`). */
function explained(first: string, choices: readonly string[]): string {
  const scanned = members(first) ?? [];
  const kept = ['title', 'description', 'x-mcp-header'].flatMap((key) => {
    const text = textOf(first, scanned, key);
    return text?.startsWith('"') ? [`${JSON.stringify(key)}:${text}`] : [];
  });
  const either = choices.length > 0 ? [`"anyOf":[${choices.join(',')}]`] : [];
  return `{${[...kept, ...either].join(',')}}`;
}

const DEFINITIONS: readonly string[] = ['$defs', 'definitions'];

/** Definitions of all sites: of two with one name the first stays, and nothing refers to it any more. */
function uniteDefinitions(schemas: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    DEFINITIONS.flatMap((key) => {
      const texts = schemas.flatMap((schema) => memberText(asObject(schema), key) ?? []);
      const united = new Map<string, string>();
      for (const text of texts) {
        for (const each of members(text) ?? [])
          if (!united.has(each.key)) united.set(each.key, text.slice(each.start, each.end));
      }
      const rows = [...united].map(([name, text]) => `${JSON.stringify(name)}:${text}`);
      return rows.length > 0 ? [[key, `{${rows.join(',')}}`]] : [];
    }),
  );
}

function keysOf(schemas: readonly string[]): string[] {
  return [
    ...new Set(schemas.flatMap((schema) => (members(asObject(schema)) ?? []).map(({ key }) => key))),
  ].filter((key) => !EXPLAINING.includes(key));
}

function agree(schemas: readonly string[], key: string): boolean {
  const texts = schemas.map((schema) => memberText(asObject(schema), key));
  const meanings = texts.map((text) => (text === undefined ? undefined : meaningOf(text)));
  return meanings.every((meaning) => meaning === meanings[0]);
}

/** A schema that is no object, or has a key twice, says nothing that could be united. */
function asObject(schema: string): string {
  const scanned = members(schema);
  return scanned && duplicateIn(scanned) === undefined ? schema : '{}';
}

/** The schema with the argument that says the site put first. */
export function withSite(schema: string, { name, choices, required }: SiteArgument): string {
  const object = asObject(schema);
  const own = `${JSON.stringify(name)}:{"type":"string","enum":${JSON.stringify(choices)}}`;
  const others = [...propertiesOf(schema)].map(([key, text]) => `${JSON.stringify(key)}:${text}`);
  const needed = [...(required ? [name] : []), ...requiredOf(schema)].map((key) => JSON.stringify(key));
  return editObject(object, {
    type: '"object"',
    properties: `{${[own, ...others].join(',')}}`,
    required: needed.length > 0 ? `[${needed.join(',')}]` : undefined,
  });
}

/** The argument that says the site. */
export interface SiteArgument {
  readonly name: string;
  readonly choices: readonly string[];
  /** False where there is nothing to choose. */
  readonly required: boolean;
}
