import type { Product, Verb } from './product.ts';

/**
 * Every tool that Atlassian's Rovo MCP server is known to offer, v1 and v2, by product and permission
 * group (supported-tools page of 2026-08-12 and a v2 catalogue audited live on 2026-09-23). Names come
 * from the live list; this table only says what a name that it knows means.
 */
export const KNOWN_TOOLS: readonly { product: Product; verb: Verb; tools: string }[] = [
  {
    product: 'platform',
    verb: 'read',
    tools: `
      atlassianUserInfo getAccessibleAtlassianResources`,
  },
  {
    product: 'jira',
    verb: 'read',
    tools: `
      getJiraIssue getJiraIssueRemoteIssueLinks getJiraIssueTypeMetaWithFields
      getJiraProjectIssueTypesMetadata getIssueLinkTypes getTransitionsForJiraIssue
      getVisibleJiraProjects lookupJiraAccountId listJiraIssueComments listJiraIssueChangelogs
      listJiraIssueWorklogs listJiraIssueTransitions listJiraIssueRemoteIssueLinks
      listJiraIssueLinkTypes listJiraIssueAssignableUsers downloadJiraIssueAttachment listJiraProjects
      listJiraProjectIssueTypesMetadata listJiraProjectComponents getJiraProjectVersions
      getJiraProjectVersionRelatedWork listJiraStatuses listJiraBoards getJiraBoardConfig
      getJiraBoardIssueData getJiraBoardSprintData listJiraBoardSprints listJiraFilters
      listJiraDashboards getJiraEntityProperty getJiraCurrentUser getJiraUser
      findJiraIssueAssignableUsers`,
  },
  {
    product: 'jira',
    verb: 'search',
    tools: `
      searchJiraIssuesUsingJql`,
  },
  {
    product: 'jira',
    verb: 'write',
    tools: `
      addCommentToJiraIssue addWorklogToJiraIssue createJiraIssue createIssueLink editJiraIssue
      transitionJiraIssue addOrEditJiraIssueComment addOrEditJiraIssueWorklog createJiraIssueLink
      watchJiraIssue uploadAttachmentToJiraIssue editJiraEntityProperty`,
  },
  {
    product: 'jira',
    verb: 'manage',
    tools: `
      manageJiraSprint manageJiraProjectVersion createJiraBoard createJiraProject updateJiraProject`,
  },
  {
    product: 'jira',
    verb: 'delete',
    tools: `
      deleteJiraIssue deleteJiraComment deleteJiraIssueAttachment`,
  },
  {
    product: 'jira-service-management',
    verb: 'read',
    tools: `
      getJsmOpsAlerts getJsmOpsScheduleInfo getJsmOpsTeamInfo`,
  },
  {
    product: 'jira-service-management',
    verb: 'write',
    tools: `
      updateJsmOpsAlert`,
  },
  {
    product: 'confluence',
    verb: 'read',
    tools: `
      getConfluencePage getConfluencePageDescendants getConfluencePageFooterComments
      getConfluencePageInlineComments getConfluenceCommentChildren getConfluenceSpaces
      getPagesInConfluenceSpace getContentFormatGuide getConfluencePageAncestors getConfluenceContent
      listConfluenceContent listConfluenceSpaces getConfluenceSpace getConfluenceSpaceInstructions
      getConfluencePersonalSpace listConfluenceComments getConfluenceComment
      listConfluenceContentVersions getConfluenceContentVersion diffConfluenceContentVersions
      listConfluenceAttachments getConfluenceAttachment downloadConfluenceAttachment
      getConfluenceContentPermissions getConfluenceContentRestrictionState
      getConfluencePublicLinkStatus getConfluenceReactions getConfluenceTask listConfluenceTasks
      listConfluenceTemplates getConfluenceTemplate resolveConfluenceContentMacros
      getConfluenceMauiApp exportConfluenceContent`,
  },
  {
    product: 'confluence',
    verb: 'search',
    tools: `
      searchConfluenceUsingCql searchConfluence`,
  },
  {
    product: 'confluence',
    verb: 'write',
    tools: `
      createConfluencePage updateConfluencePage createConfluenceFooterComment
      createConfluenceInlineComment createConfluenceContent updateConfluenceContent
      createConfluenceComment updateConfluenceComment updateConfluenceCommentResolution
      createConfluenceAttachment addLabelsToConfluenceContent archiveConfluenceContent
      unarchiveConfluenceContent copyConfluenceContent moveConfluenceContent createConfluenceSpace
      createConfluenceFolder setConfluenceContentStatus convertConfluenceContentMode
      restoreConfluenceContentVersion setConfluenceSpaceInstructions addConfluenceReaction
      completeConfluenceTask reopenConfluenceTask addConfluenceContentPermissions
      removeConfluenceContentPermissions replaceConfluenceContentPermissions
      setConfluenceContentRestrictionState enableConfluencePublicLink disableConfluencePublicLink
      starConfluenceContent unstarConfluenceContent watchConfluenceContent unwatchConfluenceContent
      starConfluenceSpace unstarConfluenceSpace watchConfluenceSpace unwatchConfluenceSpace
      watchConfluenceLabel unwatchConfluenceLabel createConfluenceInfographicForPage
      editConfluenceInfographicForPage createConfluenceMauiApp editConfluenceMauiApp`,
  },
  {
    product: 'bitbucket',
    verb: 'read',
    tools: `
      bitbucketWorkspace bitbucketRepository bitbucketUser bitbucketDeployment listBitbucketWorkspaces
      getBitbucketWorkspace listBitbucketRepositories getBitbucketRepository
      getBitbucketRepoDefaultReviewers getBitbucketRepoFileContent getBitbucketRepoBranch
      getBitbucketRepoCommit listBitbucketRepoCommitReports getBitbucketRepoCommitReport
      getBitbucketRepoCommitReportAnnotations listBitbucketRepoPullRequests
      getBitbucketRepoPullRequest getBitbucketRepoPullRequestDiff listBitbucketRepoPullRequestComments
      listBitbucketRepoPullRequestTasks listBitbucketRepoPipelines getBitbucketRepoPipeline
      listBitbucketRepoPipelineSteps getBitbucketRepoPipelineStep getBitbucketRepoPipelineStepLog
      listBitbucketRepoDeployments getBitbucketRepoDeployment listBitbucketRepoEnvironments
      getBitbucketRepoEnvironment`,
  },
  {
    product: 'bitbucket',
    verb: 'write',
    tools: `
      bitbucketPullRequest bitbucketRepoContent bitbucketPipeline addBitbucketRepoPullRequestComment
      createBitbucketRepoPullRequestTask createBitbucketRepoPullRequest updateBitbucketRepoPullRequest
      approveBitbucketRepoPullRequest requestChangesOnBitbucketRepoPullRequest
      mergeBitbucketRepoPullRequest createBitbucketRepoBranch runBitbucketRepoPipeline`,
  },
  {
    product: 'bitbucket',
    verb: 'delete',
    tools: `
      bitbucketEnvironment`,
  },
  {
    product: 'compass',
    verb: 'read',
    tools: `
      getCompassComponent getCompassComponents getCompassComponentActivityEvents
      getCompassComponentLabels getCompassComponentTypes getCompassCustomFieldDefinitions
      getCompassComponentsOwnedByMyTeams`,
  },
  {
    product: 'compass',
    verb: 'write',
    tools: `
      createCompassComponent createCompassComponentRelationship createCompassCustomFieldDefinition`,
  },
  {
    product: 'loom',
    verb: 'read',
    tools: `
      getLoomVideo listLoomVideos listLoomVideosSharedWithMe getLoomVideoComments
      getLoomMeetingActionItems getLoomVideoDownloadUrl listLoomFolders`,
  },
  {
    product: 'loom',
    verb: 'write',
    tools: `
      createLoomVideoComment createLoomVideoReaction updateLoomVideoTitle updateLoomVideoPermissions
      recoverLoomVideo shareLoomVideo createLoomVideoUpload publishLoomVideo createLoomFolder
      moveLoomVideoToFolder`,
  },
  {
    product: 'goals',
    verb: 'read',
    tools: `
      searchGoals getGoal getGoalUpdate getGoalTypes`,
  },
  {
    product: 'projects',
    verb: 'read',
    tools: `
      searchProjects getProject getProjectUpdate`,
  },
  {
    product: 'teams',
    verb: 'read',
    tools: `
      searchTeams getTeam`,
  },
  {
    product: 'focus',
    verb: 'read',
    tools: `
      searchFocusAreas getFocusArea getFocusAreaTypes`,
  },
  {
    product: 'talent',
    verb: 'read',
    tools: `
      getTalentUser getTalentFields searchTalentPositions getTalentPosition getTalentPositionsByEntity
      getTalentGroupMetrics`,
  },
  {
    product: 'teamwork-graph',
    verb: 'read',
    tools: `
      getTeamworkGraphContext getTeamworkGraphObject`,
  },
  {
    product: 'teamwork-graph',
    verb: 'write',
    tools: `
      addTeamworkGraphContext`,
  },
  {
    product: 'rovo',
    verb: 'search',
    tools: `
      search fetch searchAtlassian fetchAtlassian`,
  },
  {
    product: 'code',
    verb: 'search',
    tools: `
      searchCode getCodeFile listCodeDirectory scanCodeRepo getCodeSymbol diffCodeSymbols`,
  },
];

