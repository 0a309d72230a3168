import { spawnSync } from 'node:child_process';

import { describe, expect, it } from 'vitest';

import { metricTable } from '../src/index.ts';
import { samplesOf, silentTelemetry } from './samples.ts';

const openMetrics = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4';
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

describe('the exposition', () => {
  it.each(['', '*/*', 'text/plain', 'application/openmetrics-text;q=0', 'application/json'])(
    'is Prometheus text for the Accept header "%s"',
    async (accept) => {
      const { contentType, body } = await silentTelemetry().metrics(accept);

      expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(body).not.toContain('# EOF');
    },
  );

  it('is OpenMetrics where the scrape asks for it, and the next classic scrape is still classic', async () => {
    const telemetry = silentTelemetry();
    telemetry.emit({ type: 'rate-limited', site: 'eng' });

    const open = await telemetry.metrics(openMetrics);
    const classic = await telemetry.metrics();

    expect(open.contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(open.body).toContain(
      '# TYPE switchyard_rate_limited counter\nswitchyard_rate_limited_total{site="eng"} 1',
    );
    expect(open.body).toContain('# HELP switchyard_rate_limited Times');
    expect(open.body.endsWith('\n# EOF\n')).toBe(true);
    expect(open.body).not.toContain('\n\n');
    expect(classic.body).toContain('# TYPE switchyard_rate_limited_total counter');
  });

  it('says the same in both formats', async () => {
    const telemetry = silentTelemetry({ now: () => 0 });

    expect(await samplesOf(telemetry, openMetrics)).toEqual(await samplesOf(telemetry));
  });

  it('has the metrics of the process beside those of the table', async () => {
    const { body } = await silentTelemetry().metrics();

    expect(body).toMatch(/^process_cpu_seconds_total \d/m);
    expect(body).toMatch(/^nodejs_eventloop_lag_seconds \d/m);
  });

  it('has no gauge whose name says that it is a counter', async () => {
    const { body } = await silentTelemetry().metrics();

    const gauges = [...body.matchAll(/^# TYPE (\S+) (?!counter)\S+$/gm)].map(([, name]) => name);
    expect(gauges.length).toBeGreaterThan(20);
    expect(gauges.filter((name) => name?.endsWith('_total'))).toEqual([]);
  });

  it.runIf(hasPromtool)('passes promtool check metrics', async () => {
    const { body } = await silentTelemetry().metrics();

    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: body,
      encoding: 'utf8',
    });

    expect({ status, stdout, stderr }).toMatchObject({ status: 0 });
  });
});

describe('the metric table', () => {
  it('names each metric once', () => {
    const names = metricTable.map((row) => row.name);

    expect(new Set(names).size).toBe(names.length);
  });

  it.each(metricTable)('$name follows the rules of Prometheus for names, units and help', (row) => {
    expect(row.name).toMatch(/^(switchyard|mcp)(_[a-z]+)+$/);
    expect(row.name.endsWith('_total')).toBe(row.type === 'counter');
    expect(row.name).not.toMatch(/_(ms|milliseconds|count|sum|bucket|counter|gauge|histogram)$/);
    expect(row.help).toMatch(/\.$/);
    expect(row.help).not.toMatch(/["\\\n]/);
    for (const label of Object.keys(row.labels)) expect(label).toMatch(/^(?!le$)[a-z]+(_[a-z]+)*$/);
    expect(row.buckets !== undefined).toBe(row.type === 'histogram');
    if (row.type === 'histogram') expect(row.name).toMatch(/_seconds$/);
    expect(row.buckets ?? []).toEqual([...(row.buckets ?? [])].sort((a, b) => a - b));
  });
});
