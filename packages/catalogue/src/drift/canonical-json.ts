import { elements, members } from '@switchyard/json-text';

import { MAX_NESTING } from './nesting.ts';

/**
 * One text for all spellings of a JSON value: keys sorted, no space, one way to escape (as RFC 8785 has it). Numbers
 * and keys that are there twice stay, so that two values which any reader tells apart have two texts. What is nested
 * too deep stays as it is written.
 */
export function canonicalJson(text: string, depth = 0): string {
  const value = text.trim();
  if (depth > MAX_NESTING) return value;
  if (value.startsWith('"')) return JSON.stringify(JSON.parse(value));
  if (value.startsWith('[')) {
    return `[${(elements(value) ?? []).map((each) => canonicalJson(each, depth + 1)).join(',')}]`;
  }
  if (!value.startsWith('{')) return value;
  const sorted = (members(value) ?? []).toSorted((one, other) => compare(one.key, other.key));
  const texts = sorted.map(
    ({ key, start, end }) => `${JSON.stringify(key)}:${canonicalJson(value.slice(start, end), depth + 1)}`,
  );
  return `{${texts.join(',')}}`;
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
