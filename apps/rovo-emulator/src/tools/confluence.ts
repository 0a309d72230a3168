// Confluence tools that read and write the pages of a site.
import type { Generation } from '../emulator-options.ts';
import { countOf, type JsonObject, objectOf, textOf } from '../json-value.ts';
import { jiraTime, type SitePage, type SiteSpace, type SiteStore } from '../site-store.ts';
import { failed, knownError, succeeded, type ToolOutcome } from '../tool-result.ts';
import { runCql } from './cql.ts';
import { callerAsUser, type SiteCall, type SiteTool } from './tool-handler.ts';

const DEFAULT_PAGE = 25;

/** Backed Confluence tools under the names of each generation. */
export const CONFLUENCE_TOOLS: Readonly<Record<Generation, readonly (readonly [string, SiteTool])[]>> = {
  v1: [
    ['getConfluencePage', withPage('pageId', (page, call) => succeeded(restPage(page, call, true)))],
    ['getConfluenceSpaces', listSpaces],
    ['getPagesInConfluenceSpace', listPages],
    ['createConfluencePage', createConfluencePage],
    ['updateConfluencePage', withPage('pageId', updateConfluencePage)],
    ['searchConfluenceUsingCql', searchWithCql],
  ],
  v2: [
    ['getConfluenceContent', withPage('contentId', (page, call) => succeeded(flatPage(page, call, true)))],
    ['listConfluenceSpaces', listSpaces],
    ['listConfluenceContent', listPages],
    ['createConfluenceContent', createConfluenceContent],
    ['updateConfluenceContent', withPage('contentId', updateConfluenceContent)],
    ['searchConfluence', searchWithCql],
  ],
};

function withPage(argument: string, run: (page: SitePage, call: SiteCall) => ToolOutcome): SiteTool {
  return (call) => {
    const id = textOf(call.args[argument]) ?? '';
    const page = call.store.pages.get(id);
    return page === undefined ? failed(`No content found with id: ${id}`) : run(page, call);
  };
}

function listSpaces({ args, store, generation }: SiteCall): ToolOutcome {
  const wanted = [args['keys']].flat().filter((key) => key !== undefined);
  const start = generation === 'v1' ? countOf(args['start'], 0) : offsetOf(args['cursor']);
  const spaces = store.spaces.filter(({ key }) => wanted.length === 0 || wanted.includes(key));
  const page = spaces
    .slice(start, start + countOf(args['limit'], DEFAULT_PAGE, 1))
    .map(({ id, key, name }) => ({
      id,
      key,
      name,
      type: 'global',
      status: 'current',
      ...(generation === 'v1'
        ? { _links: { webui: `/spaces/${key}` } }
        : { url: `${store.site.url}/wiki/spaces/${key}` }),
    }));
  if (generation === 'v2') return succeeded({ spaces: page });
  return succeeded({ results: page, start, limit: page.length, size: page.length });
}

function listPages(call: SiteCall): ToolOutcome {
  const { args, store } = call;
  const space = findSpace(store, textOf(args['spaceId']));
  if (space === undefined) return failed(`No space found with id: ${textOf(args['spaceId']) ?? ''}`);
  const title = textOf(args['title']);
  const inSpace = [...store.pages.values()].filter(
    (page) => page.space === space && (title ?? page.title) === page.title,
  );
  return succeeded(pageOfPages(inSpace, call, false));
}

function searchWithCql(call: SiteCall): ToolOutcome {
  const found = runCql(call.store, textOf(call.args['cql']) ?? '', call.account.accountId);
  if (!found.ok) return failed(found.problem);
  return succeeded(pageOfPages(found.pages, call, true));
}

function pageOfPages(pages: readonly SitePage[], call: SiteCall, isSearch: boolean): JsonObject {
  const { args, generation } = call;
  const start = offsetOf(args['cursor']);
  const limit = countOf(args['limit'], DEFAULT_PAGE, 1);
  const chosen = pages.slice(start, start + limit);
  const next = start + limit < pages.length ? cursorFor(start + limit) : undefined;
  if (generation === 'v2') {
    const results = chosen.map((page) => flatPage(page, call, false));
    return { results, ...(next === undefined ? {} : { nextCursor: next }) };
  }
  const results = chosen.map((page) => (isSearch ? searchHit(page, call) : restPage(page, call, false)));
  const links = next === undefined ? {} : { next: `/wiki/api/v2/pages?cursor=${next}` };
  return { results, ...(isSearch ? { totalSize: pages.length } : {}), _links: links };
}

