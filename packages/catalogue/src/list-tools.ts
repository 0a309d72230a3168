import { collectTools, type MergedTool } from './merged/merged-tool.ts';
import { renderMerged } from './merged/render-merged.ts';
import { type ShownSite, shownEntries } from './merged/shown-site.ts';
import type { Mode } from './mode.ts';
import type { Site } from './model.ts';
import { ownDefinitions, ownTool } from './own-tools.ts';
import type { SitePolicy } from './policy.ts';
import { searchToolOf } from './search/search-tools.ts';
import { type SiteRow, siteRowJson } from './site-status.ts';
import { renderTools, siteFacts } from './tool-definition.ts';
import type { ToolEntry, ToolIndex } from './tool-index.ts';
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

/** The tools of one site that this view shows, under the names that it has for them. */
export function renderSite(view: View, { site, policy }: JudgedSite, index: ToolIndex): RenderedSite {
  const plain = view.single !== undefined;
  const shown = shownEntries({ policy, index });
  const nameOf = plain
    ? ({ name }: ToolEntry) => name
    : ({ name }: ToolEntry) => encodeToolName(site.name, name);
  return {
    text: renderTools(shown, { facts: siteFacts(site, { bracket: !plain }), nameOf }),
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
  /** Pieces of its JSON text, to be gone through once. Each is made when it is taken: all at once would be as large as the whole. */
  readonly texts: Iterable<string>;
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
  return { texts: textsOf(own, definitions, rows), tools: own.length + tools };
}

function* textsOf(own: readonly string[], definitions: Iterable<string>, rows: string): Generator<string> {
  yield `{"tools":[${own.join(',')}`;
  for (const definition of definitions) {
    yield ',';
    yield definition;
  }
  yield `],"_meta":{"switchyard/sites":${rows}}}`;
}

interface Presented {
  /** Texts of one definition or more, comma-separated. */
  readonly definitions: Iterable<string>;
  readonly tools: number;
}

const PRESENTED: Readonly<Record<Mode, (view: View, shown: readonly ShownSite[]) => Presented>> = {
  namespaced(view, shown) {
    const some = shown.filter((each) => shownEntries(each).length > 0);
    const tools = some.reduce((sum, each) => sum + shownEntries(each).length, 0);
    return { definitions: renderSites(view, some), tools };
  },
  merged(view, shown) {
    const merged = mergedTools(view, shown);
    const siteRequired = view.single === undefined;
    return {
      definitions: merged.map((tool) => renderMerged(tool, { siteRequired })),
      tools: merged.length,
    };
  },
  lean: () => ({ definitions: [], tools: 0 }),
};

function* renderSites(view: View, shown: readonly ShownSite[]): Generator<string> {
  for (const each of shown) yield renderSite(view, each, each.index).text;
}

/** The tools of all sites, each once; a name of Switchyard's own stays its own. */
export function mergedTools(view: View, shown: readonly ShownSite[]): MergedTool[] {
  return collectTools(shown).filter(({ name }) => view.mode === 'lean' || ownTool(view, name) === undefined);
}
