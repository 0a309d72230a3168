import { describe, expect, it } from 'vitest';

import { ERROR_TEXTS, isErrorTextId } from '../src/error-texts.ts';
import { ALPHA, BETA, BOB, startClient } from './emulator-client.ts';

const ISSUE = { cloudId: ALPHA, issueIdOrKey: 'ENG-1' };

describe('faults of the connection', () => {
  it('hang never answers, and closing the emulator ends it', async () => {
    const client = await startClient();
    await client.rpc('ping');
    client.emulator.control.addFault({ effect: { kind: 'hang' } });
    const hanging = client.rpc('ping');
    hanging.catch(() => undefined);

    await expect.poll(() => client.emulator.control.requests().length).toBe(3);
    await client.emulator.close();

    await expect(hanging).rejects.toThrow();
  });

  it.each(['truncated', 'reset'] as const)('%s ends the connection early', async (kind) => {
    const client = await startClient();
    await client.rpc('ping');
    client.emulator.control.addFault({ effect: { kind } });

    await expect(client.rpc('tools/list', {})).rejects.toThrow();
  });

  it('slow answers in the end', async () => {
    const client = await startClient();
    client.emulator.control.addFault({
      match: { method: 'ping' },
      effect: { kind: 'slow', ms: 5 },
      times: 1,
    });

    expect((await client.rpc('ping')).status).toBe(200);
    expect(client.emulator.control.faults()).toEqual([]);
  });
});

describe('faults of the answer', () => {
  it('http answers a status, Retry-After and a body', async () => {
    const client = await startClient();
    await client.rpc('ping');
    client.emulator.control.addFault({
      effect: { kind: 'http', status: 503, retryAfterSeconds: 9, body: 'down' },
    });

    const answer = await client.rpc('ping');

    expect([answer.status, answer.headers.get('retry-after'), answer.text]).toEqual([503, '9', 'down']);
  });

  it('garbage is no JSON at HTTP 200', async () => {
    const client = await startClient();
    await client.rpc('ping');
    client.emulator.control.addFault({ effect: { kind: 'garbage' } });

    const answer = await client.rpc('ping');

    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(() => JSON.parse(answer.text) as unknown).toThrow();
  });

  it('session-lost answers 404 from then on', async () => {
    const client = await startClient();
    await client.rpc('ping');
    client.emulator.control.addFault({ effect: { kind: 'session-lost' }, times: 1 });

    expect((await client.rpc('ping')).status).toBe(404);
    expect((await client.rpc('ping')).status).toBe(404);
  });

  it('rpc-error answers a JSON-RPC error', async () => {
    const client = await startClient();
    const error = { code: -32_000, message: 'boom' };
    client.emulator.control.addFault({ match: { method: 'ping' }, effect: { kind: 'rpc-error', ...error } });

    expect((await client.rpc('ping')).json['error']).toMatchObject(error);
  });

  it.each(Object.keys(ERROR_TEXTS).filter(isErrorTextId))('%s comes as isError and as text', async (id) => {
    const client = await startClient();
    client.emulator.control.addFault({ effect: { kind: 'error', id, style: 'isError' }, times: 1 });
    client.emulator.control.addFault({ effect: { kind: 'error', id, style: 'text' }, times: 1 });

    const first = await client.call('getJiraIssue', ISSUE);
    const second = await client.call('getJiraIssue', ISSUE);

    expect([first.isError, first.text]).toEqual([true, ERROR_TEXTS[id]]);
    expect([second.isError, second.data]).toEqual([false, { error: true, message: ERROR_TEXTS[id] }]);
    expect((await client.call('getJiraIssue', ISSUE)).data?.['key']).toBe('ENG-1');
  });

  it('discover answers while every other call fails', async () => {
    const client = await startClient();
    client.emulator.control.addFault({ effect: { kind: 'error', id: 'E10' } });

    expect((await client.call('getJiraIssue', ISSUE)).text).toBe(ERROR_TEXTS.E10);
    expect((await client.call('discover', { query: 'worklog' })).text).toContain('addOrEditJiraIssueWorklog');
  });
});

describe('whom a fault hits', () => {
  it.each([
    ['lane', { lane: 'east' }],
    ['account', { account: '712020:alice' }],
    ['cloudId', { cloudId: ALPHA }],
    ['tool', { tool: 'getJiraIssue' }],
    ['method', { method: 'tools/call', account: '712020:alice' }],
    ['generation', { generation: 'v2', cloudId: ALPHA } as const],
  ])('is selected by %s', async (_by, match) => {
    const client = await startClient();
    client.emulator.control.addFault({ match, effect: { kind: 'http', status: 503 } });

    const hit = await client.call('getJiraIssue', ISSUE, { path: '/east/v2/mcp' });
    const spared = await client.call('searchJiraIssuesUsingJql', { cloudId: BETA, jql: '' }, { auth: BOB });

    expect(hit.answer.status).toBe(503);
    expect(spared.answer.status).toBe(200);
  });

  it('is found inside execute* and behind a site URL', async () => {
    const client = await startClient();
    const match = { tool: 'listJiraProjects', cloudId: ALPHA };
    client.emulator.control.addFault({ match, effect: { kind: 'error', id: 'E9' } });
    const inner = { name: 'listJiraProjects', inputs: {} };

    const hit = await client.call('executeRead', { ...inner, cloudId: 'https://alpha-eng.atlassian.net/' });
    const spared = await client.call('executeRead', { ...inner, cloudId: BETA });

    expect(hit.text).toBe(ERROR_TEXTS.E9);
    expect(spared.isError).toBe(false);
  });
});

describe('limits', () => {
  it('answers 429 above the calls allowed at once', async () => {
    const client = await startClient({ settings: { burstLimit: { parallel: 2, retryAfterSeconds: 4 } } });
    await client.rpc('ping');
    const fault = client.emulator.control.addFault({ effect: { kind: 'hang' }, times: 2 });
    const hanging = [client.rpc('ping'), client.rpc('ping')];
    for (const request of hanging) request.catch(() => undefined);
    await expect.poll(() => client.emulator.control.faults()).toEqual([]);

    const answer = await client.rpc('ping');

    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '4']);
    expect(client.emulator.control.removeFault(fault)).toBe(false);
  });

  it('answers 429 when the hour of a site is spent, and serves the others', async () => {
    const client = await startClient({ settings: { hourlyLimit: 1 } });
    await client.call('getJiraIssue', ISSUE);

    const spent = await client.call('getJiraIssue', ISSUE);
    const other = await client.call('getJiraIssue', { cloudId: BETA, issueIdOrKey: 'OPS-1' });

    expect(spent.answer.status).toBe(429);
    expect(Number(spent.answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(other.data?.['key']).toBe('OPS-1');
  });
});
