import { editObject, members, memberText, textOf } from '@switchyard/json-text';

import { canonicalJson } from '../drift/canonical-json.ts';
import { annotationsOf, definitionMeta, descriptionOf, shownSchema } from '../tool-definition.ts';
import { differencesBetween } from './differences.ts';
import { meaningOf, mergeSchemas, withSite } from './merge-schemas.ts';
import { type MergedTool, OWN_SITE_ARGUMENT, ownsSite, SITE_ARGUMENT } from './merged-tool.ts';

/**
 * One definition that stands for a tool of many sites. What all agree on stays byte for byte; where
 * schemas differ, the shown one accepts every site's calls and the description says which site takes
 * what. Hints are the most cautious of any site; a schema of results is shown when it holds for all.
 */
export function renderMerged(merged: MergedTool, { siteRequired }: { siteRequired: boolean }): string {
  const { name, sites, variants } = merged;
  const entries = variants.map(({ entry }) => entry);
  const [first] = entries;
  if (!first) throw new Error(`${merged.tool} has no definition`);
  const schemas = entries.map(shownSchema);
  const differs = new Set(schemas.map(meaningOf)).size > 1;
  const description = descriptionOf(first);
  const outputs = entries.map(({ text }) => memberText(text, 'outputSchema'));
  const argument = {
    name: entries.some(ownsSite) ? OWN_SITE_ARGUMENT : SITE_ARGUMENT,
    choices: sites.map((site) => site.name),
    required: siteRequired,
  };
  return editObject(first.text, {
    name: JSON.stringify(name),
    inputSchema: withSite(mergeSchemas(schemas), argument),
    annotations: mostCautious(entries.map(annotationsOf)),
    _meta: definitionMeta(first),
    ...(differs && {
      description: JSON.stringify(`${description}\n${differencesBetween(variants)}`),
    }),
    ...(!allEqual(outputs) && { outputSchema: undefined }),
  });
}

function allEqual(texts: readonly (string | undefined)[]): boolean {
  const [first, ...others] = texts.map((text) => (text === undefined ? undefined : canonicalJson(text)));
  return others.every((other) => other === first);
}

/** Per hint: what it is when absent (as the protocol says), and whether all or any site must say so. */
const HINTS: readonly (readonly [hint: string, absent: boolean, combine: 'every' | 'some'])[] = [
  ['readOnlyHint', false, 'every'],
  ['destructiveHint', true, 'some'],
  ['idempotentHint', false, 'every'],
  ['openWorldHint', true, 'some'],
];

function mostCautious(annotations: readonly string[]): string {
  const [first = '{}'] = annotations;
  if (allEqual(annotations)) return first;
  const edits = HINTS.flatMap(([hint, absent, combine]) => {
    const given = annotations.map((text) => textOf(text, members(text) ?? [], hint));
    if (given.every((text) => text === undefined)) return [];
    return [
      [hint, String(given.map((text) => (absent ? text !== 'false' : text === 'true'))[combine](Boolean))],
    ];
  });
  return editObject(first, Object.fromEntries(edits));
}
