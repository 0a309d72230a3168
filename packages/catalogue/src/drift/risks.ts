import { hiddenIn } from './hidden-characters.ts';
import { isTooDeep } from './nesting.ts';
import type { Risk } from './risk.ts';
import { schemaRisks } from './schema-risks.ts';

interface Definition {
  readonly inputSchema?: unknown;
  readonly annotations?: { readonly readOnlyHint?: unknown; readonly destructiveHint?: unknown } | null;
}

/** Members whose texts a model reads and nobody sends. */
const READ = new Set(['description', 'title', 'default', 'examples', 'enumNames']);

/** The risks of a definition, against the one that it replaces if there is one. */
export function risksOf(after: string, before?: string): Risk[] {
  const risks = new Set<Risk>();
  // Not looked into: nobody is shown such a definition.
  if ([after, before ?? ''].some(isTooDeep)) return ['text_changed', 'type_loosened'];
  if (hiddenIn(after) !== 'nowhere') risks.add('hidden_characters');
  if (before === undefined) return [...risks];
  const [old, fresh] = [JSON.parse(before) as Definition, JSON.parse(after) as Definition];
  const known = new Set(textsRead(old));
  if (textsRead(fresh).some((text) => !known.has(text))) risks.add('text_changed');
  for (const risk of schemaRisks(old.inputSchema, fresh.inputSchema)) risks.add(risk);
  for (const risk of hintRisks(old.annotations, fresh.annotations)) risks.add(risk);
  return [...risks];
}

function hintRisks(before: Definition['annotations'], after: Definition['annotations']): Risk[] {
  const changes = [
    [before?.readOnlyHint === true, after?.readOnlyHint === true],
    [before?.destructiveHint === false, after?.destructiveHint === false],
  ];
  return changes.flatMap(([wasSafe, isSafe]): Risk[] => {
    if (wasSafe === isSafe) return [];
    return [wasSafe ? 'no_longer_safe' : 'claims_to_be_safe'];
  });
}

function textsRead(value: unknown, isRead = false): string[] {
  if (typeof value === 'string') return isRead ? [value] : [];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, part]) =>
    textsRead(part, Array.isArray(value) ? isRead : READ.has(key)),
  );
}
