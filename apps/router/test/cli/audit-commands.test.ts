import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createAuditTrail, createFileSink } from '@switchyard/audit';
import { describe, expect, it, onTestFinished } from 'vitest';

import { fileWith } from '../config/config-texts.ts';
import { refused } from './refused.ts';
import { type Finished, runSwitchyard } from './run-switchyard.ts';

const KEY = 'a key that is long enough for the trail';

/** A directory with a trail of five events, and a configuration that names it. */
async function openPlace(): Promise<{ directory: string; config: string; head: string }> {
  const parent = mkdtempSync(join(tmpdir(), 'switchyard-audit-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  const directory = join(parent, 'audit');
  let head = '';
  const key = Buffer.from(KEY);
  const sink = createFileSink({
    directory,
    hostId: 'one',
    keys: [key],
    onNotice: (notice) => {
      if (notice.type === 'head') head = `${notice.host}:${notice.seq}:${notice.mac}`;
    },
  });
  const trail = createAuditTrail({ sink, key });
  for (let count = 0; count < 4; count += 1) {
    trail.record({
      event: 'call',
      decision: 'allow',
      outcome: 'ok',
      caller: { id: 'c1', email: 'ann@acme.example' },
      site: 'eng',
      tool: `tool${count}`,
    });
  }
  trail.record({ event: 'list', decision: 'deny', outcome: 'denied', caller: { id: 'b\u001b[2J\u009b' } });
  await trail.close();
  const config = join(parent, 'switchyard.yaml');
  writeFileSync(config, fileWith(`audit: { directory: ${directory}, key: "${KEY}" }\n`));
  return { directory, config, head };
}

function audit(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
  return runSwitchyard(['audit', ...args], env);
}

describe('switchyard audit, given what is wrong', () => {
  it('exits 1 when a line was changed, and says which', async () => {
    const { directory, config } = await openPlace();
    const [log = ''] = readdirSync(directory).filter((name) => name.endsWith('.jsonl'));
    appendFileSync(join(directory, log), '{"event":"call"}\n');

    const text = await audit(['verify', '--config', config]);
    const json = await audit(['verify', '--config', config, '--json']);

    expect(text.code).toBe(1);
    expect(text.stdout).toContain(`${join(directory, log)}:8: the file goes on after the trail was closed\n`);
    expect(text.stdout).toMatch(/The trail is NOT whole: 1 finding\(s\)\.\n$/);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      findings: [{ line: 8, kind: 'after_close' }],
    });
  });

  it.each<[string, (dir: string) => readonly string[], Readonly<Record<string, string>>, number, string]>([
    ['nothing to say where', () => ['verify'], {}, 2, 'Name the configuration file'],
    ['no key', (dir) => ['verify', '--dir', dir], {}, 2, 'The key is needed'],
    [
      'a short key',
      (dir) => ['verify', '--dir', dir],
      { SWITCHYARD_AUDIT_KEY: 'short' },
      2,
      'at least 32 bytes',
    ],
    [
      'a head that is none',
      (dir) => ['verify', '--dir', dir, '--head', 'x'],
      { SWITCHYARD_AUDIT_KEY: KEY },
      2,
      'host:seq:mac',
    ],
    [
      'a time that is none',
      (dir) => ['query', '--dir', dir, '--since', 'yesterday'],
      {},
      2,
      '--since yesterday',
    ],
    ['a limit that is none', (dir) => ['query', '--dir', dir, '--limit', '0'], {}, 2, '--limit 0'],
    [
      'a configuration that is not there',
      () => ['verify'],
      { SWITCHYARD_CONFIG: 'none.yaml' },
      3,
      'cannot be read',
    ],
    [
      'a directory that is not there',
      () => ['query', '--dir', '/nowhere'],
      {},
      4,
      '/nowhere cannot be read (ENOENT)',
    ],
  ])('ends with an exit code and a sentence: %s', async (_what, args, env, code, fragment) => {
    const { directory } = await openPlace();

    const end = await refused(['audit', ...args(directory)], env);

    expect(end).toEqual({ code, message: expect.stringContaining(fragment) });
    expect(end.message).not.toContain(KEY);
  });

  it('does not call an empty directory whole', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'switchyard-empty-'));
    onTestFinished(() => rmSync(empty, { recursive: true }));

    expect(await refused(['audit', 'verify', '--dir', empty], { SWITCHYARD_AUDIT_KEY: KEY })).toEqual({
      code: 4,
      message: `There is no audit trail in ${empty}`,
    });
  });

  it('exits 3 for a configuration without the block', async () => {
    const { config } = await openPlace();
    writeFileSync(config, fileWith(''));

    expect(await refused(['audit', 'verify', '--config', config])).toEqual({
      code: 3,
      message: `${config} has no block "audit", so no trail is written`,
    });
  });
});

describe('switchyard audit', () => {
  it('exits 0 when the trail is whole: by configuration, by key, with a head that was kept', async () => {
    const place = await openPlace();
    const whole = 'one: 1 file(s), 7 line(s), 1 to 7\nThe trail is whole.\n';
    const env = { SWITCHYARD_AUDIT_KEY: KEY };

    expect(await audit(['verify', '--config', place.config])).toEqual({ code: 0, stdout: whole, stderr: '' });
    expect(await audit(['verify', '--dir', place.directory, '--head', place.head], env)).toMatchObject({
      code: 0,
    });
    expect(await audit(['verify', '--dir', place.directory, '--partial', '--json'], env)).toMatchObject({
      code: 0,
    });
  });

  it('finds lines without the key, as a table that steers no terminal or as JSON', async () => {
    const place = await openPlace();
    const table = await audit(['query', '--dir', place.directory]);
    const json = await audit([
      'query',
      '--dir',
      place.directory,
      '--tool',
      'tool2',
      '--caller',
      'ann@acme.example',
      '--json',
    ]);
    const limited = await audit(['query', '--config', place.config, '--limit', '2', '--json']);

    expect(table.stdout.split('\n').map((line) => line.split(/\s+/)[1])).toEqual([
      'EVENT',
      'call',
      'call',
      'call',
      'call',
      'list',
      undefined,
    ]);
    expect(table.stdout).toContain('b?[2J?');
    expect(JSON.parse(json.stdout)).toMatchObject({ records: [{ event: 'call', tool: 'tool2' }] });
    expect((JSON.parse(limited.stdout) as { records: unknown[] }).records).toHaveLength(2);
  });

  it('exports a file that can be larger than memory, one line after the other', async () => {
    const { directory } = await openPlace();
    const { code, stdout, stderr } = await audit(['export', '--dir', directory, '--format', 'ocsf']);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { class_uid: number }).class_uid),
    ).toEqual(Array(5).fill(6003));
    expect(stdout).not.toContain('\u009b');
  });
});
