import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, it, onTestFinished } from 'vitest';

import { refused } from './refused.ts';
import { runSwitchyard } from './run-switchyard.ts';

const GATE = {
  gate: 'rules',
  verdict: 'fail',
  code: 'access',
  sentence: 'rules[0] does not permit it.',
  who: 'administrator',
  where: 'rules[0]',
};

/** An admin API that has one answer, and what it was asked. */
async function adminApi(
  verdict: string,
): Promise<{ readonly env: Record<string, string>; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((req, res) => {
    asked.push(req.url ?? '');
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ site: 'eng', tool: 'getJiraIssue', verdict, gates: [GATE] }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { env: { SWITCHYARD_ADMIN_URL: `http://127.0.0.1:${port}` }, asked };
}

const ARGS = ['explain', 'alice@acme.example', 'eng', 'getJiraIssue'];

describe('switchyard explain', () => {
  it('exits 4 when nothing answers', async () => {
    expect(await refused(ARGS, { SWITCHYARD_ADMIN_URL: 'http://127.0.0.1:9' })).toMatchObject({ code: 4 });
  });

  it('exits 1 for a tool that is not available, and says what stands against it, who can change it and where', async () => {
    const { env, asked } = await adminApi('unavailable');
    const { code, stdout } = await runSwitchyard([...ARGS, '--path', '/mcp/views/triage?readonly=true'], env);

    expect(code).toBe(1);
    expect(stdout).toBe(
      'getJiraIssue on eng: unavailable\n✘ rules[0] does not permit it. Who can change it: administrator (rules[0]).\n',
    );
    expect(asked).toEqual([
      '/admin/v1/explain?caller=alice%40acme.example&site=eng&tool=getJiraIssue&path=%2Fmcp%2Fviews%2Ftriage%3Freadonly%3Dtrue',
    ]);
  });

  it('exits 0 for one that is, with the whole explanation as JSON', async () => {
    const { env } = await adminApi('available');
    const { code, stdout } = await runSwitchyard([...ARGS, '--json'], env);

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      site: 'eng',
      tool: 'getJiraIssue',
      verdict: 'available',
      gates: [GATE],
    });
  });
});
