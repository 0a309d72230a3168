// Rovo search over issues and pages, and fetch of one of them.
import type { Generation } from '../emulator-options.ts';
import { type JsonObject, textOf } from '../json-value.ts';
import {
  findIssue,
  issueAri,
  pageAri,
  type SiteIssue,
  type SitePage,
  type SiteStore,
} from '../site-store.ts';
import { failed, succeeded, type ToolOutcome } from '../tool-result.ts';
import type { SiteCall, SiteTool } from './tool-handler.ts';

const MOST_HITS = 10;
const ARI = /^ari:cloud:(jira|confluence):[^:]+:(?:issue|page)\/(\w+)$/;

/** Rovo tools under the names of each generation; v1 knows two pairs of names. */
export const ROVO_TOOLS: Readonly<Record<Generation, readonly (readonly [string, SiteTool])[]>> = {
  v1: [
    ['search', search],
    ['fetch', fetchByAri],
    ['searchAtlassian', search],
    ['fetchAtlassian', fetchByAri],
  ],
  v2: [['search', search]],
};

function search({ args, store }: SiteCall): ToolOutcome {
  const words = (textOf(args['query']) ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const hits = [
    ...[...store.issues.values()].map((issue) => ({ text: issueText(issue), hit: issueHit(store, issue) })),
    ...[...store.pages.values()].map((page) => ({
      text: `${page.title} ${page.body}`,
      hit: pageHit(store, page),
    })),
  ];
  const results = hits
    .map(({ text, hit }) => ({ hit, score: scoreOf(text, words) }))
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score)
    .slice(0, MOST_HITS)
    .map(({ hit }) => hit);
  return succeeded({ results });
}

function fetchByAri({ args, store }: SiteCall): ToolOutcome {
  const ari = textOf(args['id']) ?? '';
  const [, product, id = ''] = ARI.exec(ari) ?? [];
  if (product === undefined) return failed(`Invalid ARI: ${ari}`);
  const issue = product === 'jira' ? findIssue(store, id) : undefined;
  const page = product === 'confluence' ? store.pages.get(id) : undefined;
  if (issue !== undefined)
    return succeeded({ ...issueHit(store, issue), text: issueText(issue), metadata: {} });
  if (page !== undefined) return succeeded({ ...pageHit(store, page), text: page.body, metadata: {} });
  return failed(`Resource not found: ${ari}`);
}

function issueHit(store: SiteStore, issue: SiteIssue): JsonObject {
  const url = `${store.site.url}/browse/${issue.key}`;
  return { id: issueAri(store, issue), type: 'issue', title: `${issue.key}: ${issue.summary}`, url };
}

function pageHit(store: SiteStore, page: SitePage): JsonObject {
  const url = `${store.site.url}/wiki/spaces/${page.space.key}/pages/${page.id}`;
  return { id: pageAri(store, page), type: 'page', title: page.title, url };
}

function issueText(issue: SiteIssue): string {
  return `${issue.key} ${issue.summary}\n${issue.description}`;
}

function scoreOf(text: string, words: readonly string[]): number {
  const lower = text.toLowerCase();
  return words.filter((word) => lower.includes(word)).length;
}
