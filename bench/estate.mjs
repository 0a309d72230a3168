// What the upstream plays and what its clients know of it: sites, tools, texts, one credential.

/** Tools of one site. */
export const TOOL_COUNT = 45;
/** What most calls bring. */
export const SMALL = { tool: 'getJiraIssue', bytes: 2_048 };
/** A long page. */
export const LARGE = { tool: 'getConfluencePage', bytes: 65_536 };
export const PROTOCOL_VERSION = '2025-06-18';
/** A made-up account of a made-up place. */
export const AUTHORIZATION = `Basic ${Buffer.from('bench@acme.example:bench-token').toString('base64')}`;

/** The products of the tools below: policy has something to decide at every call. */
export const PRODUCTS = { jira: 'write', confluence: 'write' };

const TOOLS = `getJiraIssue getConfluencePage getJiraIssueTypeMetaWithFields getIssueLinkTypes
  getTransitionsForJiraIssue getVisibleJiraProjects lookupJiraAccountId listJiraIssueComments
  listJiraIssueChangelogs listJiraIssueWorklogs listJiraIssueTransitions listJiraIssueLinkTypes
  listJiraProjects listJiraProjectComponents getJiraProjectVersions listJiraStatuses listJiraBoards
  getJiraBoardConfig listJiraBoardSprints listJiraFilters listJiraDashboards getJiraUser
  searchJiraIssuesUsingJql addCommentToJiraIssue addWorklogToJiraIssue createJiraIssue createIssueLink
  editJiraIssue transitionJiraIssue getConfluencePageDescendants getConfluencePageFooterComments
  getConfluenceSpaces getPagesInConfluenceSpace getConfluenceContent listConfluenceContent
  listConfluenceSpaces getConfluenceSpace listConfluenceComments getConfluenceComment
  listConfluenceAttachments searchConfluenceUsingCql createConfluencePage updateConfluencePage
  createConfluenceFooterComment createConfluenceInlineComment`.split(/\s+/);

/**
 * @typedef {object} Site
 * @property {string} cloudId
 * @property {string} alias
 * @property {string} path the site's own endpoint path
 */

/**
 * @param {number} at
 * @returns {Site}
 */
export function siteAt(at) {
  const digits = at.toString(16).padStart(8, '0');
  return {
    cloudId: `${digits}-aaaa-4aaa-8aaa-000000000001`,
    alias: `site-${String(at).padStart(3, '0')}`,
    path: `/sites/${at}/mcp`,
  };
}

/**
 * @param {number} count
 * @returns {Site[]}
 */
export function sitesOf(count) {
  return Array.from({ length: count }, (_, at) => siteAt(at));
}

/** The tools of a site, about 43 KB of JSON. */
export const tools = TOOLS.map((name, at) => ({
  name,
  title: name.replaceAll(/([A-Z])/g, ' $1').toLowerCase(),
  description: filler(`${name} does number ${at} of many things.`, 380),
  inputSchema: {
    type: 'object',
    properties: {
      cloudId: { type: 'string', description: 'The site, as a UUID or a URL.' },
      issueIdOrKey: { type: 'string', description: 'Which one is meant, by its id or its key.' },
      fields: { type: 'array', items: { type: 'string' }, description: 'What to bring; all without it.' },
      maxResults: { type: 'integer', minimum: 1, maximum: 100, default: 50 },
    },
    required: ['cloudId', 'issueIdOrKey'],
    additionalProperties: false,
  },
  annotations: { readOnlyHint: /^(?:get|list|search|lookup)/.test(name), openWorldHint: true },
}));

/**
 * The text that a tool brings.
 * @param {string} tool
 */
export function textOf(tool) {
  const { bytes } = tool === LARGE.tool ? LARGE : SMALL;
  return filler(`{"of":"${tool}","text":"ä quoted \\"word\\" `, bytes);
}

/**
 * @param {string} start
 * @param {number} length in characters
 */
function filler(start, length) {
  const words = 'the quick brown fox jumps over the lazy dog and back again ';
  return (start + words.repeat(Math.ceil(length / words.length))).slice(0, length);
}
