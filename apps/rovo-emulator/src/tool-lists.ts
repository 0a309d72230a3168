// Which tools a caller sees at a URL, as prebuilt bytes of tools/list pages.
import type { Caller } from './credentials.ts';
import type { EmulatorSettings, Generation, RawTool, ToolChange } from './emulator-options.ts';
import { GROUPS_OFF_BY_DEFAULT } from './settings.ts';
import { type CatalogueTool, loadToolCatalogue, toolFromDefinition, toolFromRaw } from './tool-catalogue.ts';

/** The URL and caller that a list is for. */
export interface ViewRequest {
  readonly lane: string;
  /** The generation served, which is v2 at a v1 URL after the switch. */
  readonly generation: Generation;
  /** `?tools=all` */
  readonly flat: boolean;
  /** `?capabilities=`, undefined when absent. */
  readonly capabilities: readonly string[] | undefined;
  readonly caller: Caller;
}

/** What one caller sees at one URL. */
export interface ToolView {
  /** JSON text of the tools/list results, by offset of their first tool. */
  readonly pages: ReadonlyMap<number, Buffer>;
  readonly listed: ReadonlyMap<string, CatalogueTool>;
  /** Reached through execute* only. */
  readonly deferred: ReadonlyMap<string, CatalogueTool>;
  /** There, but the credential's scopes do not cover them. */
  readonly outOfScope: ReadonlySet<string>;
}

/** The tool lists of an emulator. */
export interface ToolLists {
  view(request: ViewRequest): ToolView;
  change(change: ToolChange): void;
  /** Drops prebuilt lists; needed after a change of settings. */
  forget(): void;
  /** Every tool of a generation in a lane, whoever may see it. */
  all(generation: Generation, lane: string): readonly CatalogueTool[];
}

const USELESS_LISTS: Readonly<Record<EmulatorSettings['uselessTokenList'], ReadonlySet<string>>> = {
  two: new Set(['atlassianUserInfo', 'getAccessibleAtlassianResources']),
  twg: new Set(['getTeamworkGraphContext', 'getTeamworkGraphObject', 'addTeamworkGraphContext']),
};
/** Two names for one tool: the catalogue knows both, the wire shows one. */
const NEVER_LISTED: ReadonlySet<string> = new Set(['findJiraIssueAssignableUsers']);
const HIDDEN_ROVO_NAMES: Readonly<Record<EmulatorSettings['rovoNames'], ReadonlySet<string>>> = {
  search: new Set(['searchAtlassian', 'fetchAtlassian']),
  searchAtlassian: new Set(['search', 'fetch']),
};
const EXECUTE_TRIO: ReadonlySet<string> = new Set(['executeRead', 'executeWrite', 'executeDestructive']);
const REMEMBERED_VIEWS = 2_000;

/** Builds lists from the catalogue, with the raw tools around it. Throws when a raw tool is no tool. */
export function createToolLists(
  settings: Readonly<EmulatorSettings>,
  rawTools: readonly RawTool[] = [],
): ToolLists {
  const base = withRawTools(loadToolCatalogue(), rawTools);
  const changes: ToolChange[] = [];
  const views = new Map<string, ToolView>();
  const all = (generation: Generation, lane: string): readonly CatalogueTool[] =>
    changes
      .filter((change) => change.generation === generation && (change.lane ?? lane) === lane)
      .reduce(
        applyChange,
        base.filter((tool) => tool.generation === generation),
      );
  return {
    all,
    view(request) {
      const key = viewKey(request);
      const known = views.get(key);
      if (known !== undefined) return known;
      if (views.size >= REMEMBERED_VIEWS) views.clear();
      const view = buildView(all(request.generation, request.lane), request, settings);
      views.set(key, view);
      return view;
    },
    change(change) {
      changes.push(change);
      views.clear();
    },
    forget: () => views.clear(),
  };
}

/** The offset that a cursor stands for; undefined when it is none of ours. */
export function parseCursor(cursor: string): number | undefined {
  const match = /^offset:(\d+)$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'));
  return match === null ? undefined : Number(match[1]);
}

function viewKey({ lane, generation, flat, capabilities, caller }: ViewRequest): string {
  return `${lane}|${generation}|${flat}|${capabilities?.join(',') ?? '-'}|${caller.listKey}`;
}

function withRawTools(
  catalogue: readonly CatalogueTool[],
  rawTools: readonly RawTool[],
): readonly CatalogueTool[] {
  const first = rawTools.filter((raw) => raw.atEnd !== true).map(toolFromRaw);
  const last = rawTools.filter((raw) => raw.atEnd === true).map(toolFromRaw);
  return [...first, ...catalogue, ...last];
}

