import { describe, expect, it } from 'vitest';

import type { TelemetryEvent } from '../src/index.ts';
import { samplesOf, silentTelemetry, siteNamed } from './samples.ts';

const cases: { event: TelemetryEvent; sample: string; value: number }[] = [
  {
    event: { type: 'server-operation', method: 'tools/list', durationMs: 3 },
    sample: 'mcp_server_operation_duration_seconds_sum{mcp_method_name="tools/list",error_type=""}',
    value: 0.003,
  },
  {
    event: { type: 'server-operation', method: 'tools/call', errorType: 'denied', durationMs: 1500 },
    sample: 'mcp_server_operation_duration_seconds_sum{mcp_method_name="tools/call",error_type="denied"}',
    value: 1.5,
  },
  {
    event: {
      type: 'client-operation',
      method: 'initialize',
      site: 'eng',
      errorType: 'timeout',
      durationMs: 400,
    },
    sample:
      'mcp_client_operation_duration_seconds_sum{mcp_method_name="initialize",error_type="timeout",site="eng"}',
    value: 0.4,
  },
  {
    event: { type: 'tool-call', site: 'eng', product: 'jira', access: 'read', outcome: 'tool_error' },
    sample: 'switchyard_tool_calls_total{site="eng",product="jira",access="read",outcome="tool_error"}',
    value: 1,
  },
  {
    event: { type: 'site-state', site: 'ops', up: false },
    sample: 'switchyard_site_up{site="ops"}',
    value: 0,
  },
  {
    event: { type: 'site-state', site: 'ops', up: true, tools: 52 },
    sample: 'switchyard_site_tools{site="ops"}',
    value: 52,
  },
  {
    event: { type: 'discovery', durationMs: 250, statuses: { ok: 2 } },
    sample: 'switchyard_discovery_duration_seconds_sum',
    value: 0.25,
  },
  {
    event: { type: 'discovery', durationMs: 250, statuses: { 'under-scoped': 2 } },
    sample: 'switchyard_discovery_sites{status="under-scoped"}',
    value: 2,
  },
  {
    event: { type: 'list-cache', tier: 'redis', result: 'stale' },
    sample: 'switchyard_tool_list_cache_total{tier="redis",result="stale"}',
    value: 1,
  },
  {
    event: { type: 'sessions', site: 'eng', count: 4 },
    sample: 'switchyard_upstream_sessions{site="eng"}',
    value: 4,
  },
  {
    event: { type: 'retry', site: 'eng', reason: 'session_lost' },
    sample: 'switchyard_upstream_retries_total{site="eng",reason="session_lost"}',
    value: 1,
  },
  {
    event: { type: 'broken-off', site: 'eng', reason: 'cancelled' },
    sample: 'switchyard_answers_broken_off_total{site="eng",reason="cancelled"}',
    value: 1,
  },
  {
    event: { type: 'circuit', site: 'eng', state: 'half-open' },
    sample: 'switchyard_circuit_state{site="eng"}',
    value: 1,
  },
  {
    event: { type: 'circuit', site: 'eng', state: 'open' },
    sample: 'switchyard_circuit_state{site="eng"}',
    value: 2,
  },
  {
    event: { type: 'policy-denial', reason: 'product' },
    sample: 'switchyard_policy_denials_total{reason="product"}',
    value: 1,
  },
  {
    event: { type: 'auth-failure', method: 'basic', reason: 'bad_credential' },
    sample: 'switchyard_auth_failures_total{method="basic",reason="bad_credential"}',
    value: 1,
  },
  {
    event: { type: 'rate-limited', site: 'ops' },
    sample: 'switchyard_rate_limited_total{site="ops"}',
    value: 1,
  },
  {
    event: { type: 'definition-change', site: 'ops', kind: 'changed' },
    sample: 'switchyard_tool_definition_changes_total{site="ops",kind="changed"}',
    value: 1,
  },
  { event: { type: 'redis', up: false }, sample: 'switchyard_redis_up', value: 0 },
  { event: { type: 'audit-state', writable: false }, sample: 'switchyard_audit_writable', value: 0 },
  { event: { type: 'audit-lost', count: 7 }, sample: 'switchyard_audit_lost_total', value: 7 },
  {
    event: { type: 'config-reload', ok: false },
    sample: 'switchyard_config_last_reload_successful',
    value: 0,
  },
];

