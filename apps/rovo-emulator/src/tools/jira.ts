// Jira tools that read and write the issues of a site.
import type { Generation } from '../emulator-options.ts';
import { countOf, isObject, type JsonObject, objectOf, textOf, textsOf } from '../json-value.ts';
import { findIssue, jiraTime, type SiteIssue, type SiteStore, type SiteUser } from '../site-store.ts';
import { failed, succeeded, type ToolOutcome } from '../tool-result.ts';
import { commentView, issueView } from './issue-view.ts';
import { runJql } from './jql.ts';
import { callerAsUser, type SiteCall, type SiteTool } from './tool-handler.ts';

const TRANSITIONS: readonly { readonly id: string; readonly name: string }[] = [
  { id: '11', name: 'To Do' },
  { id: '21', name: 'In Progress' },
  { id: '31', name: 'Done' },
];
const DEFAULT_PAGE = 50;
/** The page size of the truncating bug that the setting `jqlPaging: five` plays. */
const TRUNCATED_PAGE = 5;

const SHARED_TOOLS: readonly (readonly [string, SiteTool])[] = [
  ['getJiraIssue', withIssue((issue, call) => succeeded(issueView(issue, call)))],
  ['searchJiraIssuesUsingJql', searchJiraIssuesUsingJql],
  ['createJiraIssue', createJiraIssue],
  ['editJiraIssue', withIssue(editJiraIssue)],
  ['transitionJiraIssue', withIssue(transitionJiraIssue)],
  ['lookupJiraAccountId', lookupJiraAccountId],
];

/** Backed Jira tools under the names of each generation. */
export const JIRA_TOOLS: Readonly<Record<Generation, readonly (readonly [string, SiteTool])[]>> = {
  v1: [
    ...SHARED_TOOLS,
    ['getVisibleJiraProjects', listProjects],
    ['getTransitionsForJiraIssue', withIssue(listTransitions)],
    ['addCommentToJiraIssue', withIssue(addOrEditComment)],
  ],
  v2: [
    ...SHARED_TOOLS,
    ['listJiraProjects', listProjects],
    ['listJiraIssueTransitions', withIssue(listTransitions)],
    ['addOrEditJiraIssueComment', withIssue(addOrEditComment)],
    ['listJiraIssueComments', withIssue(listComments)],
    ['deleteJiraIssue', withIssue(deleteJiraIssue)],
  ],
};

function withIssue(run: (issue: SiteIssue, call: SiteCall) => ToolOutcome): SiteTool {
  return (call) => {
    const issue = findIssue(call.store, textOf(call.args['issueIdOrKey']) ?? '');
    return issue === undefined
      ? failed('Issue does not exist or you do not have permission to see it.')
      : run(issue, call);
  };
}

function searchJiraIssuesUsingJql(call: SiteCall): ToolOutcome {
  const { args, store, settings, account, generation } = call;
  const found = runJql(store, textOf(args['jql']) ?? '', account.accountId);
  if (!found.ok) return failed(found.problem);
  const { issues } = found;
  if (args['searchResultMode'] === 'count') return succeeded({ total: issues.length });
  const token = textOf(args['nextPageToken']);
  const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64url').toString('utf8'));
  if (!Number.isInteger(start) || start < 0) return failed('The nextPageToken is invalid.');
  const asked = countOf(args['maxResults'], DEFAULT_PAGE, 1);
  const size = settings.jqlPaging === 'five' ? Math.min(asked, TRUNCATED_PAGE) : asked;
  const page = issues.slice(start, start + size).map((issue) => issueView(issue, call));
  const remaining = Math.max(0, issues.length - start - size);
  if (settings.jqlPaging === 'five') {
    return succeeded({ issues: page, hasNextPage: false, remainingCount: remaining });
  }
  const next =
    remaining === 0 || settings.jqlPaging === 'no-token' ? {} : { nextPageToken: tokenFor(start + size) };
  const total = generation === 'v1' ? { total: issues.length } : {};
  return succeeded({ issues: page, isLast: remaining === 0, ...total, ...next });
}

function tokenFor(start: number): string {
  return Buffer.from(String(start)).toString('base64url');
}

function listProjects({ args, store, generation }: SiteCall): ToolOutcome {
  const wanted = (textOf(args['searchString']) ?? '').toLowerCase();
  const found = store.projects.filter(({ key, name }) => `${key} ${name}`.toLowerCase().includes(wanted));
  const startAt = countOf(args['startAt'], 0);
  const page = found.slice(startAt, startAt + countOf(args['maxResults'], DEFAULT_PAGE, 1));
  const rows = page.map(({ id, key, name }) => ({
    id,
    key,
    name,
    projectTypeKey: 'software',
    isPrivate: false,
  }));
  if (generation === 'v2') return succeeded({ projects: rows, total: found.length });
  return succeeded({
    values: rows,
    startAt,
    maxResults: rows.length,
    total: found.length,
    isLast: startAt + rows.length >= found.length,
  });
}

