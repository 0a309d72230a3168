import { members, textOf } from '@switchyard/json-text';

import { canonicalJson } from './canonical-json.ts';
import { visibleText } from './hidden-characters.ts';
import { MAX_NESTING } from './nesting.ts';

const MAX_FIELDS = 20;
const LONGEST_PATH = 160;

/** Where two JSON texts differ, as paths such as `inputSchema.properties.jql.description`; at most 20, the last one `…`. */
export function changedFields(before: string, after: string): string[] {
  const found: string[] = [];
  compare({ before, after, path: [] }, found);
  return found.length > MAX_FIELDS ? [...found.slice(0, MAX_FIELDS - 1), '…'] : found;
}

interface Compared {
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly path: readonly string[];
}

function compare({ before, after, path }: Compared, found: string[]): void {
  if (found.length > MAX_FIELDS || isSame(before, after)) return;
  const known = found.length;
  if (path.length <= MAX_NESTING) compareParts({ before, after, path }, found);
  // No parts, or a key that is there twice: the last ones are the same, and yet something differs.
  if (found.length === known) found.push(pathText(path));
}

function compareParts({ before = '', after = '', path }: Compared, found: string[]): void {
  const [old, fresh] = [members(before), members(after)];
  if (!old || !fresh) return;
  for (const key of new Set([...old, ...fresh].map((member) => member.key))) {
    const parts = { before: textOf(before, old, key), after: textOf(after, fresh, key) };
    compare({ ...parts, path: [...path, key] }, found);
  }
}

function isSame(before: string | undefined, after: string | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  return before === after || canonicalJson(before) === canonicalJson(after);
}

/** The keys are the site's: they may hold anything. */
function pathText(path: readonly string[]): string {
  return visibleText(path.join('.')).slice(-LONGEST_PATH);
}
