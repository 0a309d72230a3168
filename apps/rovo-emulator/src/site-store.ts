// What one emulated site holds. It starts from site-data and changes with every write.
import type { EmulatedSite } from './emulator-options.ts';

/** A user of a site. */
export interface SiteUser {
  readonly accountId: string;
  readonly displayName: string;
  readonly emailAddress: string;
}

/** A Jira project. */
export interface SiteProject {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  nextNumber: number;
}

/** A comment on an issue. */
export interface IssueComment {
  readonly id: string;
  readonly author: SiteUser;
  body: string;
  readonly created: string;
  updated: string;
}

/** A Jira issue. */
export interface SiteIssue {
  readonly id: string;
  readonly key: string;
  readonly project: SiteProject;
  issueType: string;
  summary: string;
  description: string;
  status: string;
  assignee: SiteUser | null;
  readonly reporter: SiteUser;
  priority: string;
  labels: readonly string[];
  readonly created: string;
  updated: string;
  readonly comments: IssueComment[];
}

/** A Confluence space. */
export interface SiteSpace {
  readonly id: string;
  readonly key: string;
  readonly name: string;
}

/** A Confluence page. */
export interface SitePage {
  readonly id: string;
  readonly space: SiteSpace;
  title: string;
  body: string;
  parentId: string | null;
  version: number;
  readonly author: SiteUser;
  labels: readonly string[];
  readonly created: string;
  updated: string;
}

/** The contents of one site. */
export interface SiteStore {
  readonly site: EmulatedSite;
  readonly users: readonly SiteUser[];
  readonly projects: readonly SiteProject[];
  /** By upper-case key. */
  readonly issues: Map<string, SiteIssue>;
  readonly spaces: readonly SiteSpace[];
  /** By id. */
  readonly pages: Map<string, SitePage>;
  /** A new id, unique on the site. */
  newId(): string;
}

/** The Atlassian resource identifier of an issue. */
export function issueAri(store: SiteStore, issue: SiteIssue): string {
  return `ari:cloud:jira:${store.site.cloudId}:issue/${issue.id}`;
}

/** The Atlassian resource identifier of a page. */
export function pageAri(store: SiteStore, page: SitePage): string {
  return `ari:cloud:confluence:${store.site.cloudId}:page/${page.id}`;
}

/** The issue with this key or id, in any letter case. */
export function findIssue(store: SiteStore, keyOrId: string): SiteIssue | undefined {
  const byKey = store.issues.get(keyOrId.toUpperCase());
  if (byKey !== undefined) return byKey;
  for (const issue of store.issues.values()) if (issue.id === keyOrId) return issue;
  return undefined;
}

/** Now, as Jira writes a time. */
export function jiraTime(at: Date = new Date()): string {
  return at.toISOString().replace('Z', '+0000');
}
