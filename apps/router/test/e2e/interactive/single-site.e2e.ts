import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { auditFiles, type AuditRecord, queryAudit } from '@switchyard/audit';
import { describe, expect, it, onTestFinished } from 'vitest';

import { CLOUD_IDS, CREDENTIALS } from '../estate.ts';
import {
  allMessages,
  answerOf,
  AT_ENG,
  post,
  postModern,
  type Router,
  sessionOf,
  startRouter,
} from './router.ts';
import { startSdkSite } from './sdk-site.ts';
import type { Message } from './session-site.ts';

async function startRouterFor(ofSite = '', more = ''): Promise<Router> {
  const url = await startSdkSite();
  return startRouter(url, { sites: [{ name: 'eng', alias: 'eng', path: '/mcp', more: ofSite }], more });
}

const ERAS = [
  ['legacy', post],
  ['modern', postModern],
] as const;

const COMPLETE = {
  method: 'completion/complete',
  params: {
    ref: { type: 'ref/prompt', name: 'test_prompt_with_arguments' },
    argument: { name: 'arg1', value: 'pa' },
  },
};

describe.each(ERAS)('the URL of one site, to a %s client,', (era, send) => {
  async function ask(router: Router, message: Message, path: string = AT_ENG): Promise<Message> {
    return answerOf(send(router, { id: 5, ...message }, { path }));
  }

  it.each<[string, Message, object]>([
    [
      'resources',
      { method: 'resources/list' },
      { resources: expect.arrayContaining([expect.any(Object)]) as object },
    ],
    ['templates', { method: 'resources/templates/list' }, { resourceTemplates: [expect.any(Object)] }],
    [
      'a resource',
      { method: 'resources/read', params: { uri: 'test://static-text' } },
      { contents: [{ uri: 'test://static-text' }] },
    ],
    [
      'prompts',
      { method: 'prompts/list' },
      { prompts: expect.arrayContaining([expect.any(Object)]) as object },
    ],
    [
      'a prompt',
      { method: 'prompts/get', params: { name: 'test_simple_prompt' } },
      { messages: [{ role: 'user' }] },
    ],
    ['completions', COMPLETE, { completion: { values: expect.any(Array) as object } }],
  ])('relays %s', async (_, message, result) => {
    const router = await startRouterFor();

    const answer = await ask(router, message);

    expect(answer).toMatchObject({ id: 5, result });
    if (era === 'modern') expect(answer).toMatchObject({ result: { resultType: 'complete' } });
  });

  it('says what the site offers', async () => {
    const router = await startRouterFor();
    const method = era === 'modern' ? 'server/discover' : 'initialize';

    const { result } = await ask(router, { method });

    const { capabilities } = result as { capabilities: Record<string, unknown> };
    const names = ['tools', 'resources', 'prompts', 'completions', ...(era === 'legacy' ? ['logging'] : [])];
    expect(Object.keys(capabilities).sort()).toEqual(names.sort());
  });

  it('passes the site’s own error on', async () => {
    const router = await startRouterFor();

    const answer = await ask(router, { method: 'prompts/get', params: { name: 'no such prompt' } });

    expect(answer).toMatchObject({ id: 5, error: { code: -32_602 } });
  });

  it.each([
    ['of some products', 'products: { jira: read }', AT_ENG],
    ['narrowed to some products', '', `${AT_ENG}?products=jira`],
    ['of all sites', '', '/mcp'],
  ])('%s relays none of it', async (_, more, path) => {
    const router = await startRouterFor(more);
    const method = era === 'modern' ? 'server/discover' : 'initialize';

    expect((await ask(router, { method }, path)).result).toMatchObject({ capabilities: { tools: {} } });
    expect(JSON.stringify(await ask(router, { method }, path))).not.toContain('completions');
    expect(await ask(router, { method: 'resources/list' }, path)).toMatchObject({
      result: { resources: [] },
    });
    expect(await ask(router, { method: 'prompts/list' }, path)).toMatchObject({ result: { prompts: [] } });
    expect(
      await ask(router, { method: 'resources/read', params: { uri: 'test://static-text' } }, path),
    ).toMatchObject({
      error: { code: -32_602 },
    });
    expect(
      await ask(router, { method: 'prompts/get', params: { name: 'test_simple_prompt' } }, path),
    ).toMatchObject({
      error: { code: -32_601 },
    });
    expect(await ask(router, COMPLETE, path)).toMatchObject({ error: { code: -32_601 } });
  });
});

