// The contents that a site starts with: derived from its cloudId alone, so the same on every run.
import type { EmulatedSite } from './emulator-options.ts';
import {
  jiraTime,
  type SiteIssue,
  type SitePage,
  type SiteProject,
  type SiteSpace,
  type SiteStore,
  type SiteUser,
} from './site-store.ts';

const PEOPLE = ['Ada Moreau', 'Bruno Keller', 'Chiara Conti', 'Dario Novak', 'Elif Aydin', 'Farid Haddad'];
const PROJECT_POOL = [
  { key: 'CORE', name: 'Core Platform' },
  { key: 'WEB', name: 'Web Shop' },
  { key: 'DATA', name: 'Data Pipelines' },
  { key: 'SEC', name: 'Security' },
  { key: 'MOB', name: 'Mobile Apps' },
  { key: 'FIN', name: 'Finance Systems' },
];
const SPACE_POOL = [
  { key: 'HAND', name: 'Handbook' },
  { key: 'ARCH', name: 'Architecture' },
  { key: 'RUN', name: 'Runbooks' },
  { key: 'TEAM', name: 'Team Home' },
];
const VERBS = ['Fix', 'Speed up', 'Document', 'Replace', 'Investigate', 'Harden', 'Clean up'];
const SUBJECTS = [
  'login timeouts',
  'the payment retry',
  'nightly backups',
  'the search index',
  'flaky deploys',
  'certificate renewal',
  'the audit export',
  'slow dashboards',
  'queue back-pressure',
  'the mobile release train',
];
const PAGE_TITLES = ['Getting started', 'On-call guide', 'Release checklist'];
const STATUSES = ['To Do', 'In Progress', 'Done'];
const PRIORITIES = ['Highest', 'High', 'Medium', 'Low'];
const ISSUE_TYPES = ['Task', 'Bug', 'Story'];
const LABELS = ['backend', 'frontend', 'customer', 'tech-debt', 'incident'];
const DEFAULT_ISSUES_PER_PROJECT = 15;
const FIRST_TIME_MS = Date.UTC(2026, 9, 1, 8);
const HOUR_MS = 3_600_000;

type Pick = <T>(items: readonly T[]) => T;

/** Builds the contents of a site. */
export function createSiteStore(site: EmulatedSite): SiteStore {
  const pick = createPick(site.cloudId);
  let lastId = 10_000;
  const newId = (): string => {
    lastId += 1;
    return String(lastId);
  };
  const users = PEOPLE.map((displayName, index) => ({
    accountId: `712020:${site.cloudId.slice(0, 8)}-user-${index + 1}`,
    displayName,
    emailAddress: `${displayName.toLowerCase().replace(' ', '.')}@${new URL(site.url).hostname}`,
  }));
  const projects = (site.dataSet?.projects ?? chooseTwo(PROJECT_POOL, pick)).map(({ key, name }) => ({
    id: newId(),
    key,
    name,
    nextNumber: 1,
  }));
  const spaces = (site.dataSet?.spaces ?? chooseTwo(SPACE_POOL, pick)).map(({ key, name }) => ({
    id: newId(),
    key,
    name,
  }));
  const store: SiteStore = { site, users, projects, spaces, newId, issues: new Map(), pages: new Map() };
  const count = site.dataSet?.issuesPerProject ?? DEFAULT_ISSUES_PER_PROJECT;
  for (const project of projects) addIssues(store, { project, count, pick });
  for (const space of spaces) addPages(store, space, pick);
  return store;
}

interface IssuePlan {
  readonly project: SiteProject;
  readonly count: number;
  readonly pick: Pick;
}

function addIssues(store: SiteStore, { project, count, pick }: IssuePlan): void {
  for (let made = 0; made < count; made += 1) {
    const number = project.nextNumber;
    project.nextNumber += 1;
    const created = FIRST_TIME_MS + number * 7 * HOUR_MS;
    const summary = `${pick(VERBS)} ${pick(SUBJECTS)}`;
    const reporter = pick(store.users);
    const issue: SiteIssue = {
      id: store.newId(),
      key: `${project.key}-${number}`,
      project,
      issueType: pick(ISSUE_TYPES),
      summary,
      description: `${summary}. Reported by ${reporter.displayName} at ${store.site.name}.`,
      status: pick(STATUSES),
      assignee: number % 5 === 0 ? null : pick(store.users),
      reporter,
      priority: pick(PRIORITIES),
      labels: number % 3 === 0 ? [] : [pick(LABELS)],
      created: jiraTime(new Date(created)),
      updated: jiraTime(new Date(created + 3 * HOUR_MS)),
      comments: [],
    };
    if (number % 2 === 0) issue.comments.push(firstComment(store, issue, pick(store.users)));
    store.issues.set(issue.key, issue);
  }
}

function firstComment(store: SiteStore, issue: SiteIssue, author: SiteUser): SiteIssue['comments'][number] {
  const { updated } = issue;
  return { id: store.newId(), author, body: 'Looked at it; more tomorrow.', created: updated, updated };
}

function addPages(store: SiteStore, space: SiteSpace, pick: Pick): void {
  let parentId: string | null = null;
  for (const [index, title] of PAGE_TITLES.entries()) {
    const time = jiraTime(new Date(FIRST_TIME_MS + (index + 1) * 24 * HOUR_MS));
    const page: SitePage = {
      id: store.newId(),
      space,
      title: `${space.name}: ${title}`,
      body: `# ${title}\n\nHow ${store.site.name} does it. See also ${pick(SUBJECTS)}.`,
      parentId,
      version: 1,
      author: pick(store.users),
      labels: index === 0 ? ['start-here'] : [],
      created: time,
      updated: time,
    };
    parentId ??= page.id;
    store.pages.set(page.id, page);
  }
}

function chooseTwo<T>(pool: readonly T[], pick: Pick): readonly T[] {
  const first = pick(pool);
  return [first, pick(pool.filter((item) => item !== first))];
}

/** Picks pseudo-randomly (mulberry32), seeded by the text. */
function createPick(seed: string): Pick {
  let state = 2_166_136_261;
  for (const byte of Buffer.from(seed)) state = Math.imul(state ^ byte, 16_777_619);
  return (items) => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    const chosen = items[((mixed ^ (mixed >>> 14)) >>> 0) % items.length];
    if (chosen === undefined) throw new Error('nothing to pick from');
    return chosen;
  };
}
