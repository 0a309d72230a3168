import type { ToolClass } from '../tool-class.ts';

/** What a list of keys is about. */
export type ResourceKind = 'project' | 'space';

/** How an argument is read: as a key or id, an id, an issue key, a query, or something that lies who knows where. */
export type Reading = 'key' | 'id' | 'issue' | 'query' | 'elsewhere';

/**
 * Arguments that name a project or a space, wherever they appear; lower case. A `project` or `parent`
 * in the fields of an issue may also be an object with a `key` or an `id`.
 */
export const READINGS: Readonly<Record<ResourceKind, Readonly<Record<string, Reading>>>> = {
  project: {
    project: 'key',
    projectkey: 'key',
    projectidorkey: 'key',
    projectkeyorid: 'key',
    issue: 'issue',
    issuekey: 'issue',
    issueidorkey: 'issue',
    inwardissue: 'issue',
    outwardissue: 'issue',
    parent: 'issue',
    jql: 'query',
  },
  space: {
    space: 'key',
    spacekey: 'key',
    spaceidorkey: 'key',
    keys: 'key',
    spaceid: 'id',
    ids: 'id',
    cql: 'query',
    parentid: 'elsewhere',
    parentcontentid: 'elsewhere',
  },
};

/** Tools whose `key` is that of what they create. */
export const CREATED_KEY: Readonly<Record<string, ResourceKind>> = {
  createJiraProject: 'project',
  createConfluenceSpace: 'space',
};

/** Arguments whose inside is read as well: everywhere else is content. */
export const CONTAINERS: readonly string[] = ['fields', 'additional_fields', 'update', 'parent'];

/**
 * Which known tools say by which argument where they act. One that is not here acts somewhere that its
 * arguments do not say: a page by its id, a board, a search over everything.
 */
const NAMED_BY: Readonly<Record<ResourceKind, Readonly<Record<string, string>>>> = {
  project: {
    issueIdOrKey: `
      getJiraIssue getJiraIssueRemoteIssueLinks getTransitionsForJiraIssue listJiraIssueComments
      listJiraIssueChangelogs listJiraIssueWorklogs listJiraIssueTransitions listJiraIssueRemoteIssueLinks
      listJiraIssueAssignableUsers findJiraIssueAssignableUsers addCommentToJiraIssue addWorklogToJiraIssue
      editJiraIssue transitionJiraIssue addOrEditJiraIssueComment addOrEditJiraIssueWorklog watchJiraIssue
      uploadAttachmentToJiraIssue deleteJiraIssue deleteJiraComment`,
    projectKey: `
      createJiraIssue listJiraIssueAssignableUsers findJiraIssueAssignableUsers`,
    projectIdOrKey: `
      getJiraIssueTypeMetaWithFields getJiraProjectIssueTypesMetadata listJiraProjectIssueTypesMetadata
      listJiraProjectComponents getJiraProjectVersions manageJiraProjectVersion updateJiraProject`,
    projectKeyOrId: `
      listJiraBoards`,
    inwardIssue: `
      createIssueLink createJiraIssueLink`,
    outwardIssue: `
      createIssueLink createJiraIssueLink`,
    key: `
      createJiraProject`,
    jql: `
      searchJiraIssuesUsingJql`,
  },
  space: {
    spaceKey: `
      getConfluenceSpaceInstructions setConfluenceSpaceInstructions listConfluenceTemplates
      starConfluenceSpace unstarConfluenceSpace watchConfluenceSpace unwatchConfluenceSpace`,
    spaceIdOrKey: `
      getConfluenceSpace`,
    spaceId: `
      getPagesInConfluenceSpace createConfluencePage listConfluenceContent createConfluenceFolder`,
    keys: `
      getConfluenceSpaces`,
    ids: `
      getConfluenceSpaces`,
    parent: `
      createConfluenceContent`,
    key: `
      createConfluenceSpace`,
    cql: `
      searchConfluenceUsingCql searchConfluence`,
  },
};

/** Known tools of these products that act nowhere in particular: types of links, users, formats, alerts. */
const NOWHERE: ReadonlySet<string> = new Set([
  'getIssueLinkTypes',
  'listJiraIssueLinkTypes',
  'lookupJiraAccountId',
  'listJiraStatuses',
  'getJiraCurrentUser',
  'getJiraUser',
  'getJsmOpsAlerts',
  'getJsmOpsScheduleInfo',
  'getJsmOpsTeamInfo',
  'updateJsmOpsAlert',
  'getContentFormatGuide',
]);

/** Where the content of projects and spaces can be reached; what no rule can place may reach both (I12). */
const REACHED_BY: Readonly<Record<ResourceKind, readonly string[]>> = {
  project: ['jira', 'jira-service-management', 'rovo', 'teamwork-graph', 'other'],
  space: ['confluence', 'rovo', 'teamwork-graph', 'other'],
};

/** Whether a tool can reach content of a project or a space. */
export function touches(kind: ResourceKind, tool: string, { product, known }: ToolClass): boolean {
  return REACHED_BY[kind].includes(product) && !(known && NOWHERE.has(tool));
}

const argumentsByTool: Readonly<Record<ResourceKind, ReadonlyMap<string, readonly string[]>>> = {
  project: turnAround(NAMED_BY.project),
  space: turnAround(NAMED_BY.space),
};

function turnAround(table: Readonly<Record<string, string>>): Map<string, string[]> {
  const byTool = new Map<string, string[]>();
  for (const [argument, tools] of Object.entries(table)) {
    for (const tool of tools.trim().split(/\s+/)) {
      byTool.set(tool, [...(byTool.get(tool) ?? []), argument]);
    }
  }
  return byTool;
}

/** The arguments by which a tool says where it acts; none for a tool that does not say it. */
export function namingArguments(kind: ResourceKind, tool: string): readonly string[] {
  return argumentsByTool[kind].get(tool) ?? [];
}