/** v1 tools that read or write depending on their `action` argument: which action does what. */
export const ACTIONS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  bitbucketWorkspace: { read: ['list', 'get'] },
  bitbucketRepository: { read: ['list', 'get', 'defaultReviewers'] },
  bitbucketUser: { read: ['pullRequests'] },
  bitbucketDeployment: { read: ['list', 'get'] },
  bitbucketPullRequest: {
    read: ['list', 'get', 'comments', 'diff', 'listTasks'],
    write: [
      'create',
      'merge',
      'approve',
      'update',
      'decline',
      'unapprove',
      'comment',
      'createTask',
      'setTaskState',
    ],
  },
  bitbucketRepoContent: {
    read: ['branch.get', 'commit.get', 'files.get'],
    write: ['branch.create', 'commit.create'],
  },
  bitbucketPipeline: { read: ['list', 'get', 'steps', 'step.get', 'step.log'], write: ['run'] },
  bitbucketEnvironment: { read: ['list', 'get'], write: ['create', 'update'], delete: ['delete'] },
};

/** v2 tools that run another tool, named by their `name` argument: a filter that does not look inside is no filter. */
export const ENVELOPES: Readonly<Record<string, 'read' | 'write' | 'delete'>> = {
  executeRead: 'read',
  executeWrite: 'write',
  executeDestructive: 'delete',
  execute: 'write',
};

/** v2 tools that only describe tools. */
export const DIRECTORY_TOOLS: readonly string[] = ['discover', 'getToolDescription'];

/** Known tools whose schema has no `cloudId`: nothing is filled in for them while their list is not at hand. */
export const WITHOUT_CLOUD_ID: readonly string[] = [
  'atlassianUserInfo',
  'getAccessibleAtlassianResources',
  'getContentFormatGuide',
  'discover',
  'getToolDescription',
];
