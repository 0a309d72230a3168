import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Secret } from '@switchyard/catalogue';
import { createTelemetry, type Telemetry } from '@switchyard/telemetry';
import { expect, it, onTestFinished, vi } from 'vitest';

import type { AuditConfig } from '../../src/config/config.ts';
import { type Audit, createAudit } from '../../src/gateway/audit-trail.ts';

const KEY = 'canary key that is long enough for the trail';

interface Bench {
  readonly audit: Audit;
  readonly directory: string;
  readonly telemetry: Telemetry;
  log(): string;
}

async function open(reads: AuditConfig['reads'] = 'allow'): Promise<Bench> {
  const parent = await mkdtemp(join(tmpdir(), 'switchyard-audit-'));
  onTestFinished(() => rm(parent, { recursive: true }));
  let log = '';
  const telemetry = createTelemetry({
    sites: [],
    version: '0',
    destination: { write: (line: string) => void (log += line) },
  });
  const directory = join(parent, 'audit');
  const config = { directory, key: new Secret(KEY), reads, maxFileBytes: 65_536, retentionDays: 1 };
  const audit = createAudit(config, { telemetry, hostId: 'one' });
  onTestFinished(() => audit.close());
  return { audit, directory, telemetry, log: () => log };
}

async function metric({ telemetry }: Bench, name: string): Promise<string | undefined> {
  const { body } = await telemetry.metrics(undefined);
  return body.split('\n').find((line) => line.startsWith(`${name} `));
}

it.each([
  ['allow', { read: false, write: true, delete: true }],
  ['refuse', { read: true, write: true, delete: true }],
] as const)('refuses what it could not record, reads by the setting: %s', async (reads, refused) => {
  const bench = await open(reads);
  await writeFile(bench.directory, 'in the way');

  expect(await bench.audit.flush()).toBe(false);

  const found = {
    read: bench.audit.refuses('read'),
    write: bench.audit.refuses('write'),
    delete: bench.audit.refuses('delete'),
  };
  expect(found).toEqual(refused);
  expect(await metric(bench, 'switchyard_audit_writable')).toBe('switchyard_audit_writable 0');
  expect(bench.log()).toContain('audit trail cannot be written');
  await rm(bench.directory);
  await vi.waitFor(() => expect(bench.audit.refuses('write')).toBe(false), { timeout: 5_000 });
  expect(await metric(bench, 'switchyard_audit_writable')).toBe('switchyard_audit_writable 1');
});

it('writes, and logs the head for whoever keeps it elsewhere, without the key (I5)', async () => {
  const bench = await open();
  bench.audit.record({ event: 'config', decision: 'allow', outcome: 'ok' });
  await bench.audit.close();

  const [log = '', head = ''] = (await readdir(bench.directory)).sort();
  const text = await readFile(join(bench.directory, log), 'utf8');
  expect(head).toBe('one.head');
  expect(text).toContain('"event":"config"');
  expect(bench.log()).toContain('audit head');
  expect(bench.log() + text).not.toContain('canary');
});

it('refuses nothing where no trail is wanted', async () => {
  const { telemetry } = await open();
  const none = createAudit(undefined, { telemetry });
  none.record({ event: 'list', decision: 'allow', outcome: 'ok' });

  expect([none.refuses('write'), await none.flush()]).toEqual([false, true]);
  await none.close();
});
