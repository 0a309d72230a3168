import { createMemoryState } from '@switchyard/identity';
import { createTelemetry } from '@switchyard/telemetry';
import { describe, expect, it } from 'vitest';

import { RESTART_SETTINGS, renderConfigurationReference } from '../../src/config/configuration-reference.ts';
import { configSchema } from '../../src/config/json-schema.ts';
import { parseConfig } from '../../src/config/load-config.ts';
import { settingRows } from '../../src/config/setting-rows.ts';
import { createAudit } from '../../src/gateway/audit-trail.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import { createKillSwitches } from '../../src/gateway/kill-switches.ts';
import { fileWith } from './config-texts.ts';

const EVERYTHING_ELSE = fileWith(`publicUrl: https://mcp.acme.example
listen: { port: 1 }
admin: { port: 2 }
redis: { url: redis://redis }
auth: { apiToken: { enabled: true }, ipAllowlist: [10.0.0.0/8] }
trustedProxies: [10.0.0.1]
discovery: { deadlineMs: 1, freshSeconds: 2, staleSeconds: 3, concurrency: 4 }
limits: { callTimeoutMs: 1, maxBodyBytes: 2000, maxAnswerBytes: 3000, upstreamConnections: 4, upstreamSessions: 5, drainTimeoutMs: 6 }
log: { level: silent }
`);

describe('docs/configuration.md', () => {
  it('is what the schema says; `vitest -u` writes it anew', async () => {
    await expect(renderConfigurationReference()).toMatchFileSnapshot('../../../../docs/configuration.md');
  });

  it('has a row with a meaning for every setting', () => {
    const rows = settingRows(configSchema());

    expect(rows.length).toBeGreaterThan(40);
    expect(rows.filter(({ meaning }) => meaning === '')).toEqual([]);
    expect(rows.filter(({ path }) => !renderConfigurationReference().includes(`\`${path}\``))).toEqual([]);
  });

  it('names every setting that a reload leaves as it was', async () => {
    const source = { path: 'switchyard.yaml', env: {} };
    const telemetry = createTelemetry({ sites: [], version: '0', destination: { write: () => {} } });
    const durable = createMemoryState();
    const switches = await createKillSwitches(durable, telemetry.log);
    const gateway = createGateway(parseConfig(fileWith(''), source), {
      telemetry,
      shared: undefined,
      durable,
      switches,
      credentialKey: new Uint8Array(32),
      publicUrl: () => 'http://127.0.0.1',
      audit: createAudit(undefined, { telemetry }),
    });

    const needRestart = gateway.reload(parseConfig(EVERYTHING_ELSE, source));
    await gateway.close();
    switches.close();

    expect(needRestart.length).toBeGreaterThan(5);
    expect(RESTART_SETTINGS).toEqual(expect.arrayContaining(needRestart));
  });
});
