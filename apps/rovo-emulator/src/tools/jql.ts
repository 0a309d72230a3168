// JQL over the issues of a site.
import { meets, parseQuery, type ReadField, sortBy, unknownField } from '../query-language.ts';
import type { SiteIssue, SiteStore } from '../site-store.ts';

/** The matching issues in order, or what is wrong with the query. */
export type JqlAnswer =
  | { readonly ok: true; readonly issues: readonly SiteIssue[] }
  | { readonly ok: false; readonly problem: string };

const FIELDS: Readonly<Record<string, (issue: SiteIssue) => readonly string[]>> = {
  key: (issue) => [issue.key, issue.id],
  issuekey: (issue) => [issue.key, issue.id],
  issue: (issue) => [issue.key, issue.id],
  id: (issue) => [issue.id, issue.key],
  project: ({ project }) => [project.key, project.name, project.id],
  status: (issue) => [issue.status],
  statuscategory: (issue) => [issue.status],
  assignee: ({ assignee }) =>
    assignee === null ? [] : [assignee.accountId, assignee.displayName, assignee.emailAddress],
  reporter: ({ reporter }) => [reporter.accountId, reporter.displayName, reporter.emailAddress],
  priority: (issue) => [issue.priority],
  labels: (issue) => issue.labels,
  issuetype: (issue) => [issue.issueType],
  type: (issue) => [issue.issueType],
  summary: (issue) => [issue.summary],
  description: (issue) => [issue.description],
  comment: (issue) => issue.comments.map((comment) => comment.body),
  text: (issue) => [issue.summary, issue.description, ...issue.comments.map((comment) => comment.body)],
  created: (issue) => [issue.created],
  createddate: (issue) => [issue.created],
  updated: (issue) => [issue.updated],
  updateddate: (issue) => [issue.updated],
  resolution: (issue) => (issue.status === 'Done' ? ['Done'] : []),
};

const readIssue: ReadField<SiteIssue> = (issue, field) => FIELDS[field]?.(issue);

/** Runs a query; `currentUser()` is the caller's accountId. Newest update first unless it says otherwise. */
export function runJql(store: SiteStore, jql: string, callerId: string): JqlAnswer {
  const query = parseQuery(jql.replaceAll(/currentUser\(\s*\)/gi, JSON.stringify(callerId)));
  if (!query.ok) return query;
  const unknown = unknownField(query, (field) => Object.hasOwn(FIELDS, field));
  if (unknown !== undefined) {
    return {
      ok: false,
      problem: `Field '${unknown}' does not exist or you do not have permission to view it.`,
    };
  }
  const found = [...store.issues.values()].filter((issue) => meets(query.condition, issue, readIssue));
  const order = query.order.length > 0 ? query.order : [{ field: 'updated', descending: true }];
  return { ok: true, issues: sortBy(found, order, readIssue) };
}
