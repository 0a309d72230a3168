// Narrowing for JSON of unknown shape.

/** A JSON object whose values are not known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for objects that are neither null nor arrays. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value when it is a string, else undefined. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The value when it is an object, else an empty object. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The strings of an array; anything else is an empty list. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

/** The value when it is a whole number of at least `least`, else `fallback`. */
export function countOf(value: unknown, fallback: number, least = 0): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least ? value : fallback;
}
