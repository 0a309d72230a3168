// A tool list, where it belongs and how it is told from another one.
import { createHash } from 'node:crypto';

/** One tool list as upstream sent it. */
export interface ToolList {
  /** The JSON text of an array, byte for byte. */
  readonly tools: string;
  /** `toolListHash(tools)`: the list is stored under it, so a wrong one would hand out another list. */
  readonly hash: string;
  /** The credential saw less than the site offers; such a list ages faster. */
  readonly underScoped: boolean;
}

/** A tool list with its age. */
export interface StoredToolList extends ToolList {
  /** When the load that brought it began, in ms since the epoch. Nothing upstream did later is promised to be in it. */
  readonly fetchedAt: number;
}

/** Whose list of which site this is. Two keys never share an entry. */
export interface ToolListKey {
  readonly cloudId: string;
  /** Opaque hash of caller, credential version and policy version. */
  readonly scope: string;
  readonly endpoint: string;
}

/** The sha256 of the UTF-8 text, in hex. */
export function toolListHash(tools: string): string {
  return createHash('sha256').update(tools).digest('hex');
}

/** Calls look the same key up again and again: its text is written once, while the key lives. */
const texts = new WeakMap<ToolListKey, string>();

/** One string per key; lengths in front keep different keys different whatever characters they hold. */
export function toolListKeyText(key: ToolListKey): string {
  const known = texts.get(key);
  if (known !== undefined) return known;
  const text = `${key.cloudId.length}:${key.cloudId}${key.scope.length}:${key.scope}${key.endpoint}`;
  texts.set(key, text);
  return text;
}
