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
  const done: string[] = [];
  for (const { key, from, end } of scanned) {
    if (!Object.hasOwn(edits, key)) {
      edited = append(edited, text.slice(from, end));
      continue;
    }
    const replacement = edits[key];
    if (replacement !== undefined && !done.includes(key)) edited = append(edited, member(key, replacement));
    done.push(key);
  }
  for (const key in edits) {
    const value = edits[key];
    if (value !== undefined && !done.includes(key)) edited = append(edited, member(key, value));
  }
  return `${edited}}`;
}

function member(key: string, value: string): string {
  return `${JSON.stringify(key)}:${value}`;
}

function append(object: string, member: string): string {
  return object.length === 1 ? object + member : `${object},${member}`;
}

/** The key that an object's text has twice, if any: two readers could then disagree about its value. */
export function duplicateKey(text: string): string | undefined {
  return duplicateIn(members(text) ?? []);
}

/** Up to here comparing each with each costs less than a set. */
const FEW = 8;

function duplicateOfFew(scanned: readonly Member[]): string | undefined {
  for (let at = 1; at < scanned.length; at += 1) {
    const key = scanned[at]?.key;
    for (let before = 0; before < at; before += 1) if (scanned[before]?.key === key) return key;
  }
  return undefined;
}

/** The same among members that were found before. */
export function duplicateIn(scanned: readonly Member[]): string | undefined {
  if (scanned.length <= FEW) return duplicateOfFew(scanned);
  const seen = new Set<string>();
  for (const { key } of scanned) {
    if (seen.has(key)) return key;
    seen.add(key);
  }
  return undefined;
}