function searchHit(page: SitePage, call: SiteCall): JsonObject {
  const content = { id: page.id, type: 'page', status: 'current', title: page.title };
  return {
    content,
    title: page.title,
    excerpt: page.body.slice(0, 120),
    url: webPath(page),
    lastModified: page.updated,
    spaceKey: page.space.key,
    cloudId: call.store.site.cloudId,
  };
}

function createConfluencePage(call: SiteCall): ToolOutcome {
  const { args, store } = call;
  const space = findSpace(store, textOf(args['spaceId']));
  if (space === undefined) return failed(`No space found with id: ${textOf(args['spaceId']) ?? ''}`);
  const parentId = textOf(args['parentId']) ?? null;
  const page = addPage(call, { space, parentId, title: textOf(args['title']), body: textOf(args['body']) });
  return succeeded(restPage(page, call, true));
}

function createConfluenceContent(call: SiteCall): ToolOutcome {
  const { args, store } = call;
  const parent = objectOf(args['parent']);
  const parentId = textOf(parent['parentContentId']) ?? null;
  const above = parentId === null ? undefined : store.pages.get(parentId);
  if (parentId !== null && above === undefined) return failed(`No content found with id: ${parentId}`);
  const space = above?.space ?? findSpace(store, textOf(parent['spaceId']));
  if (space === undefined) return failed('parent must name a spaceId or a parentContentId that exists');
  const body = textOf(objectOf(args['body'])['value']);
  const page = addPage(call, { space, parentId, body, title: textOf(args['title']) });
  return succeeded(flatPage(page, call, true));
}

interface NewPage {
  readonly space: SiteSpace;
  readonly parentId: string | null;
  readonly title: string | undefined;
  readonly body: string | undefined;
}

function addPage(call: SiteCall, { space, parentId, title = 'Untitled', body = '' }: NewPage): SitePage {
  const created = jiraTime();
  const page: SitePage = {
    id: call.store.newId(),
    space,
    title,
    body,
    parentId,
    version: 1,
    author: callerAsUser(call),
    labels: [],
    created,
    updated: created,
  };
  call.store.pages.set(page.id, page);
  return page;
}

function updateConfluencePage(page: SitePage, call: SiteCall): ToolOutcome {
  writePage(page, textOf(call.args['title']), textOf(call.args['body']));
  return succeeded(restPage(page, call, call.args['includeBody'] === true));
}

function updateConfluenceContent(page: SitePage, call: SiteCall): ToolOutcome {
  const { snapshotToken, dryRun, title, body } = call.args;
  if (snapshotToken !== undefined && snapshotToken !== snapshotTokenOf(page)) return knownError('E12');
  if (dryRun !== true) writePage(page, textOf(title), textOf(objectOf(body)['value']));
  return succeeded({ ...flatPage(page, call, true), ...(dryRun === true ? { dryRun } : {}) });
}

function writePage(page: SitePage, title: string | undefined, body: string | undefined): void {
  page.title = title ?? page.title;
  page.body = body ?? page.body;
  page.version += 1;
  page.updated = jiraTime();
}

function restPage(page: SitePage, { store }: SiteCall, withBody: boolean): JsonObject {
  return {
    id: page.id,
    status: 'current',
    title: page.title,
    spaceId: page.space.id,
    parentId: page.parentId,
    authorId: page.author.accountId,
    createdAt: page.created,
    version: { number: page.version, createdAt: page.updated },
    ...(withBody ? { body: page.body } : {}),
    _links: { base: `${store.site.url}/wiki`, webui: webPath(page) },
  };
}

function flatPage(page: SitePage, { store }: SiteCall, withBody: boolean): JsonObject {
  return {
    contentId: page.id,
    contentType: 'page',
    title: page.title,
    space: { id: page.space.id, key: page.space.key },
    parentContentId: page.parentId,
    version: page.version,
    updated: page.updated,
    url: `${store.site.url}/wiki${webPath(page)}`,
    snapshotToken: snapshotTokenOf(page),
    ...(withBody ? { body: { format: 'markdown', value: page.body } } : {}),
  };
}

function snapshotTokenOf(page: SitePage): string {
  return Buffer.from(`${page.id}@${page.version}`).toString('base64url');
}

function webPath(page: SitePage): string {
  return `/spaces/${page.space.key}/pages/${page.id}`;
}

function findSpace(store: SiteStore, idOrKey: string | undefined): SiteSpace | undefined {
  return store.spaces.find(({ id, key }) => id === idOrKey || key === idOrKey);
}

function cursorFor(offset: number): string {
  return Buffer.from(String(offset)).toString('base64url');
}

function offsetOf(cursor: unknown): number {
  return countOf(Number(Buffer.from(textOf(cursor) ?? '', 'base64url').toString('utf8')), 0);
}
