import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';

import { startBrowser } from '../../browser.ts';
import { CLOUD_IDS, THREE_SITES } from '../estate.ts';
import { serveDocument } from './client-document.ts';
import { call, names, rows } from './mcp-answers.ts';
import {
  type Answer,
  askMcp,
  authorizeUrl,
  cameBack,
  exchangeCode,
  type McpAnswer,
  registerClaude,
  type TestClient,
} from './oauth-client.ts';
import { type PeopleEstate, startPeopleEstate } from './people-estate.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

async function openPage(): Promise<Page> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  context.setDefaultTimeout(5_000);
  return context.newPage();
}

/** Hand-over, the company's sign-in, and the consent page. */
async function toConsent(
  page: Page,
  { url }: PeopleEstate,
  client: TestClient,
): Promise<{ verifier: string; state: string }> {
  const { href, ...secrets } = authorizeUrl(url, client);
  await page.goto(href);
  expect(await page.getByText('claude.ai').count()).toBeGreaterThan(0);
  await page.getByRole('button', { name: /continue/i }).click();
  await page.getByRole('button', { name: /alice/i }).click();
  await page.getByRole('heading', { name: /use your Atlassian sites/ }).waitFor();
  return secrets;
}

async function consentTo(
  page: Page,
  estate: PeopleEstate,
  { client, without }: { client: TestClient; without: readonly string[] },
): Promise<Answer> {
  // In a tab of its own: it ends on the client's page, which is not there.
  const tab = await page.context().newPage();
  const { verifier, state } = await toConsent(tab, estate, client);
  for (const cloudId of without) await tab.locator(`input[name=site][value="${cloudId}"]`).uncheck();
  const query = await cameBack(tab, () => tab.getByRole('button', { name: 'Allow' }).click());
  await tab.close();
  expect(query.get('state')).toBe(state);
  expect(query.get('iss')).toBe(estate.url);
  return { query, verifier };
}

async function linkByOauth(
  page: Page,
  { url }: PeopleEstate,
  { site, cloudId }: { site: string; cloudId: string },
): Promise<void> {
  await page.goto(`${url}/connect/${site}`);
  await page.getByRole('button', { name: 'Continue to Atlassian' }).click();
  await page.getByRole('link', { name: /^Continue to/ }).click();
  const account = page.getByRole('button', { name: /alice/i });
  await account
    .or(page.getByRole('button', { name: 'Accept' }))
    .first()
    .waitFor();
  if ((await account.count()) > 0) await account.click();
  await page.locator(`input[name=site][value="${cloudId}"]`).check();
  await page.getByRole('button', { name: 'Accept' }).click();
  await page.getByRole('heading', { name: 'Your sites' }).waitFor();
}

async function linkByToken(
  page: Page,
  { url }: PeopleEstate,
  { site, email, token }: { site: string; email: string; token: string },
): Promise<void> {
  await page.goto(`${url}/connect/${site}`);
  await page.locator('#email').fill(email);
  await page.locator('#token').fill(token);
  await page.getByRole('button', { name: 'Link with this token' }).click();
  await page.getByRole('heading', { name: 'Your sites' }).waitFor();
}

function namespaces(answer: McpAnswer): string[] {
  const spaced = names(answer).filter((name) => name.includes('__'));
  return [...new Set(spaced.map((name) => name.split('__')[0] ?? ''))];
}

it.each<[string, (url: string) => Promise<TestClient>]>([
  ['that registers', registerClaude],
  ['that has a metadata document', () => serveDocument()],
])('takes a hosted client %s from nothing to calls as the person, and out again', async (_how, introduce) => {
  const estate = await startPeopleEstate({ sites: THREE_SITES });
  const { url } = estate;
  const page = await openPage();
  const client = await introduce(url);
  const answer = await consentTo(page, estate, { client, without: [CLOUD_IDS.labs] });
  const { tokens } = await exchangeCode(url, client, answer);
  const token = tokens.access_token;

  const before = await askMcp(url, token, { method: 'tools/list' });
  expect(rows(before).map(({ site, status }) => [site, status])).toEqual([
    ['eng', 'not-connected'],
    ['ops', 'not-connected'],
  ]);
  expect(rows(before)[0]?.reason).toContain(`${url}/connect/eng`);
  const missing = await askMcp(url, token, call('eng__getJiraIssue', { issueIdOrKey: 'ENG-1' }));
  expect(missing.body.result).toMatchObject({
    isError: true,
    _meta: { 'switchyard/reason': 'not_connected' },
  });

  await linkByOauth(page, estate, { site: 'eng', cloudId: CLOUD_IDS.eng });
  await linkByToken(page, estate, { site: 'ops', email: 'alice@demo.example', token: 'demo-alice-token' });
  const after = await askMcp(url, token, { method: 'tools/list' });
  expect(rows(after).map(({ site, status }) => [site, status])).toEqual([
    ['eng', 'ok'],
    ['ops', 'ok'],
  ]);
  expect(namespaces(after)).toEqual(['eng', 'ops']);
  for (const site of ['eng', 'ops']) {
    const { body } = await askMcp(url, token, call(`${site}__atlassianUserInfo`));
    expect(body.result?.content?.[0]?.text).toContain('alice@demo.example');
  }
  const foreign = await askMcp(url, token, call('33333333__atlassianUserInfo'));
  expect(foreign.body.error?.message).toBe('Unknown tool: 33333333__atlassianUserInfo');

  await page.goto(`${url}/connect/clients`);
  await page.locator('summary').first().click();
  await page.getByRole('button', { name: 'Disconnect now' }).click();
  await vi.waitFor(async () => {
    const refused = await askMcp(url, token, { method: 'tools/list' });
    expect(refused.status).toBe(401);
    expect(refused.challenge).toContain('resource_metadata=');
  });
});
