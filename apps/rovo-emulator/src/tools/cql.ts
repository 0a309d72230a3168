// CQL over the pages of a site.
import { meets, parseQuery, type ReadField, sortBy, unknownField } from '../query-language.ts';
import type { SitePage, SiteStore } from '../site-store.ts';

/** The matching pages in order, or what is wrong with the query. */
export type CqlAnswer =
  | { readonly ok: true; readonly pages: readonly SitePage[] }
  | { readonly ok: false; readonly problem: string };

const FIELDS: Readonly<Record<string, (page: SitePage) => readonly string[]>> = {
  id: (page) => [page.id],
  content: (page) => [page.id],
  type: () => ['page'],
  space: ({ space }) => [space.key, space.id],
  'space.key': ({ space }) => [space.key],
  'space.title': ({ space }) => [space.name],
  title: (page) => [page.title],
  text: (page) => [page.title, page.body],
  sitesearch: (page) => [page.title, page.body],
  label: (page) => page.labels,
  creator: ({ author }) => [author.accountId, author.displayName],
  contributor: ({ author }) => [author.accountId, author.displayName],
  parent: ({ parentId }) => (parentId === null ? [] : [parentId]),
  ancestor: ({ parentId }) => (parentId === null ? [] : [parentId]),
  created: (page) => [page.created],
  lastmodified: (page) => [page.updated],
};

const readPage: ReadField<SitePage> = (page, field) => FIELDS[field]?.(page);

/** Runs a query; pages come in the order of their ids unless it says otherwise. */
export function runCql(store: SiteStore, cql: string, callerId: string): CqlAnswer {
  const query = parseQuery(cql.replaceAll(/currentUser\(\s*\)/gi, JSON.stringify(callerId)));
  if (!query.ok) return query;
  const unknown = unknownField(query, (field) => Object.hasOwn(FIELDS, field));
  if (unknown !== undefined) return { ok: false, problem: `Could not parse cql: unknown field '${unknown}'` };
  const found = [...store.pages.values()].filter((page) => meets(query.condition, page, readPage));
  return { ok: true, pages: sortBy(found, query.order, readPage) };
}
