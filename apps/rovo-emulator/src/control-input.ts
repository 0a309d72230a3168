// The check of faults and tool changes that come over HTTP. Errors say which field is wrong.
import type { ToolChange, ToolDefinition } from './emulator-options.ts';
import { ERROR_TEXTS, isErrorTextId } from './error-texts.ts';
import type { FaultEffect, FaultMatch, FaultSpec } from './faults.ts';
import { InvalidControlError } from './invalid-control-error.ts';
import { isObject, type JsonObject } from './json-value.ts';
import { isToolDefinition } from './tool-catalogue.ts';

interface FieldCheck {
  readonly expects: string;
  readonly accepts: (value: unknown) => boolean;
}

type Fields = Readonly<Record<string, FieldCheck>>;

const TEXT: FieldCheck = { expects: 'a string', accepts: (value) => typeof value === 'string' };
const WHOLE: FieldCheck = { expects: 'a whole number', accepts: (value) => Number.isInteger(value) };
const COUNT: FieldCheck = { expects: 'a whole number of at least 0', accepts: (value) => isCount(value, 0) };
const STATUS: FieldCheck = {
  expects: 'an HTTP status from 200 to 599',
  accepts: (value) => isCount(value, 200) && Number(value) < 600,
};
const FLAG: FieldCheck = { expects: 'true or false', accepts: (value) => typeof value === 'boolean' };
const GENERATION: FieldCheck = {
  expects: '"v1" or "v2"',
  accepts: (value) => value === 'v1' || value === 'v2',
};
const STYLE: FieldCheck = {
  expects: '"isError" or "text"',
  accepts: (value) => value === 'isError' || value === 'text',
};
const ERROR_ID: FieldCheck = {
  expects: `one of ${Object.keys(ERROR_TEXTS).join(', ')}`,
  accepts: isErrorTextId,
};
const OBJECT: FieldCheck = { expects: 'an object', accepts: isObject };
const TEXTS: FieldCheck = {
  expects: 'an array of strings',
  accepts: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
};
const TOOLS: FieldCheck = {
  expects: 'an array of tools, each with a name and an inputSchema',
  accepts: (value) => Array.isArray(value) && value.every(isToolDefinition),
};

const MATCH_FIELDS: Fields = {
  lane: TEXT,
  cloudId: TEXT,
  tool: TEXT,
  account: TEXT,
  method: TEXT,
  generation: GENERATION,
};
const FAULT_FIELDS: Fields = {
  match: OBJECT,
  effect: OBJECT,
  times: { ...COUNT, accepts: (value) => isCount(value, 1) },
};
const CHANGE_FIELDS: Fields = {
  generation: GENERATION,
  lane: TEXT,
  add: TOOLS,
  remove: TEXTS,
  replace: TOOLS,
  notify: FLAG,
};

interface EffectShape {
  readonly required: Fields;
  readonly optional: Fields;
}

const EFFECT_SHAPES: Readonly<Record<FaultEffect['kind'], EffectShape>> = {
  hang: { required: {}, optional: {} },
  slow: { required: { ms: COUNT }, optional: {} },
  http: { required: { status: STATUS }, optional: { retryAfterSeconds: COUNT, body: TEXT } },
  garbage: { required: {}, optional: {} },
  truncated: { required: {}, optional: {} },
  reset: { required: {}, optional: {} },
  'session-lost': { required: {}, optional: {} },
  error: { required: { id: ERROR_ID }, optional: { style: STYLE } },
  'rpc-error': { required: { code: WHOLE, message: TEXT }, optional: {} },
};

/** Checks a fault; throws InvalidControlError. */
export function parseFault(input: unknown): FaultSpec {
  const fault = objectWith(input, 'fault', FAULT_FIELDS);
  const effect = parseEffect(fault['effect']);
  const match =
    fault['match'] === undefined
      ? {}
      : { match: objectWith(fault['match'], 'match', MATCH_FIELDS) as FaultMatch };
  const times = typeof fault['times'] === 'number' ? { times: fault['times'] } : {};
  return { ...match, ...times, effect };
}

/** Checks a tool change; throws InvalidControlError. */
export function parseToolChange(input: unknown): ToolChange {
  const change = objectWith(input, 'change', CHANGE_FIELDS);
  if (change['generation'] === undefined)
    throw new InvalidControlError('change.generation must be "v1" or "v2"');
  return change as unknown as ToolChange & { readonly add?: readonly ToolDefinition[] }; // checked field by field above
}

function parseEffect(input: unknown): FaultEffect {
  const kind = isObject(input) ? input['kind'] : undefined;
  if (typeof kind !== 'string' || !isEffectKind(kind)) {
    throw new InvalidControlError(`effect.kind must be one of ${Object.keys(EFFECT_SHAPES).join(', ')}`);
  }
  const { required, optional } = EFFECT_SHAPES[kind];
  const effect = objectWith(input, 'effect', { kind: TEXT, ...required, ...optional });
  for (const [name, check] of Object.entries(required)) {
    if (effect[name] === undefined) throw new InvalidControlError(`effect.${name} must be ${check.expects}`);
  }
  return effect as unknown as FaultEffect; // its kind and every field of that kind were just checked
}

function isEffectKind(kind: string): kind is FaultEffect['kind'] {
  return Object.hasOwn(EFFECT_SHAPES, kind);
}

function objectWith(input: unknown, subject: string, fields: Fields): JsonObject {
  if (!isObject(input)) throw new InvalidControlError(`${subject} must be a JSON object`);
  for (const [name, value] of Object.entries(input)) {
    const check = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (check === undefined) {
      throw new InvalidControlError(
        `unknown field ${subject}.${name}; known: ${Object.keys(fields).join(', ')}`,
      );
    }
    if (!check.accepts(value)) throw new InvalidControlError(`${subject}.${name} must be ${check.expects}`);
  }
  return input;
}

function isCount(value: unknown, least: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least;
}