describe('an event', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, -5])(
    'with the duration %s neither throws nor counts',
    async (durationMs) => {
      const telemetry = silentTelemetry();

      telemetry.emit({ type: 'server-operation', method: 'ping', durationMs });

      expect([...(await samplesOf(telemetry)).keys()].filter((name) => name.includes('ping'))).toEqual([]);
    },
  );

  it('about a site that the configuration does not name counts as _other', async () => {
    const telemetry = silentTelemetry();

    telemetry.emit({ type: 'rate-limited', site: 'gone' });

    expect((await samplesOf(telemetry)).get('switchyard_rate_limited_total{site="_other"}')).toBe(1);
  });

  it('about the state of a site that the configuration does not name is left alone, lest an alarm never end', async () => {
    const telemetry = silentTelemetry();
    const before = await samplesOf(telemetry);

    telemetry.emit({ type: 'site-state', site: 'gone', up: false, tools: 3, fetchedAt: 1 });
    telemetry.emit({ type: 'circuit', site: 'gone', state: 'open' });
    telemetry.emit({ type: 'sessions', site: 'gone', count: 9 });

    expect(await samplesOf(telemetry)).toEqual(before);
  });

  it.each(cases)('$event.type is seen as $sample', async ({ event, sample, value }) => {
    const telemetry = silentTelemetry();

    telemetry.emit(event);

    expect((await samplesOf(telemetry)).get(sample)).toBe(value);
  });

  it('has a case here, whatever its type', () => {
    const types = new Set(cases.map(({ event }) => event.type));

    expect(types.size).toBe(18);
  });

  it('of a discovery sets the statuses that it leaves out to 0', async () => {
    const telemetry = silentTelemetry();

    telemetry.emit({ type: 'discovery', durationMs: 1, statuses: { unavailable: 2 } });
    telemetry.emit({ type: 'discovery', durationMs: 1, statuses: { ok: 2 } });

    expect((await samplesOf(telemetry)).get('switchyard_discovery_sites{status="unavailable"}')).toBe(0);
  });
});

describe('the series', () => {
  it('of states and of rare counters exist before the first event', async () => {
    const samples = await samplesOf(silentTelemetry());

    expect(samples.get('switchyard_redis_up')).toBe(1);
    expect(samples.get('switchyard_config_last_reload_successful')).toBe(1);
    expect(samples.get('switchyard_site_up{site="ops"}')).toBe(1);
    expect(samples.get('switchyard_circuit_state{site="ops"}')).toBe(0);
    expect(samples.get('switchyard_rate_limited_total{site="eng"}')).toBe(0);
    expect(samples.get('switchyard_upstream_retries_total{site="eng",reason="not_sent"}')).toBe(0);
    expect(samples.get(`switchyard_build_info{version="1.2.3",node="${process.version}"}`)).toBe(1);
  });

  it('of the age of a tool list are made at the time of the scrape', async () => {
    let time = 1_000_000;
    const telemetry = silentTelemetry({ now: () => time });
    telemetry.emit({ type: 'site-state', site: 'eng', up: true, fetchedAt: time });

    time += 42_000;

    const samples = await samplesOf(telemetry);
    expect(samples.get('switchyard_tool_list_age_seconds{site="eng"}')).toBe(42);
    expect(samples.has('switchyard_tool_list_age_seconds{site="ops"}')).toBe(false);
  });

  it('of a site disappear when a reload removes it, and those of the others keep their values', async () => {
    const telemetry = silentTelemetry();
    for (const site of ['eng', 'ops']) {
      telemetry.emit({ type: 'client-operation', method: 'tools/list', site, durationMs: 1 });
      telemetry.emit({ type: 'tool-call', site, product: 'jira', access: 'read', outcome: 'ok' });
      telemetry.emit({ type: 'site-state', site, up: false, tools: 2, fetchedAt: 1 });
    }

    telemetry.setSites(['ops', 'new'].map(siteNamed));

    const samples = await samplesOf(telemetry);
    expect([...samples.keys()].filter((name) => name.includes('site="eng"'))).toEqual([]);
    expect(samples.get('switchyard_site_up{site="ops"}')).toBe(0);
    expect(samples.get('switchyard_site_up{site="new"}')).toBe(1);
    expect(
      samples.get('switchyard_tool_calls_total{site="ops",product="jira",access="read",outcome="ok"}'),
    ).toBe(1);
  });

  it('of a site that keeps its name and changes its cloudId say the new one alone', async () => {
    const telemetry = silentTelemetry({ sites: [siteNamed('eng')] });

    telemetry.setSites([{ ...siteNamed('eng'), cloudId: 'another' }]);

    const infos = [...(await samplesOf(telemetry)).keys()].filter((name) =>
      name.startsWith('switchyard_site_info'),
    );
    expect(infos).toEqual(['switchyard_site_info{site="eng",cloud_id="another",host="eng.atlassian.net"}']);
  });

  it('of two telemetries in one process are apart', async () => {
    const [one, two] = [silentTelemetry(), silentTelemetry()];

    one.emit({ type: 'redis', up: false });

    expect((await samplesOf(two)).get('switchyard_redis_up')).toBe(1);
  });
});
