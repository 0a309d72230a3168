import { type GappedText, plainText } from './gapped-text.ts';
import { collectTools, type MergedTool } from './merged/merged-tool.ts';
import { renderMerged } from './merged/render-merged.ts';
import { type ShownSite, shownEntries } from './merged/shown-site.ts';
import type { Mode } from './mode.ts';
import type { Site } from './model.ts';
import { ownDefinitions, ownTool } from './own-tools.ts';
import type { SitePolicy } from './policy.ts';
import { renderTools } from './render-tools.ts';
import { searchToolOf } from './search/search-tools.ts';
import { type SiteRow, siteRowJson } from './site-status.ts';
import type { ToolIndex } from './tool-index.ts';
import type { View } from './view.ts';

/** A site's part of a list: its visible tools, comma-separated, and how many they are. */
export interface RenderedSite {
  readonly text: GappedText;
  readonly tools: number;
}

/** A site with the policy of whoever asks. */
export interface JudgedSite {
  readonly site: Site;
  readonly policy: SitePolicy;
}

/** The tools of one site that this view shows, under the names that it has for them. */
export function renderSite(view: View, { site, policy }: JudgedSite, index: ToolIndex): RenderedSite {
  const shown = shownEntries({ policy, index });
  return {
    text: renderTools(shown, site, { plain: view.single !== undefined }),
    tools: shown.length,
  };
}

/** One site's part of a list. */
export interface ListPart {
  readonly row: SiteRow;
  /** What the view shows of it; undefined where no list of it is known. */
  readonly shown: ShownSite | undefined;
}

/** The `result` of tools/list. */
export interface ListResult {
  /** One after the other its JSON text: whole it is tens of megabytes where there are many sites. */
  readonly texts: readonly GappedText[];
  readonly tools: number;
}

/**
 * Switchyard's own tools first, so that a client which cuts the list keeps them, then the sites in the order of the
 * configuration. A missing site takes away nobody else's tools (I3).
 */
export function listResult(view: View, parts: readonly ListPart[]): ListResult {
  const shown = parts.flatMap((part) => part.shown ?? []);
  const own = ownDefinitions(
    view,
    shown.some((each) => searchToolOf(each) !== undefined),
  );
  const rows = JSON.stringify(parts.map(({ row }) => siteRowJson(row)));
  const { definitions, tools } = PRESENTED[view.mode](view, shown);
  const texts = [
    plainText(`{"tools":[${own.join(',')}`),
    ...definitions.flatMap((definition) => [COMMA, definition]),
    plainText(`],"_meta":{"switchyard/sites":${rows}}}`),
  ];
  return { texts, tools: own.length + tools };
}

const COMMA = plainText(',');

interface Presented {
  /** Texts of one definition or more, comma-separated. */
  readonly definitions: readonly GappedText[];
  readonly tools: number;
}

const PRESENTED: Readonly<Record<Mode, (view: View, shown: readonly ShownSite[]) => Presented>> = {
  namespaced(view, shown) {
    const rendered = shown.map((each) => renderSite(view, each, each.index)).filter(({ tools }) => tools > 0);
    const tools = rendered.reduce((sum, each) => sum + each.tools, 0);
    return { definitions: rendered.map(({ text }) => text), tools };
  },
  merged(view, shown) {
    const merged = mergedTools(view, shown);
    const siteRequired = view.single === undefined;
    const definitions = merged.map((tool) => plainText(renderMerged(tool, { siteRequired })));
    return { definitions, tools: merged.length };
  },
  lean: () => ({ definitions: [], tools: 0 }),
};

/** The tools of all sites, each once; a name of Switchyard's own stays its own. */
export function mergedTools(view: View, shown: readonly ShownSite[]): MergedTool[] {
  return collectTools(shown).filter(({ name }) => view.mode === 'lean' || ownTool(view, name) === undefined);
}
