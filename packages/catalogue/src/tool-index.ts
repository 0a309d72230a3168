import { elements, membersAlong, textOf } from '@switchyard/json-text';

import { encodeToolName, fitToolName } from './tool-name.ts';

/** One tool as upstream sent it. */
export interface ToolEntry {
  readonly name: string;
  /** The definition's own JSON text. */
  readonly text: string;
  /** Whether its schema has a `cloudId`, which Switchyard hides and fills in. */
  readonly takesCloudId: boolean;
}

/** A site's tools in upstream's order, found by name. */
export interface ToolIndex {
  readonly entries: readonly ToolEntry[];
  /** Names that the site offers and nobody is shown. */
  readonly withheld?: ReadonlySet<string>;
  find(name: string): ToolEntry | undefined;
  /** A tool by the second half of an advertised name, which may have been cut. */
  findAdvertised(namespace: string, rest: string): ToolEntry | undefined;
}

/**
 * Reads the JSON text of a list of tools. An element without a name is left out and named in no
 * list: one broken definition costs one tool, never the site. Of two with one name the first stays.
 */
export function parseToolList(tools: string): ToolIndex {
  const byName = new Map<string, ToolEntry>();
  for (const text of elements(tools) ?? []) {
    const entry = parseEntry(text);
    if (entry && !byName.has(entry.name)) byName.set(entry.name, entry);
  }
  const entries = [...byName.values()];
  return {
    entries,
    find: (name) => byName.get(name),
    findAdvertised: (namespace, rest) => byName.get(rest) ?? findCut(entries, namespace, rest),
  };
}

function parseEntry(text: string): ToolEntry | undefined {
  const [own = [], , ofProperties = []] = membersAlong(text, ['inputSchema', 'properties']);
  const nameText = textOf(text, own, 'name');
  const name: unknown = nameText === undefined ? undefined : JSON.parse(nameText);
  if (typeof name !== 'string' || name === '') return undefined;
  return { name, text, takesCloudId: ofProperties.some(({ key }) => key === 'cloudId') };
}

/** Names that were cut: with their site in front, or as all sites have them. */
function findCut(entries: readonly ToolEntry[], namespace: string, rest: string): ToolEntry | undefined {
  const advertised = `${namespace}__${rest}`;
  return entries.find(
    ({ name }) => encodeToolName(namespace, name) === advertised || fitToolName(name) === rest,
  );
}
