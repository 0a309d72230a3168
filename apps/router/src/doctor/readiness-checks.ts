import { compileGlobs, type Site, type ToolGlobs, type ToolIndex, V1_NAMES } from '@switchyard/catalogue';

import type { Config } from '../config/config.ts';
import { type Finding, findingOf } from './check.ts';

/** From this day on v1 connections list the tools of v2 (Atlassian support, "getting started"; README at the v2 release). */
const V1_ENDS = '2027-03-01';
const DAY_MS = 24 * 60 * 60 * 1_000;
const SHOWN = 5;
const V2 = 'https://mcp.atlassian.com/v2/mcp?tools=all';

/** Whether a site still uses v1; `now` in milliseconds since 1970. */
export function checkEndpointGeneration({ name, endpoint }: Site, now: number): Finding {
  const finding = findingOf('v1-endpoint', name);
  const { pathname } = new URL(endpoint);
  if (/\/v1\/sse\b/.test(pathname))
    return finding(
      'failed',
      'uses /v1/sse, which is out of support since 2026-06-30',
      `Set endpoint to ${V2}`,
    );
  if (!/\/v1\//.test(pathname)) return finding('ok', 'does not use v1');
  const days = Math.ceil((Date.parse(V1_ENDS) - now) / DAY_MS);
  const fix = `Set endpoint to ${V2}, and let everybody connect the site again: v2 takes no tokens of v1.`;
  return days > 0
    ? finding(
        'warning',
        `uses v1, whose tools become those of v2 in ${days === 1 ? '1 day' : `${days} days`} (${V1_ENDS})`,
        fix,
      )
    : finding('warning', `uses v1, whose tools are those of v2 since ${V1_ENDS}`, fix);
}

/** What becomes of the listed tools on v2. */
export function checkListedNames({ name }: Site, { entries }: ToolIndex): Finding[] {
  const old = entries.map((entry) => entry.name).filter((each) => V1_NAMES.has(each));
  if (old.length === 0) return [];
  const gone = old.filter((each) => V1_NAMES.get(each) === undefined);
  const says = `${old.length - gone.length} of ${entries.length} tools have another name on v2, ${gone.length} no counterpart`;
  const fix =
    gone.length === 0
      ? 'Calls by the old names are told the new ones, and work where the arguments are the same.'
      : `Whoever uses these needs another way: ${shortList(gone)}.`;
  return [findingOf('v2-readiness', name)('warning', says, fix)];
}

/** Rules on tool names that mean a v1 tool and miss the v2 tool in its place: a `deny` would no longer deny it. */
export function checkRuleNames({
  sites,
  views,
  rules,
}: Pick<Config, 'sites' | 'views' | 'rules'>): Finding[] {
  const places: (readonly [string, ToolGlobs | undefined])[] = [
    ...sites.map(({ alias, cloudId, tools }) => [`sites.${alias ?? cloudId}`, tools] as const),
    ...Object.entries(views).map(([name, { tools }]) => [`views.${name}`, present(tools)] as const),
    ...rules.map(({ source, tools }) => [source?.where ?? 'rules', tools] as const),
  ];
  return places.flatMap(([where, { allow = [], deny = [] } = {}]) => [
    ...missed(`${where}.tools.allow`, allow),
    ...missed(`${where}.tools.deny`, deny),
  ]);
}

function missed(where: string, globs: readonly string[]): Finding[] {
  if (globs.length === 0) return [];
  const matches = compileGlobs(globs);
  const pairs = [...V1_NAMES].flatMap(([v1, v2]) =>
    v2 !== undefined && matches(v1) && !matches(v2) ? [`${v1} (${v2})`] : [],
  );
  if (pairs.length === 0) return [];
  return [
    findingOf('v1-rules')(
      'warning',
      `${where} means tools that have another name on v2: ${shortList(pairs)}`,
      'Add the names of v2, in parentheses.',
    ),
  ];
}

function present(tools: Config['views'][string]['tools']): ToolGlobs | undefined {
  return tools && { allow: tools.allow ?? [], deny: tools.deny ?? [] };
}

function shortList(names: readonly string[]): string {
  const rest = names.length - SHOWN;
  return rest > 0 ? `${names.slice(0, SHOWN).join(', ')} and ${rest} more` : names.join(', ');
}