function createJiraIssue(call: SiteCall): ToolOutcome {
  const { args, store, generation } = call;
  const projectKey = textOf(args['projectKey']) ?? '';
  const project = store.projects.find(({ key }) => key === projectKey.toUpperCase());
  if (project === undefined) return failed(`No project could be found with key '${projectKey}'.`);
  const created = jiraTime();
  const issue: SiteIssue = {
    id: store.newId(),
    key: `${project.key}-${project.nextNumber}`,
    project,
    issueType: textOf(args[generation === 'v1' ? 'issueTypeName' : 'issueType']) ?? 'Task',
    summary: textOf(args['summary']) ?? '',
    description: plainText(args['description']),
    status: 'To Do',
    assignee: findUser(store, textOf(args['assignee'] ?? args['assignee_account_id'])),
    reporter: callerAsUser(call),
    priority: textOf(args['priority']) ?? 'Medium',
    labels: textsOf(args['labels']),
    created,
    updated: created,
    comments: [],
  };
  project.nextNumber += 1;
  applyFields(issue, objectOf(args['additional_fields']), store);
  store.issues.set(issue.key, issue);
  const self = `https://api.atlassian.com/ex/jira/${store.site.cloudId}/rest/api/3/issue/${issue.id}`;
  const url = `${store.site.url}/browse/${issue.key}`;
  return succeeded({ id: issue.id, key: issue.key, ...(generation === 'v1' ? { self } : { url }) });
}

function editJiraIssue(issue: SiteIssue, call: SiteCall): ToolOutcome {
  applyFields(issue, objectOf(call.args['fields']), call.store);
  issue.updated = jiraTime();
  return succeeded(issueView(issue, call));
}

function transitionJiraIssue(issue: SiteIssue, { args }: SiteCall): ToolOutcome {
  const wanted = objectOf(args['transition']);
  const transition = TRANSITIONS.find(({ id, name }) => id === wanted['id'] || name === wanted['name']);
  if (transition === undefined) {
    return failed(`It is not possible to transition issue '${issue.key}' with the given transition.`);
  }
  issue.status = transition.name;
  issue.updated = jiraTime();
  return succeeded({ success: true, key: issue.key, status: issue.status });
}

function listTransitions(): ToolOutcome {
  return succeeded({
    transitions: TRANSITIONS.map(({ id, name }) => ({ id, name, to: { name }, isAvailable: true })),
  });
}

function addOrEditComment(issue: SiteIssue, call: SiteCall): ToolOutcome {
  const body = textOf(call.args['commentBody']) ?? '';
  const commentId = textOf(call.args['commentId']);
  const updated = jiraTime();
  issue.updated = updated;
  if (commentId === undefined) {
    const comment = { id: call.store.newId(), author: callerAsUser(call), body, created: updated, updated };
    issue.comments.push(comment);
    return succeeded(commentView(comment, call));
  }
  const comment = issue.comments.find(({ id }) => id === commentId);
  if (comment === undefined) return failed(`Can not find a comment for the id: ${commentId}.`);
  Object.assign(comment, { body, updated });
  return succeeded(commentView(comment, call));
}

function listComments(issue: SiteIssue, call: SiteCall): ToolOutcome {
  const comments = issue.comments.map((comment) => commentView(comment, call));
  return succeeded({ comments, total: comments.length });
}

function deleteJiraIssue(issue: SiteIssue, { store }: SiteCall): ToolOutcome {
  store.issues.delete(issue.key);
  return succeeded({ deleted: true, key: issue.key });
}

function lookupJiraAccountId({ args, store }: SiteCall): ToolOutcome {
  const wanted = (textOf(args['searchString']) ?? '').toLowerCase();
  const users = store.users.filter((user) =>
    `${user.displayName} ${user.emailAddress}`.toLowerCase().includes(wanted),
  );
  return succeeded({ users });
}

/** Fields in Jira's REST form (`{"priority":{"name":"High"}}`) or plain; unknown ones are ignored. */
function applyFields(issue: SiteIssue, fields: JsonObject, store: SiteStore): void {
  issue.summary = textOf(fields['summary']) ?? issue.summary;
  issue.priority = nameIn(fields['priority']) ?? issue.priority;
  issue.issueType = nameIn(fields['issuetype']) ?? issue.issueType;
  if (fields['description'] !== undefined) issue.description = plainText(fields['description']);
  if (Array.isArray(fields['labels'])) issue.labels = textsOf(fields['labels']);
  const { assignee } = fields;
  if (assignee !== undefined)
    issue.assignee = findUser(store, textOf(assignee) ?? textOf(objectOf(assignee)['accountId']));
}

function nameIn(value: unknown): string | undefined {
  return textOf(value) ?? textOf(objectOf(value)['name']);
}

function findUser(store: SiteStore, wanted: string | undefined): SiteUser | null {
  return (
    store.users.find(({ accountId, displayName, emailAddress }) =>
      [accountId, displayName, emailAddress].some((name) => name === wanted),
    ) ?? null
  );
}

/** Descriptions come as Markdown or as a document tree, of which only the text is kept. */
function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(plainText).join('');
  if (!isObject(value)) return '';
  return (textOf(value['text']) ?? '') + plainText(value['content']);
}