function applyChange(tools: readonly CatalogueTool[], change: ToolChange): CatalogueTool[] {
  const removed = new Set(change.remove);
  const replaced = new Map(change.replace?.map((definition) => [definition.name, definition]));
  const added = (change.add ?? []).map((definition) => toolFromDefinition(definition, change.generation));
  for (const tool of added) removed.add(tool.name);
  const kept = tools
    .filter((tool) => !removed.has(tool.name))
    .map((tool) => {
      const definition = replaced.get(tool.name);
      if (definition === undefined) return tool;
      const { wire, inputSchema, description } = toolFromDefinition(definition, change.generation);
      return { ...tool, wire, inputSchema, description };
    });
  return [...kept, ...added];
}

function buildView(
  tools: readonly CatalogueTool[],
  request: ViewRequest,
  settings: Readonly<EmulatorSettings>,
): ToolView {
  const offered = tools.filter((tool) => isOffered(tool, request, settings));
  const inScope = offered.filter((tool) => isInScope(tool, request.caller));
  const isFlat = request.generation === 'v1' || request.flat;
  const listed = inScope.filter((tool) => (isFlat ? isInFlatList(tool) : tool.primary));
  const pageSize = isFlat && request.generation === 'v2' ? settings.pageSize : Infinity;
  const deferred = isFlat ? [] : inScope.filter((tool) => !tool.primary);
  return {
    pages: buildPages(visibleTo(request.caller, listed, settings), pageSize),
    listed: byName(listed),
    deferred: byName(deferred),
    outOfScope: new Set(offered.filter((tool) => !inScope.includes(tool)).map((tool) => tool.name)),
  };
}

function isOffered(tool: CatalogueTool, request: ViewRequest, settings: Readonly<EmulatorSettings>): boolean {
  const isOauth = request.caller.credential?.kind === 'oauth';
  if (isOauth ? tool.apiTokenOnly : tool.oauthOnly) return false;
  if (isHiddenName(tool, settings)) return false;
  const groups = tool.permissionGroups;
  if (groups.length > 0 && !groups.some((group) => isGroupOn(group, settings))) return false;
  return request.capabilities === undefined || isWithin(groups, request.capabilities);
}

function isHiddenName({ name, generation }: CatalogueTool, settings: Readonly<EmulatorSettings>): boolean {
  if (generation === 'v1') return HIDDEN_ROVO_NAMES[settings.rovoNames].has(name);
  return NEVER_LISTED.has(name) || (settings.singleExecute ? EXECUTE_TRIO.has(name) : name === 'execute');
}

function isGroupOn(group: string, settings: Readonly<EmulatorSettings>): boolean {
  return settings.permissionGroups[group] ?? !GROUPS_OFF_BY_DEFAULT.has(group);
}

/** A capability is a permission group in capitals; tools outside the groups always stay. */
function isWithin(groups: readonly string[], capabilities: readonly string[]): boolean {
  return groups.length === 0 || groups.some((group) => capabilities.includes(group.toUpperCase()));
}

function isInScope(tool: CatalogueTool, caller: Caller): boolean {
  const scopes = caller.credential?.scopes;
  return scopes === undefined || tool.scopes.every((scope) => scopes.includes(scope));
}

/** The flat list needs no execute*: only discover is left of the meta tools. */
function isInFlatList(tool: CatalogueTool): boolean {
  return tool.product !== 'meta' || tool.name === 'discover';
}

function visibleTo(
  caller: Caller,
  listed: readonly CatalogueTool[],
  settings: Readonly<EmulatorSettings>,
): readonly CatalogueTool[] {
  if (caller.standing === 'full' || caller.standing === 'expired') return listed;
  const names = USELESS_LISTS[settings.uselessTokenList];
  return listed.filter((tool) => names.has(tool.name));
}

function buildPages(tools: readonly CatalogueTool[], pageSize: number): ReadonlyMap<number, Buffer> {
  const pages = new Map<number, Buffer>();
  for (let offset = 0; offset === 0 || offset < tools.length; offset += pageSize) {
    const next = offset + pageSize;
    const items = tools.slice(offset, next).map((tool) => tool.wire);
    const cursor = next < tools.length ? `,"nextCursor":"${cursorFor(next)}"` : '';
    pages.set(offset, Buffer.from(`{"tools":[${items.join(',')}]${cursor}}`));
  }
  return pages;
}

function cursorFor(offset: number): string {
  return Buffer.from(`offset:${offset}`).toString('base64url');
}

function byName(tools: readonly CatalogueTool[]): ReadonlyMap<string, CatalogueTool> {
  return new Map(tools.map((tool) => [tool.name, tool]));
}
