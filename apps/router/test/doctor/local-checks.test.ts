import { readFileSync } from 'node:fs';

import { createSiteDirectory, parseToolList, type Site } from '@switchyard/catalogue';
import { describe, expect, it } from 'vitest';

import { parseConfig } from '../../src/config/load-config.ts';
import { CHECKS } from '../../src/doctor/check.ts';
import { checkNode } from '../../src/doctor/node-check.ts';
import {
  checkEndpointGeneration,
  checkListedNames,
  checkRuleNames,
} from '../../src/doctor/readiness-checks.ts';
import { fileWith } from '../config/config-texts.ts';

const TODAY = Date.parse('2026-11-21');

function configOf(top: string, site = ''): ReturnType<typeof parseConfig> {
  return parseConfig(fileWith(top, site), { path: 'switchyard.yaml', env: {} });
}

function siteAt(endpoint: string): Site {
  const [site] = createSiteDirectory(configOf('', `    endpoint: ${endpoint}\n`).sites).sites;
  if (!site) throw new Error('no site');
  return site;
}

describe('Node.js', () => {
  it.each([
    ['v18.20.0', 'failed', '20.19 is the oldest'],
    ['v20.18.3', 'failed', '20.19 is the oldest'],
    ['v20.20.2', 'warning', 'no security fixes since 2026-04-30'],
    ['v22.1.0', 'ok', 'maintained until 2027-04-30'],
    ['v23.1.0', 'warning', 'no long-term version'],
    ['v24.9.1', 'ok', 'maintained until 2028-04-30'],
    ['v26.0.0', 'ok', 'v26.0.0'],
  ])('%s is %s', (version, level, says) => {
    expect(checkNode(version, TODAY)).toMatchObject({
      code: 'node',
      level,
      says: expect.stringContaining(says) as string,
    });
  });
});

describe('the end of v1', () => {
  it.each([
    ['https://mcp.atlassian.com/v2/mcp?tools=all', TODAY, 'ok', 'does not use v1'],
    ['https://mcp.atlassian.com/v1/mcp', TODAY, 'warning', 'in 100 days'],
    ['https://mcp.atlassian.com/v1/mcp/authv2', Date.parse('2027-02-28T12:00:00Z'), 'warning', 'in 1 day ('],
    ['https://mcp.atlassian.com/v1/mcp', Date.parse('2027-03-01'), 'warning', 'since 2027-03-01'],
    ['https://mcp.atlassian.com/v1/sse', TODAY, 'failed', 'out of support since 2026-06-30'],
  ])('%s at %i: %s', (endpoint, now, level, says) => {
    expect(checkEndpointGeneration(siteAt(endpoint), now)).toMatchObject({
      level,
      says: expect.stringContaining(says) as string,
    });
  });

  it('is counted by the names of the tools that a site lists', () => {
    const site = siteAt('https://mcp.atlassian.com/v1/mcp');
    const names = ['getJiraIssue', 'getVisibleJiraProjects', 'bitbucketPipeline'];
    const listed = parseToolList(JSON.stringify(names.map((name) => ({ name }))));

    expect(checkListedNames(site, listed)).toMatchObject([
      { level: 'warning', says: '1 of 3 tools have another name on v2, 1 no counterpart' },
    ]);
    expect(checkListedNames(site, parseToolList('[{"name":"getJiraIssue"}]'))).toEqual([]);
  });

  it.each([
    ['deny: [getVisibleJiraProjects]', 'getVisibleJiraProjects (listJiraProjects)'],
    ['deny: ["*ConfluencePage"]', 'getConfluencePage (getConfluenceContent)'],
    ['allow: ["get*"]', 'getVisibleJiraProjects (listJiraProjects)'],
  ])('is where a rule would miss the tool in its place: %s', (tools, says) => {
    const found = [
      checkRuleNames(configOf('', `    tools: { ${tools} }\n`)),
      checkRuleNames(configOf(`views: { one: { tools: { ${tools} } } }\n`)),
      checkRuleNames(configOf(`rules: [{ name: first, tools: { ${tools} } }]\n`)),
    ];

    expect(found.map(([finding]) => finding?.says)).toEqual(
      [/^sites\./, /^views\.one\./, /first/].map(() => expect.stringContaining(says) as string),
    );
  });

  it('is not where a rule means both', () => {
    const tools = 'tools: { deny: ["delete*", getVisibleJiraProjects, listJiraProjects, "*"] }';

    expect(checkRuleNames(configOf('', `    ${tools}\n`))).toEqual([]);
  });
});

it('docs/deployment.md has a row for every check, and no other', () => {
  const page = readFileSync(new URL('../../../../docs/deployment.md', import.meta.url), 'utf8');
  const section = /## Doctor\n(.*?)\n## /s.exec(page)?.[1] ?? '';
  const rows = [...section.matchAll(/^\| `([\w-]+)` +\| (.*?) +\|/gm)].map(([, code, meaning]) => [
    code,
    meaning,
  ]);

  expect(rows).toEqual(Object.entries(CHECKS));
});
