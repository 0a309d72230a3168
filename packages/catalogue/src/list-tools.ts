import type { Site } from './model.ts';
import { OWN_TOOLS } from './own-tools.ts';
import { type SiteRow, siteRowJson } from './site-status.ts';
import { renderTool } from './tool-definition.ts';
import type { ToolIndex } from './tool-index.ts';
import { encodeToolName } from './tool-name.ts';
import type { View } from './view.ts';

/** A site's part of a list: its visible tools, comma-separated, and how many they are. */
export interface RenderedSite {
  readonly text: string;
  readonly tools: number;
}

/** The tools of one site that this view shows. Depends on nothing but its arguments: keep it per view, site and list. */
export function renderSite(view: View, site: Site, index: ToolIndex): RenderedSite {
  const policy = view.policy(site);
  const plain = view.single !== undefined;
  const shown = index.entries.filter((entry) => policy.shows(entry.name));
  const texts = shown.map((entry) => {
    const name = plain ? entry.name : encodeToolName(site.name, entry.name);
    return renderTool(entry, site, { name, bracket: !plain });
  });
  return { text: texts.join(','), tools: texts.length };
}

/**
 * The `result` of tools/list: Switchyard's own tools first, so that a client which cuts the list
 * keeps them, then the sites in the order of the configuration. A missing site takes away nobody
 * else's tools (I3).
 */
export function mergeTools(parts: readonly { row: SiteRow; rendered: RenderedSite | undefined }[]): string {
  const texts = parts.flatMap(({ rendered }) => (rendered && rendered.tools > 0 ? [rendered.text] : []));
  const rows = JSON.stringify(parts.map(({ row }) => siteRowJson(row)));
  return `{"tools":[${[...OWN_TOOLS, ...texts].join(',')}],"_meta":{"switchyard/sites":${rows}}}`;
}
