import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { auditFiles, type AuditRecord, queryAudit, verifyAudit } from '@switchyard/audit';
import { expect, it, onTestFinished, vi } from 'vitest';

import { askAdmin, enroll } from './admin-client.ts';
import { call, listOf, outcomeOf } from './mcp-answers.ts';
import { askMcp, registerClaude } from './oauth-client.ts';
import { LINKABLE_SITES, type PeopleEstate, startPeopleEstate } from './people-estate.ts';
import { createPerson } from './test-person.ts';

const KEY = 'an audit key of the tests, long enough';
const READ = ['eng__getJiraIssue', { issueIdOrKey: 'ENG-1' }] as const;
const WRITE = [
  'eng__addOrEditJiraIssueComment',
  { issueIdOrKey: 'ENG-2', commentBody: 'nobody else reads this' },
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
  await alice.linkByOauth('eng');
  await listOf(url, token);
  await outcomeOf(url, token, READ);
  await outcomeOf(url, token, WRITE);
  await outcomeOf(url, token, ['33333333__getJiraIssue', { issueIdOrKey: 'LAB-1' }]);
  await askMcp(url, `${token}x`, { method: 'tools/list' });
  const { id } = await enroll(estate, { sites: ['eng'] });
  await alice.unlink('eng', 'oauth');
  await askAdmin(estate, `DELETE /tokens/${id}`);
  await askAdmin(estate, 'POST /clients/revoke', { body: { clientId: client.clientId } });

  const records = await trailOf(estate);
  console.log(records.map((r) => JSON.stringify(r)).join('\n'));
  void call;
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
