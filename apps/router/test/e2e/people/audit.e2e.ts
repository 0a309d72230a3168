import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { auditFiles, type AuditRecord, queryAudit, verifyAudit } from '@switchyard/audit';
import { expect, it, onTestFinished, vi } from 'vitest';

import { CLOUD_IDS } from '../estate.ts';
import { askAdmin, enroll } from './admin-client.ts';
import { call, listOf, outcomeOf } from './mcp-answers.ts';
import { askMcp, registerClaude } from './oauth-client.ts';
import { LINKABLE_SITES, type PeopleEstate, startPeopleEstate } from './people-estate.ts';
import { createPerson } from './test-person.ts';

const KEY = 'an audit key of the tests, long enough';
const SECRET_TEXT = 'nobody else reads this';
const READ = ['eng__getJiraIssue', { issueIdOrKey: 'ENG-1' }] as const;
const WRITE = [
  'eng__addOrEditJiraIssueComment',
  { issueIdOrKey: 'ENG-2', commentBody: SECRET_TEXT },
] as const;

async function startAudited(more = ''): Promise<PeopleEstate & { readonly directory: string }> {
  const parent = mkdtempSync(join(tmpdir(), 'switchyard-audit-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  const directory = join(parent, 'trail');
  const block = `audit:\n  directory: ${directory}\n  key: '${KEY}'\n${more}`;
  return { ...(await startPeopleEstate({ sites: LINKABLE_SITES, more: block })), directory };
}

async function trailOf({
  switchyard,
  directory,
}: {
  switchyard: PeopleEstate['switchyard'];
  directory: string;
}): Promise<AuditRecord[]> {
  await switchyard.close();
  const files = await auditFiles([directory]);
  expect(await verifyAudit({ files, keys: [Buffer.from(KEY)] })).toMatchObject({ ok: true, findingCount: 0 });
  const records: AuditRecord[] = [];
  for await (const record of queryAudit(files, {})) records.push(record);
  return records;
}

it('leaves a line of everything that happens, with who, where, what and why', async () => {
  const estate = await startAudited();
  const { url } = estate;
  const alice = createPerson(estate, 'alice');
  const client = await registerClaude(url);
  const { access_token: token } = await alice.connect({ client, sites: ['eng', 'ops'] });
  await alice.linkByOauth('ops');
  await alice.linkByToken('ops', 'demo-alice-token');
  await alice.linkByToken('eng', 'a-token-that-is-none');
  await listOf(url, token);
  await outcomeOf(url, token, ['ops__getJsmOpsAlerts', { alertIdOrAlias: 'OPS-1' }]);
  await outcomeOf(url, token, [
    'ops__addCommentToJiraIssue',
    { issueIdOrKey: 'OPS-2', commentBody: SECRET_TEXT },
  ]);
  await outcomeOf(url, token, ['33333333__getJiraIssue', { issueIdOrKey: 'LAB-1' }]);
  await askMcp(url, `${token}x`, { method: 'tools/list' });
  const { id } = await enroll(estate, { sites: ['eng'] });
  await alice.unlink('ops', 'oauth');
  await askAdmin(estate, `DELETE /tokens/${id}`);
  await askAdmin(estate, 'POST /clients/revoke', { body: { clientId: client.clientId } });

  const records = await trailOf(estate);

  const { caller: signedIn } = records.find(({ method }) => method === 'oidc') ?? {};
  const { grant } = records.find(({ event }) => event === 'consent') ?? {};
  const who = { caller: { id: signedIn?.id } };
  const byClient = { client: { id: client.clientId } };
  const asked = {
    ...byClient,
    caller: { ...who.caller, email: 'alice@demo.example' },
    method: 'oauth',
    address: '127.0.0.1',
  };
  const ok = { decision: 'allow', outcome: 'ok' };
  const at = { site: 'ops', cloudId: CLOUD_IDS.ops };
  const digest = expect.stringMatching(/^[\w-]{43}$/);
  const called = { event: 'call', ...ok, ...asked, ...at, argsDigest: digest };
  expect(grant).toMatch(/^[\w-]{20,}$/);
  expect(records).toEqual(
    [
      { event: 'token', ...ok, method: 'registration', ...byClient },
      { event: 'authentication', ...ok, ...who, method: 'oidc' },
      { event: 'consent', ...ok, ...who, ...byClient, grant, target: `${url}/mcp` },
      { event: 'token', ...ok, ...who, ...byClient, grant, method: 'authorization_code' },
      { event: 'link', ...who, decision: 'allow', outcome: 'linked', upstream: { kind: 'linked-oauth' } },
      { event: 'link', ...who, decision: 'allow', outcome: 'linked', upstream: { kind: 'linked-token' } },
      { event: 'link', ...who, decision: 'deny', rule: 'bad_credential', cloudId: CLOUD_IDS.eng },
      { event: 'authentication', ...ok, ...asked },
      { event: 'list', ...ok, ...asked, target: 'tools/list' },
      { ...called, access: 'read', tool: 'getJsmOpsAlerts', upstream: { kind: 'linked-token' } },
      { ...called, access: 'write', tool: 'addCommentToJiraIssue', product: 'jira', resources: ['OPS-2'] },
      {
        event: 'call',
        ...asked,
        decision: 'deny',
        outcome: 'denied',
        tool: 'getJiraIssue',
        argsDigest: digest,
      },
      { event: 'authentication', decision: 'deny', rule: 'bad_token', status: 401, address: '127.0.0.1' },
      { event: 'admin', ...ok, caller: { id: 'local' }, target: 'post /tokens', status: 200 },
      { event: 'link', ...who, decision: 'allow', outcome: 'unlinked', upstream: { kind: 'linked-oauth' } },
      { event: 'admin', ...ok, target: `delete /tokens/{id}: ${id}`, status: 204 },
      { event: 'token', outcome: 'revoked', target: `client ${client.clientId}` },
      { event: 'token', outcome: 'revoked', target: `connection ${grant ?? ''}` },
      { event: 'admin', ...ok, target: 'post /clients/revoke', status: 200 },
    ].map((line) => expect.objectContaining(line)),
  );
  expect(JSON.stringify(records)).not.toContain(SECRET_TEXT);
  expect(records.map(({ seq }) => seq)).toEqual(records.map((_, index) => index + 2));
});

it.each([
  ['allow', 'ok'],
  ['refuse', 'unavailable'],
] as const)(
  'refuses writes while nothing can be recorded, and reads by the setting: %s',
  async (reads, ofRead) => {
    const estate = await startAudited(`  reads: ${reads}`);
    const { url, directory, switchyard } = estate;
    const alice = createPerson(estate, 'alice');
    const { access_token: token } = await alice.connect();
    await alice.linkByOauth('eng');
    expect([await outcomeOf(url, token, READ), await outcomeOf(url, token, WRITE)]).toEqual(['ok', 'ok']);
    const written = (): number =>
      estate.emulator.control.requests().filter(({ tool }) => tool === 'addOrEditJiraIssueComment').length;
    const before = written();

    renameSync(directory, `${directory}-away`);
    writeFileSync(directory, 'in the way');
    await vi.waitFor(async () => {
      await listOf(url, token);
      const ready = await (await fetch(`${switchyard.adminUrl}/readyz`)).json();
      expect(ready).toMatchObject({ degraded: ['audit'] });
    });

    const refused = await askMcp(url, token, call(...WRITE));
    expect(refused.body.result?.content?.[0]?.text).toContain('cannot record calls right now');
    expect(await outcomeOf(url, token, READ)).toBe(ofRead);
    expect(written()).toBe(before);

    rmSync(directory);
    renameSync(`${directory}-away`, directory);
    await vi.waitFor(async () => expect(await outcomeOf(url, token, WRITE)).toBe('ok'), { timeout: 5_000 });
    expect((await trailOf(estate)).length).toBeGreaterThan(5);
  },
);
