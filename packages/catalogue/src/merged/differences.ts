import { memberText } from '@switchyard/json-text';

import type { Site } from '../model.ts';
import { shownSchema } from '../tool-definition.ts';
import { meaningOf, propertiesOf, requiredOf } from './merge-schemas.ts';
import type { ToolVariant } from './merged-tool.ts';

const MOST_FACTS = 12;

/** What each site wants that the others do not: `[eng, ops: needs issueType] [labs: needs issueTypeName; no issueType]`. */
export function differencesBetween(variants: readonly ToolVariant[]): string {
  const groups = groupsOf(variants);
  const all = groups.map(({ schema }) => schema);
  const lines = groups.map(({ sites, schema }) => {
    const facts = factsOf(schema, all);
    const shown = facts.slice(0, MOST_FACTS);
    const rest = facts.length > shown.length ? [`and ${facts.length - shown.length} more`] : [];
    return `[${sites.map(({ name }) => name).join(', ')}: ${[...shown, ...rest].join('; ') || 'nothing more'}]`;
  });
  return `Arguments differ by site. ${lines.join(' ')}`;
}

interface Group {
  readonly sites: readonly Site[];
  readonly schema: string;
}

/** Definitions that differ in words only take the same arguments. */
function groupsOf(variants: readonly ToolVariant[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { entry, sites } of variants) {
    const schema = shownSchema(entry);
    const key = meaningOf(schema);
    const known = groups.get(key);
    groups.set(key, known ? { ...known, sites: [...known.sites, ...sites] } : { sites, schema });
  }
  return [...groups.values()];
}

function factsOf(schema: string, all: readonly string[]): string[] {
  const own = propertiesOf(schema);
  const required = requiredOf(schema);
  const others = all.filter((each) => each !== schema);
  const needs = required.filter((key) => others.some((other) => !requiredOf(other).includes(key)));
  const names = new Set(all.flatMap((each) => [...propertiesOf(each).keys()]));
  const lacks = [...names].filter((name) => !own.has(name));
  const differs = [...own].filter(([name, text]) =>
    others.some((other) => isOther(text, propertiesOf(other).get(name))),
  );
  return [
    ...(needs.length > 0 ? [`needs ${needs.join(', ')}`] : []),
    ...(lacks.length > 0 ? [`no ${lacks.join(', ')}`] : []),
    ...differs.map(([name, text]) => `${name}: ${kindOf(text)}`),
  ];
}

function isOther(text: string, other: string | undefined): boolean {
  return other !== undefined && meaningOf(other) !== meaningOf(text);
}

const LONGEST_KIND = 80;

/** The choices or the type of an argument, in few words. */
function kindOf(schema: string): string {
  const said = memberText(schema, 'enum') ?? memberText(schema, 'type') ?? 'its own form';
  const plain = said.replaceAll(/["[\]]/g, '').replaceAll(',', ' | ');
  return plain.length > LONGEST_KIND ? `${plain.slice(0, LONGEST_KIND)}…` : plain;
}
