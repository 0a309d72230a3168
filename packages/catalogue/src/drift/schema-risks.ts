import type { Risk } from './risk.ts';

type Schema = Readonly<Record<string, unknown>>;

const LIMITS = ['const', 'format', 'maxItems', 'maxLength', 'maximum', 'minLength', 'minimum', 'pattern'];
/** Not compared part by part: any change may widen. */
const COMBINED = [
  '$defs',
  '$ref',
  'allOf',
  'anyOf',
  'definitions',
  'if',
  'not',
  'oneOf',
  'patternProperties',
];

/** How a JSON Schema takes more than it did. Goes as deep as the schemas: they have a bound (nesting.ts). */
export function schemaRisks(before: unknown, after: unknown): Set<Risk> {
  const risks = new Set<Risk>();
  if (!isSchema(before) || !isSchema(after)) {
    return differ(before, after) && after !== false ? risks.add('type_loosened') : risks;
  }
  if (isLooser(before, after)) risks.add('type_loosened');
  if (listOf(before['required']).some((name) => !listOf(after['required']).includes(name)))
    risks.add('argument_not_required');
  if (hasMoreChoices(before['enum'], after['enum'])) risks.add('choices_grown');
  const parts = [...propertyRisks(before, after), ...itemRisks(before, after)];
  for (const risk of parts) risks.add(risk);
  return risks;
}

function propertyRisks(before: Schema, after: Schema): Risk[] {
  const [known, offered] = [propertiesOf(before), propertiesOf(after)];
  return Object.entries(offered).flatMap(([name, schema]): Risk[] => {
    if (Object.hasOwn(known, name)) return [...schemaRisks(known[name], schema)];
    return takesFreeText(schema) ? ['free_text_added'] : [];
  });
}

function itemRisks(before: Schema, after: Schema): Risk[] {
  return differ(before['items'], after['items']) ? [...schemaRisks(before['items'], after['items'])] : [];
}

function isLooser(before: Schema, after: Schema): boolean {
  const types = typesOf(before);
  if (types && !typesOf(after)?.every((type) => types.includes(type) || isNarrower(type, types))) return true;
  if (Array.isArray(before['enum']) && !Array.isArray(after['enum'])) return true;
  if (COMBINED.some((key) => differ(before[key], after[key]))) return true;
  if (LIMITS.some((key) => before[key] !== undefined && isWider(key, before[key], after[key]))) return true;
  return (
    differ(before['additionalProperties'], after['additionalProperties']) &&
    after['additionalProperties'] !== false
  );
}

function isNarrower(type: unknown, types: readonly unknown[]): boolean {
  return type === 'integer' && types.includes('number');
}

function isWider(key: string, before: unknown, after: unknown): boolean {
  if (typeof before !== 'number' || typeof after !== 'number') return differ(before, after);
  return key.startsWith('max') ? after > before : after < before;
}

function hasMoreChoices(before: unknown, after: unknown): boolean {
  if (!Array.isArray(before) || !Array.isArray(after)) return false;
  const known = new Set(before.map((choice) => JSON.stringify(choice)));
  return after.some((choice) => !known.has(JSON.stringify(choice)));
}

/** Whether a new argument takes a text that nobody chose for it, itself or in any part. */
function takesFreeText(schema: unknown): boolean {
  if (!isSchema(schema)) return schema !== false;
  if (schema['enum'] !== undefined || schema['const'] !== undefined) return false;
  const types = typesOf(schema);
  if (!types || types.includes('string') || COMBINED.some((key) => schema[key] !== undefined)) return true;
  if (types.includes('array') && takesFreeText(schema['items'])) return true;
  if (!types.includes('object')) return false;
  return (
    schema['additionalProperties'] !== false ||
    Object.values(propertiesOf(schema)).some((part) => takesFreeText(part))
  );
}

function typesOf({ type }: Schema): readonly unknown[] | undefined {
  if (type === undefined) return undefined;
  return Array.isArray(type) ? type : [type];
}

function propertiesOf({ properties }: Schema): Schema {
  return isSchema(properties) ? properties : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function differ(before: unknown, after: unknown): boolean {
  return JSON.stringify(before) !== JSON.stringify(after);
}

function isSchema(value: unknown): value is Schema {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
