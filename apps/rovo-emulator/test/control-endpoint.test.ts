import { describe, expect, it } from 'vitest';

import { ALPHA, type Client, type Json, startClient, textAt } from './emulator-client.ts';

async function control(
  client: Client,
  request: string,
  body?: unknown,
): Promise<{ status: number; json: Json }> {
  const [method = 'GET', path = ''] = request.split(' ');
  const init =
    body === undefined
      ? { method }
      : { method, body: typeof body === 'string' ? body : JSON.stringify(body) };
  const response = await fetch(`${client.url}/control/${path}`, init);
  return { status: response.status, json: (await response.json()) as Json };
}

describe('control over HTTP', () => {
  it.each([
    ['POST faults', '{', 'must be JSON'],
    ['POST faults', [], 'fault must be a JSON object'],
    ['POST faults', {}, 'effect.kind must be one of hang, slow'],
    ['POST faults', { effect: { kind: 'slow' } }, 'effect.ms must be'],
    ['POST faults', { effect: { kind: 'http', status: 99 } }, 'effect.status must be an HTTP status'],
    ['POST faults', { effect: { kind: 'error', id: 'E99' } }, 'effect.id must be one of E1'],
    ['POST faults', { effect: { kind: 'hang' }, match: { site: 'x' } }, 'unknown field match.site'],
    ['POST faults', { effect: { kind: 'hang' }, times: 0 }, 'fault.times must be'],
    ['DELETE faults/fault-9', undefined, 'no fault "fault-9"'],
    ['PATCH settings', { framing: 'xml' }, 'setting "framing" must be one of json, sse'],
    ['PATCH settings', { frame: 'sse' }, 'unknown setting "frame"'],
    ['PATCH settings', { burstLimit: { parallel: 0 } }, 'setting "burstLimit" must be'],
    ['POST tools', { remove: ['x'] }, 'change.generation must be'],
    ['POST tools', { generation: 'v2', add: [{ name: 'x' }] }, 'change.add must be an array of tools'],
  ])('%s %j is answered 400 and says why', async (request, body, message) => {
    const client = await startClient();

    const answer = await control(client, request, body);

    expect(answer.status).toBe(400);
    expect(answer.json['error']).toContain(message);
  });

  it('answers 404 with the known controls to anything else', async () => {
    const client = await startClient();

    const answer = await control(client, 'GET nothing');

    expect(answer.status).toBe(404);
    expect(answer.json['error']).toContain('POST faults');
  });

  it('adds, shows and removes faults', async () => {
    const client = await startClient();
    const fault = { match: { lane: 'x' }, effect: { kind: 'slow', ms: 3 } };

    const added = await control(client, 'POST faults', fault);
    const state = await control(client, 'GET state');
    const removed = await control(client, `DELETE faults/${textAt(added.json['id'])}`);
    await control(client, 'POST faults', fault);
    const cleared = await control(client, 'DELETE faults');

    expect(state.json['faults']).toEqual([{ ...fault, id: added.json['id'], hits: 0 }]);
    expect([removed.status, cleared.status]).toEqual([200, 200]);
    expect((await control(client, 'GET faults')).json['faults']).toEqual([]);
  });

  it('changes settings with effect on the next list', async () => {
    const client = await startClient();
    await client.toolNames();

    const answer = await control(client, 'PATCH settings', {
      singleExecute: true,
      burstLimit: { parallel: 20 },
    });

    expect(answer.json['singleExecute']).toBe(true);
    expect(await client.toolNames()).toContain('execute');
    expect((await control(client, 'GET settings')).json['burstLimit']).toEqual({ parallel: 20 });
  });

  it('expires sessions and changes tools', async () => {
    const client = await startClient();
    await client.rpc('ping');

    await control(client, 'POST sessions/expire');
    await control(client, 'POST tools', { generation: 'v1', remove: ['search'] });
    const listed = await control(client, 'GET tools?generation=v1');

    expect((await client.rpc('ping')).status).toBe(404);
    expect(JSON.stringify(listed.json)).not.toContain('"search"');
    expect(JSON.stringify(listed.json)).toContain('"schemaConfidence":"live"');
  });

  it('shows the requests without secrets, and forgets them', async () => {
    const client = await startClient({ settings: { journalLimit: 3 } });
    const inputs = { issueIdOrKey: 'ENG-1' };
    const args = { name: 'listJiraIssueComments', cloudId: 'alpha-eng.atlassian.net', inputs };
    await client.call('executeRead', args, { path: '/lane-1/v2/mcp' });
    await client.rpc('ping');

    const { json } = await control(client, 'GET requests');

    expect(json['requests']).toHaveLength(3);
    expect(json['requests']?.[0]).toMatchObject({
      httpMethod: 'POST',
      path: '/lane-1/v2/mcp',
      lane: 'lane-1',
      generation: 'v2',
      method: 'tools/call',
      tool: 'listJiraIssueComments',
      cloudId: ALPHA,
      account: '712020:alice',
      rpcId: 7,
      params: { name: 'executeRead', arguments: args },
    });
    expect(JSON.stringify(json)).not.toContain('Basic');
    await control(client, 'DELETE requests');
    expect(client.emulator.control.requests()).toEqual([]);
  });
});
