import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { runSwitchyard } from './run-switchyard.ts';

const folder = mkdtempSync(join(tmpdir(), 'switchyard-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A configuration of one site, `eng`. */
function fileOf(name: string, endpoint: string): string {
  const file = join(folder, name);
  const site = `{ cloudId: 11111111-aaaa-4aaa-8aaa-000000000001, url: https://a.atlassian.net, alias: eng, endpoint: "${endpoint}" }`;
  writeFileSync(file, `version: 1\nsites: [${site}]\nauth: { apiToken: { enabled: true } }\n`);
  return file;
}

const V2 = 'https://mcp.atlassian.com/v2/mcp?tools=all';
const NOBODY = 'http://127.0.0.1:1/v2/mcp';

describe('doctor', () => {
  it.each([
    ['a configuration that is none', 3, ['--config', join(folder, 'absent.yaml')]],
    ['a site that is none', 2, ['--config', fileOf('v2.yaml', V2), '--site', 'nowhere']],
    [
      'a check that fails',
      1,
      ['--config', fileOf('sse.yaml', 'https://mcp.atlassian.com/v1/sse'), '--offline'],
    ],
    ['a site that nobody serves', 4, ['--config', fileOf('nobody.yaml', NOBODY)]],
    ['nothing to mend', 0, ['--config', fileOf('fine.yaml', V2), '--offline', '--site', 'eng']],
  ])('with %s exits %i', async (_name, code, args) => {
    const [plain, asJson] = await Promise.all([
      runSwitchyard(['doctor', ...args]),
      runSwitchyard(['doctor', '--json', ...args]),
    ]);

    expect([plain.code, asJson.code]).toEqual([code, code]);
    // Nothing but text: this is no terminal.
    expect(plain.stdout).not.toContain('\u001B');
    if (code === 2 || code === 3) {
      expect(plain.stdout).toBe('');
      expect(JSON.parse(asJson.stdout)).toMatchObject({ ok: false });
      return;
    }
    const { ok, findings } = JSON.parse(asJson.stdout) as {
      ok: boolean;
      findings: { code: string; level: string }[];
    };
    expect(ok).toBe(code === 0);
    for (const finding of findings)
      expect(plain.stdout).toMatch(new RegExp(`^${finding.level} +${finding.code} `, 'm'));
  });
});
