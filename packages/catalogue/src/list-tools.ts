import { collectTools, type MergedTool } from './merged/merged-tool.ts';
import { renderMerged } from './merged/render-merged.ts';
import type { ShownSite } from './merged/shown-site.ts';
import type { Mode } from './mode.ts';
import type { Site } from './model.ts';
import { ownDefinitions, ownTool } from './own-tools.ts';
import type { SitePolicy } from './policy.ts';
import { searchToolOf } from './search/search-tools.ts';
import { type SiteRow, siteRowJson } from './site-status.ts';
import { renderTool, siteFacts } from './tool-definition.ts';
import type { ToolIndex } from './tool-index.ts';
import { encodeToolName } from './tool-name.ts';
import type { View } from './view.ts';

/** A site's part of a list: its visible tools, comma-separated, and how many they are. */
export interface RenderedSite {
  readonly text: string;
  readonly tools: number;
}

/** A site with the policy of whoever asks. */
export interface JudgedSite {
  readonly site: Site;
  readonly policy: SitePolicy;
}

/** The tools of one site that this view shows. Depends on nothing but its arguments: keep it per view, policy and list. */
export function renderSite(view: View, { site, policy }: JudgedSite, index: ToolIndex): RenderedSite {
  const plain = view.single !== undefined;
  const shown = index.entries.filter((entry) => policy.shows(entry.name));
  const facts = siteFacts(site, { bracket: !plain });
  const pieces: string[] = [];
  for (const entry of shown) {
    if (pieces.length > 0) pieces.push(',');
    const name = plain ? entry.name : encodeToolName(site.name, entry.name);
    renderTool(pieces, entry, { name, facts });
  }
  return { text: pieces.join(''), tools: shown.length };
}

/** One site's part of a list. */
export interface ListPart {
  readonly row: SiteRow;
  /** What the view shows of it; undefined where no list of it is known. */
  readonly shown: ShownSite | undefined;
  /** Its own tools, where each site has some. */
  readonly rendered: RenderedSite | undefined;
}

/**
 * The `result` of tools/list: Switchyard's own tools first, so that a client which cuts the list
 * keeps them, then the sites in the order of the configuration. A missing site takes away nobody
 * else's tools (I3).
 */
export function listResult(view: View, parts: readonly ListPart[]): { text: string; tools: number } {
  const shown = parts.flatMap((part) => part.shown ?? []);
  const own = ownDefinitions(
    view,
    shown.some((each) => searchToolOf(each) !== undefined),
  );
  const rows = JSON.stringify(parts.map(({ row }) => siteRowJson(row)));
  const { texts, tools } = PRESENTED[view.mode](view, { parts, shown });
  const text = `{"tools":[${[...own, ...texts].join(',')}],"_meta":{"switchyard/sites":${rows}}}`;
  return { text, tools: own.length + tools };
}

interface Presented {
  readonly texts: readonly string[];
  readonly tools: number;
}

type Present = (
  view: View,
  list: { readonly parts: readonly ListPart[]; readonly shown: readonly ShownSite[] },
) => Presented;

const PRESENTED: Readonly<Record<Mode, Present>> = {
  namespaced(_, { parts }) {
    const rendered = parts.flatMap((part) => (part.rendered?.tools ? [part.rendered] : []));
    const tools = rendered.reduce((sum, each) => sum + each.tools, 0);
    return { texts: rendered.map(({ text }) => text), tools };
  },
  merged(view, { shown }) {
    const merged = mergedTools(view, shown);
    const siteRequired = view.single === undefined;
    return { texts: merged.map((tool) => renderMerged(tool, { siteRequired })), tools: merged.length };
  },
  lean: () => ({ texts: [], tools: 0 }),
};

/** The tools of all sites, each once; a name of Switchyard's own stays its own. */
export function mergedTools(view: View, shown: readonly ShownSite[]): MergedTool[] {
  return collectTools(shown).filter(({ name }) => view.mode === 'lean' || ownTool(view, name) === undefined);
}
