import { type Member, members } from './scan.ts';

/** New texts by key: a string replaces or adds the member, `undefined` removes it. */
export type Edits = Readonly<Record<string, string | undefined>>;

/**
 * The object's text with some members exchanged. Members that are not named keep their bytes and
 * their order; new ones are added at the end; of duplicates of a named key only one stays. Members that
 * were found before need not be looked for again: `scanned`.
 */
export function editObject(
  text: string,
  edits: Edits,
  scanned: readonly Member[] = members(text) ?? [],
): string {
  let edited = '{';
  const done = new Set<string>();
  for (const { key, start, end } of scanned) {
    if (!Object.hasOwn(edits, key)) {
      edited = append(edited, key, text.slice(start, end));
      continue;
    }
    const replacement = edits[key];
    if (replacement !== undefined && !done.has(key)) edited = append(edited, key, replacement);
    done.add(key);
  }
  for (const key in edits) {
    const value = edits[key];
    if (value !== undefined && !done.has(key)) edited = append(edited, key, value);
  }
  return `${edited}}`;
}

function append(object: string, key: string, value: string): string {
  const name = JSON.stringify(key);
  return object.length === 1 ? `${object}${name}:${value}` : `${object},${name}:${value}`;
}

/** The key that an object's text has twice, if any: two readers could then disagree about its value. */
export function duplicateKey(text: string): string | undefined {
  return duplicateIn(members(text) ?? []);
}

/** The same among members that were found before. */
export function duplicateIn(scanned: readonly Member[]): string | undefined {
  if (scanned.length < 2) return undefined;
  const seen = new Set<string>();
  for (const { key } of scanned) {
    if (seen.has(key)) return key;
    seen.add(key);
  }
  return undefined;
}
