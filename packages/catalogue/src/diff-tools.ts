import type { ToolIndex } from './tool-index.ts';

/** How one tool differs between two lists of a site. */
export interface ToolChange {
  readonly name: string;
  readonly kind: 'added' | 'removed' | 'changed';
}

/** What is new, gone, or has another definition, in the order of the lists. */
export function diffTools(before: ToolIndex, after: ToolIndex): ToolChange[] {
  const changes: ToolChange[] = [];
  for (const { name } of before.entries) if (!after.find(name)) changes.push({ name, kind: 'removed' });
  for (const { name, text } of after.entries) {
    const known = before.find(name);
    if (!known) changes.push({ name, kind: 'added' });
    else if (known.text !== text) changes.push({ name, kind: 'changed' });
  }
  return changes;
}
