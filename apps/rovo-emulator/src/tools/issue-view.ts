// How an issue looks to a client: v1 as Jira's REST API, v2 flat and by `view`.
import { type JsonObject, textOf, textsOf } from '../json-value.ts';
import type { IssueComment, SiteIssue, SiteUser } from '../site-store.ts';
import type { SiteCall } from './tool-handler.ts';

const STATUS_CATEGORIES: Readonly<Record<string, string>> = { 'To Do': 'new', Done: 'done' };
const VIEW_FIELDS: Readonly<Record<string, readonly string[]>> = {
  compact: ['id', 'key', 'url', 'summary', 'status', 'issueType', 'priority', 'assignee', 'updated'],
  evidence: ['project', 'labels', 'description', 'comments', 'reporter'],
  full: ['created', 'duedate'],
};
const VIEW_ORDER = ['compact', 'evidence', 'full'] as const;

/** The issue in the shape that the call's generation, `view` and `fields` ask for. */
export function issueView(issue: SiteIssue, call: SiteCall): JsonObject {
  const padding = call.settings.issuePaddingBytes;
  const filler = padding === 0 ? {} : { customfield_10000: 'x'.repeat(padding) };
  if (call.generation === 'v1') return restIssue(issue, call, filler);
  return { ...flatIssue(issue, call), ...filler };
}

/** A comment in the shape of the generation. */
export function commentView(comment: IssueComment, { generation }: Pick<SiteCall, 'generation'>): JsonObject {
  const { id, body, created, updated, author } = comment;
  return { id, author: generation === 'v1' ? userView(author) : author.displayName, body, created, updated };
}

function restIssue(issue: SiteIssue, call: SiteCall, filler: JsonObject): JsonObject {
  const { store, args } = call;
  const comments = issue.comments.map((comment) => commentView(comment, call));
  const all: JsonObject = {
    summary: issue.summary,
    status: {
      name: issue.status,
      statusCategory: { key: STATUS_CATEGORIES[issue.status] ?? 'indeterminate' },
    },
    issuetype: { name: issue.issueType, subtask: false },
    priority: { name: issue.priority },
    project: { id: issue.project.id, key: issue.project.key, name: issue.project.name },
    assignee: issue.assignee === null ? null : userView(issue.assignee),
    reporter: userView(issue.reporter),
    labels: issue.labels,
    description: issue.description,
    created: issue.created,
    updated: issue.updated,
    comment: { comments, maxResults: comments.length, total: comments.length, startAt: 0 },
    ...filler,
  };
  const wanted = textsOf(args['fields']).filter((field) => !field.startsWith('*'));
  const fields = wanted.length === 0 ? all : only(all, wanted);
  return {
    id: issue.id,
    key: issue.key,
    self: `https://api.atlassian.com/ex/jira/${store.site.cloudId}/rest/api/3/issue/${issue.id}`,
    fields,
  };
}

function flatIssue(issue: SiteIssue, call: SiteCall): JsonObject {
  const { store, args } = call;
  const all: JsonObject = {
    id: issue.id,
    key: issue.key,
    url: `${store.site.url}/browse/${issue.key}`,
    summary: issue.summary,
    status: issue.status,
    issueType: issue.issueType,
    priority: issue.priority,
    project: issue.project.key,
    assignee: issue.assignee?.displayName ?? null,
    reporter: issue.reporter.displayName,
    labels: issue.labels,
    description: issue.description,
    comments: issue.comments.map((comment) => commentView(comment, call)),
    created: issue.created,
    updated: issue.updated,
    duedate: null,
  };
  const depth = VIEW_ORDER.findIndex((view) => view === (textOf(args['view']) ?? 'compact'));
  const visible = VIEW_ORDER.slice(0, depth + 1).flatMap((view) => VIEW_FIELDS[view] ?? []);
  return only(all, [...visible, ...textsOf(args['fields'])]);
}

function userView({ accountId, displayName, emailAddress }: SiteUser): JsonObject {
  return { accountId, displayName, emailAddress, active: true };
}

function only(all: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}
