import { members } from './scan.ts';

/** New texts by key: a string replaces or adds the member, `undefined` removes it. */
export type Edits = Readonly<Record<string, string | undefined>>;

/**
 * The object's text with some members exchanged. Members that are not named keep their bytes and
 * their order; new ones are added at the end; of duplicates of a named key only one stays.
 */
export function editObject(text: string, edits: Edits): string {
  const parts: string[] = [];
  const done = new Set<string>();
  for (const { key, start, end } of members(text) ?? []) {
    if (!Object.hasOwn(edits, key)) {
      parts.push(`${JSON.stringify(key)}:${text.slice(start, end)}`);
      continue;
    }
    const replacement = edits[key];
    if (replacement !== undefined && !done.has(key)) parts.push(`${JSON.stringify(key)}:${replacement}`);
    done.add(key);
  }
  for (const [key, value] of Object.entries(edits)) {
    if (value !== undefined && !done.has(key)) parts.push(`${JSON.stringify(key)}:${value}`);
  }
  return `{${parts.join(',')}}`;
}

/** The key that an object of this text has twice, if any: two readers could then disagree about its value. */
export function duplicateKey(text: string, start = 0): string | undefined {
  const seen = new Set<string>();
  for (const { key } of members(text, start) ?? []) {
    if (seen.has(key)) return key;
    seen.add(key);
  }
  return undefined;
}