const logs = (messages: readonly Message[]): unknown[] =>
  messages.filter(({ method }) => method === 'notifications/message').map(({ params }) => params?.['data']);

describe('log messages of a site', () => {
  const CALL = { id: 1, method: 'tools/call', params: { name: 'test_tool_with_logging', arguments: {} } };
  it('reach a legacy client that set a level', async () => {
    const router = await startRouterFor();
    const level = { id: 0, method: 'logging/setLevel', params: { level: 'info' } };
    expect(await answerOf(post(router, level))).toMatchObject({ id: 0, result: {} });

    expect(logs(await allMessages(await post(router, CALL)))).toHaveLength(3);
  });

  it('reach a modern client that asks for them, and no other', async () => {
    const router = await startRouterFor();
    const asking = { ...CALL.params, _meta: { 'io.modelcontextprotocol/logLevel': 'info' } };

    expect(logs(await allMessages(await postModern(router, { ...CALL, params: asking })))).toHaveLength(3);
    expect(logs(await allMessages(await postModern(router, CALL)))).toEqual([]);
  });
});

async function offeredResources(url: string, message: Message, send: typeof post): Promise<unknown> {
  const { result } = await answerOf(send(await startRouter(url), message));
  return (result as { capabilities: { resources: unknown } }).capabilities.resources;
}

describe('subscriptions to resources', () => {
  const DISCOVER = { id: 1, method: 'server/discover' };
  const INITIALIZE = { id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25' } };

  it('are offered to clients of the era in which the site takes them', async () => {
    const [both, modern] = [await startSdkSite(), await startSdkSite({ sessions: false })];
    const all = { listChanged: true, subscribe: true };

    expect(await offeredResources(both, DISCOVER, postModern)).toEqual(all);
    expect(await offeredResources(both, INITIALIZE, post)).toEqual(all);
    expect(await offeredResources(modern, DISCOVER, postModern)).toEqual(all);
    expect(await offeredResources(modern, INITIALIZE, post)).toEqual({ listChanged: true });
  });
});

describe('subscriptions of a legacy client', () => {
  it.each(['resources/subscribe', 'resources/unsubscribe'])('%s is relayed', async (method) => {
    const router = await startRouterFor();
    const session = (await sessionOf(router, { roots: {} })) ?? '';
    const headers = { 'mcp-session-id': session };
    const request = { id: 1, method, params: { uri: 'test://watched-resource' } };

    expect(await answerOf(post(router, request, { headers }))).toMatchObject({ id: 1, result: {} });
    expect(await answerOf(postModern(router, request))).toMatchObject({ error: { code: -32_601 } });
    expect((await postModern(router, request, { as: CREDENTIALS.bob })).status).toBe(404);
  });
});

it('writes what it relays into the audit trail', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-relayed-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const router = await startRouterFor('', `audit: { directory: ${directory}, key: '${'k'.repeat(32)}' }`);
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

  await answerOf(post(router, { id: 1, method: 'resources/list' }));
  const read = { id: 2, method: 'resources/read', params: { uri: 'test://static-text' } };
  await answerOf(post(router, read, { headers: { traceparent } }));
  await answerOf(post(router, { id: 3, method: 'resources/read', params: { uri: 'test://none' } }));
  await router.close();

  const records: AuditRecord[] = [];
  for await (const record of queryAudit(await auditFiles([directory]), {})) records.push(record);
  const line = {
    caller: expect.any(Object) as object,
    site: 'eng',
    cloudId: CLOUD_IDS.eng,
    access: 'read',
    decision: 'allow',
  };
  const digest = expect.stringMatching(/^[\w-]{43}$/) as string;
  expect(records.filter(({ target }) => target?.startsWith('resources/'))).toMatchObject([
    { ...line, event: 'list', target: 'resources/list', outcome: 'ok', bytes: expect.any(Number) as number },
    {
      ...line,
      event: 'call',
      target: 'resources/read',
      outcome: 'ok',
      argsDigest: digest,
      traceId: traceparent.slice(3, 35),
    },
    { ...line, event: 'call', target: 'resources/read', outcome: 'upstream_error', argsDigest: digest },
  ]);
  expect(JSON.stringify(records)).not.toContain('test://');
});
