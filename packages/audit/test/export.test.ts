import { expect, it } from 'vitest';

import { type AuditFilter, auditFiles, type ExportFormat, exportAudit, queryAudit } from '../src/index.ts';
import { CALL, DAY_MS, openTrail, START_MS, temporaryDirectory, write } from './fixture.ts';

/** Two replicas whose events alternate in time. */
async function estate(): Promise<string[]> {
  const directory = await temporaryDirectory();
  const one = openTrail(directory);
  const two = openTrail(directory, { hostId: 'two', now: one.clock });
  const step = async (trail: typeof one.trail, entry: typeof CALL): Promise<void> => {
    await write(trail, 1, entry);
    one.clock.pass(1_000);
  };
  await step(one.trail, CALL);
  await step(two.trail, { ...CALL, site: 'ops', cloudId: 'c-ops', tool: 'createJiraIssue', access: 'write' });
  await step(one.trail, {
    event: 'call',
    decision: 'deny',
    rule: 'products',
    outcome: 'denied',
    caller: { id: 'bob' },
  });
  await step(two.trail, { event: 'list', decision: 'allow', outcome: 'ok', caller: { id: 'bob' } });
  one.clock.pass(DAY_MS);
  await step(one.trail, {
    event: 'token',
    decision: 'allow',
    outcome: 'ok',
    target: '=cmd|calc',
    client: { name: 'a "b", c' },
  });
  await one.trail.close();
  await two.trail.close();
  return auditFiles([directory]);
}

it.each<[string, AuditFilter, string[]]>([
  ['everything, in the order of time over all replicas', {}, ['call', 'call', 'call', 'list', 'token']],
  ['since', { sinceMs: START_MS + 2_000 }, ['call', 'list', 'token']],
  ['until, not including it', { untilMs: START_MS + 2_000 }, ['call', 'call']],
  ['a caller by id', { caller: 'bob' }, ['call', 'list']],
  ['a caller by e-mail, in any case', { caller: 'Alice@ACME.example' }, ['call', 'call']],
  ['a caller by subject', { caller: 'idp|alice' }, ['call', 'call']],
  ['a site by name', { site: 'ops' }, ['call']],
  ['a site by cloudId', { site: 'c-ops' }, ['call']],
  ['a tool', { tool: 'getJiraIssue' }, ['call']],
  ['an event', { event: 'token' }, ['token']],
  ['an outcome', { outcome: 'denied' }, ['call']],
  ['a decision', { outcome: 'deny' }, ['call']],
  ['several at once', { caller: 'bob', event: 'list' }, ['list']],
  ['nobody', { caller: 'carol' }, []],
])('finds %s', async (_what, filter, events) => {
  const found: string[] = [];
  for await (const { event } of queryAudit(await estate(), filter)) found.push(event);

  expect(found).toEqual(events);
});

async function exported(format: ExportFormat): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of exportAudit(await estate(), { format })) lines.push(line);
  return lines;
}

it('exports lines as they are', async () => {
  const lines = (await exported('jsonl')).map((line) => JSON.parse(line) as unknown);

  expect(lines).toHaveLength(5);
  expect(lines[0]).toMatchObject({ seq: 2, event: 'call', site: 'eng', argsDigest: expect.any(String) });
});

it('exports API Activity events of OCSF', async () => {
  const [read, write, denied] = (await exported('ocsf')).map((line) => JSON.parse(line) as unknown);

  expect(read).toEqual({
    class_uid: 6003,
    class_name: 'API Activity',
    category_uid: 6,
    category_name: 'Application Activity',
    activity_id: 2,
    activity_name: 'Read',
    type_uid: 600302,
    time: START_MS,
    duration: 12,
    severity_id: 1,
    status_id: 1,
    status: 'Success',
    status_code: 'ok',
    status_detail: 'site:eng',
    action_id: 1,
    action: 'Allowed',
    metadata: {
      version: '1.3.0',
      profiles: ['security_control'],
      product: { name: 'Switchyard', vendor_name: 'Switchyard' },
      log_name: 'audit',
      uid: expect.stringMatching(/^[\w-]{43}$/),
      sequence: 2,
      correlation_uid: 'trace-0',
    },
    actor: {
      user: { uid: 'caller-1', uid_alt: 'idp|alice', email_addr: 'alice@acme.example' },
      session: { uid: 'grant-1' },
      app_uid: 'client-1',
      app_name: 'Claude',
    },
    api: { operation: 'getJiraIssue', service: { name: 'jira' }, response: { code: 200 } },
    src_endpoint: { ip: '203.0.113.7' },
    dst_endpoint: { name: 'eng', uid: '11111111-aaaa-4aaa-8aaa-000000000001' },
    resources: [{ uid: 'ENG-1' }],
    unmapped: {
      event: 'call',
      method: 'oauth',
      addressList: 'ipAllowlist',
      redirectHost: 'claude.ai',
      upstream: { kind: 'oauth', accountId: 'acc-alice' },
      argsDigest: expect.any(String),
      bytes: 2_048,
      policyVersion: 'p1',
    },
  });
  expect(write).toMatchObject({ activity_id: 3, type_uid: 600303, dst_endpoint: { name: 'ops' } });
  expect(denied).toMatchObject({ activity_id: 99, status: 'Failure', action: 'Denied', severity_id: 2 });
});

it('exports a table that a spreadsheet reads and does not run', async () => {
  const [header = '', , , , , token = ''] = await exported('csv');

  expect(header.split(',').slice(0, 6)).toEqual(['seq', 'ts', 'event', 'decision', 'rule', 'outcome']);
  expect(token).toContain(`"'=cmd|calc"`);
  expect(token).toContain('"a ""b"", c"');
});

it.each([
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  ' =1',
  '\n-1',
  '|calc',
  '%0A=1',
  '＝1'.normalize('NFKC'),
])('writes %j as text', async (target) => {
  const directory = await temporaryDirectory();
  const { trail } = openTrail(directory);
  await write(trail, 1, { ...CALL, target });
  const lines: string[] = [];
  for await (const line of exportAudit(await auditFiles([directory]), { format: 'csv' })) lines.push(line);

  expect(lines.join('\n')).toContain(`"'${target}"`);
});
