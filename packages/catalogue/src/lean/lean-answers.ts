import { editObject, memberText } from '@switchyard/json-text';

import { type MergedTool, ownsSite, titleOf } from '../merged/merged-tool.ts';
import type { Site } from '../model.ts';
import { annotationsOf, descriptionOf, shownSchema } from '../tool-definition.ts';
import { runnerOf } from './lean-tools.ts';
import type { FoundTools } from './tool-search.ts';

/** JSON text of the result of `findTools`: enough to choose by, without schemas. */
export function foundResult({ tools, total }: FoundTools): string {
  const rows = tools.map((merged) => {
    const entry = merged.variants[0]?.entry;
    const title = entry && titleOf(entry);
    return {
      tool: merged.name,
      ...(title !== undefined && { title }),
      description: entry ? descriptionOf(entry) : '',
      product: merged.toolClass.product,
      access: merged.toolClass.access,
      run: runnersOf(merged),
      sites: merged.sites.map(({ name }) => name),
    };
  });
  return toolResult(JSON.stringify({ tools: rows, total }));
}

/** Tools that read or write depending on their arguments are run by either. */
function runnersOf({ toolClass }: MergedTool): string[] {
  return [...new Set([runnerOf(toolClass.leastAccess), runnerOf(toolClass.access)])];
}

/** JSON text of the result of `describeTool`: one definition for each group of sites that share it, to the byte. */
export function describedResult(merged: MergedTool, site: Site | undefined): string {
  const { name, toolClass, variants } = merged;
  const definitions = variants.flatMap(({ entry, sites }) => {
    const shown = site ? sites.filter((each) => each === site) : sites;
    if (shown.length === 0) return [];
    const outputSchema = memberText(entry.text, 'outputSchema');
    const parts = {
      sites: JSON.stringify(shown.map((each) => each.name)),
      description: JSON.stringify(descriptionOf(entry)),
      inputSchema: shownSchema(entry),
      annotations: annotationsOf(entry),
      ...(outputSchema !== undefined && { outputSchema }),
    };
    return [editObject('{}', parts)];
  });
  const own = ownsSite(variants[0]?.entry) ? { note: '"site" among the arguments is the tool\'s own.' } : {};
  const head = JSON.stringify({
    tool: name,
    run: runnersOf(merged),
    product: toolClass.product,
    access: toolClass.access,
    ...own,
  });
  return toolResult(`${head.slice(0, -1)},"definitions":[${definitions.join(',')}]}`);
}

/** A value as text content and as structured content, both the same. */
export function toolResult(value: string, meta?: string): string {
  const tail = meta === undefined ? '' : `,"_meta":${meta}`;
  return `{"content":[{"type":"text","text":${JSON.stringify(value)}}],"structuredContent":${value}${tail}}`;
}
