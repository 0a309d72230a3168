import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Estate } from '../estate.ts';
import { ask, type Era, leastArguments, type ListedTool, type PlannedCall, refusedOf } from './every-tool.ts';
import { startTwelve, TWELVE } from './twelve-sites.ts';

/** Ten sites with the second generation of tools, two that still have the first. */
let estate: Estate;
/** What each site offers, as it lists it itself. */
let bySite: ReadonlyMap<string, readonly ListedTool[]>;
beforeAll(async () => {
  estate = await startTwelve({ v1: ['ops', 'hr'] });
  const rows = TWELVE.map(async ({ alias }) => [alias, await listed(`/mcp/sites/${alias}`)] as const);
  bySite = new Map(await Promise.all(rows));
});
afterAll(() => estate.close());

const OWN_CALLS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  switchyard_sites: {},
  switchyard_explain: { tool: 'getJiraIssue', site: 'eng' },
  search: { query: 'login' },
  fetch: { id: `eng:ari:cloud:jira:${TWELVE[0]?.cloudId ?? ''}:issue/10005` },
  findTools: { query: 'issue' },
  describeTool: { tool: 'getJiraIssue' },
  callReadTool: { tool: 'getJiraIssue', site: 'eng', arguments: { issueIdOrKey: 'X-1' } },
  callWriteTool: {
    tool: 'transitionJiraIssue',
    site: 'eng',
    arguments: { issueIdOrKey: 'X-1', transition: {} },
  },
};

async function listed(path: string, era: Era = 'legacy'): Promise<readonly ListedTool[]> {
  const { result } = await ask(estate, era, { path, method: 'tools/list' });
  return (result as unknown as { tools: readonly ListedTool[] }).tools;
}

function isOwn({ name }: { readonly name: string }): boolean {
  return Object.hasOwn(OWN_CALLS, name);
}

/** Every tool of every site, with arguments that its own schema asks for. */
function everywhere(): { readonly site: string; readonly tool: ListedTool; readonly args: object }[] {
  return [...bySite].flatMap(([site, tools]) =>
    tools
      .filter(({ name }) => !name.startsWith('switchyard_'))
      .map((tool) => ({ site, tool, args: leastArguments(tool.inputSchema) })),
  );
}

/** One site of each generation: all the tools that there are. */
function atTwoSites<T extends { readonly site: string }>(calls: readonly T[]): T[] {
  return calls.filter(({ site }) => site === 'eng' || site === 'ops');
}

function asText(value: unknown): string {
  return JSON.stringify(value);
}

describe.each(['legacy', 'modern'] as const)('in the %s era', (era) => {
  const callAt =
    (path: string) =>
    ({ name, args }: PlannedCall) =>
      ask(estate, era, { path, method: 'tools/call', params: { name, arguments: args } });

  it('every tool of mode namespaced is listed once for each site that has it, and callable (I2)', async () => {
    const tools = await listed('/mcp?mode=namespaced', era);
    const calls = everywhere().map(({ site, tool, args }) => ({
      site,
      name: `${site}__${tool.name}`,
      args: { ...args },
    }));

    expect(
      tools
        .filter((tool) => !isOwn(tool))
        .map(({ name }) => name)
        .sort(),
    ).toEqual(calls.map(({ name }) => name).sort());
    expect(await refusedOf(atTwoSites(calls), callAt('/mcp'))).toEqual([]);
  });

  it('every tool of mode merged is listed once, with the sites that have it, and callable at each (I2)', async () => {
    const tools = await listed('/mcp?mode=merged', era);
    const shown = tools.filter((tool) => !isOwn(tool));
    const calls = everywhere()
      .filter(({ tool }) => !isOwn(tool))
      .map(({ site, tool, args }) => ({ name: tool.name, args: { ...args, site } }));
    const pairs = shown.flatMap(({ name, inputSchema }) =>
      (inputSchema.properties?.['site']?.enum ?? []).map((site) => `${asText(site)} ${name}`),
    );

    expect(new Set(shown.map(({ name }) => name)).size).toBe(shown.length);
    expect(pairs.sort()).toEqual(calls.map(({ name, args }) => `${asText(args.site)} ${name}`).sort());
    const made = era === 'legacy' ? calls : calls.filter(({ args }) => ['eng', 'ops'].includes(args.site));
    expect(await refusedOf(made, callAt('/mcp?mode=merged'))).toEqual([]);
  });

  it('every tool is found, described and run in mode lean (I2)', async () => {
    const path = '/mcp?mode=lean';
    const names = [...new Set(everywhere().map(({ tool }) => tool.name))];
    const described = new Map<string, string>();
    for (const name of names) {
      const { result } = await callAt(path)({ name: 'describeTool', args: { tool: name } });
      const runners = result?.structuredContent?.['run'] as string[] | undefined;
      described.set(name, runners?.[0] ?? '');
    }
    const calls = atTwoSites(everywhere()).map(({ site, tool, args }) => ({
      name: described.get(tool.name) ?? '',
      args: { tool: tool.name, site, arguments: args },
    }));

    expect((await listed(path, era)).map(({ name }) => name)).toEqual([
      'switchyard_sites',
      'switchyard_explain',
      'findTools',
      'describeTool',
      'callReadTool',
      'callWriteTool',
      'search',
      'fetch',
    ]);
    expect(await refusedOf(calls, callAt(path))).toEqual([]);
  });

  it.each(['namespaced', 'merged', 'lean'])(
    'Switchyard’s own tools of mode %s are callable',
    async (mode) => {
      const path = `/mcp?mode=${mode}`;
      const own = (await listed(path, era)).filter(isOwn);
      const calls = own.map(({ name }) => ({ name, args: OWN_CALLS[name] ?? {} }));

      expect(own.length).toBeGreaterThanOrEqual(4);
      expect(await refusedOf(calls, callAt(path))).toEqual([]);
    },
  );
});
