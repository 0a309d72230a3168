import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { metricTable } from '../packages/telemetry/src/index.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const hasPromtool = spawnSync('sh', ['-c', 'command -v promtool']).status === 0;

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
}

interface PrometheusConfig {
  readonly rule_files: string[];
  readonly scrape_configs: {
    readonly job_name: string;
    readonly metrics_path: string;
    readonly static_configs: { readonly targets: string[] }[];
  }[];
}

const { groups } = parse(read('deploy/prometheus-rules.yml')) as {
  readonly groups: { readonly rules: Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);
const prometheus = parse(read('deploy/prometheus.yml')) as PrometheusConfig;
const config = parse(read('deploy/switchyard.yaml')) as { readonly admin: { readonly port: number } };

// What Prometheus adds to every target, and what a query may say that is neither metric nor label.
const ownWords = new Set([
  'up',
  'job',
  'instance',
  'min',
  'max',
  'sum',
  'by',
  'increase',
  'rate',
  'm',
  'switchyard',
]);

describe('the alert rules', () => {
  it('cover what was asked for', () => {
    expect(rules.map(({ alert }) => alert).toSorted()).toEqual([
      'AtlassianRateLimited',
      'CircuitOpen',
      'ConfigReloadFailed',
      'RedisDegraded',
      'RouterDown',
      'SiteDown',
    ]);
  });

  it.each(rules)('$alert asks for nothing that the metric table does not have', ({ expr }) => {
    const words = [...expr.matchAll(/[a-zA-Z_]\w*/g)]
      .map(([word]) => word)
      .filter((word) => !ownWords.has(word));
    const metrics = metricTable.filter((row) => words.includes(row.name));
    const known = metrics.flatMap((row) => [row.name, ...Object.keys(row.labels)]);

    expect(words.filter((word) => !known.includes(word))).toEqual([]);
    expect(metrics.length > 0 || expr.startsWith('up{')).toBe(true);
  });

  it.each(rules)('$alert waits, has a severity and leads to a section that exists', (rule) => {
    expect(rule.for).toMatch(/^\d+m$/);
    expect(rule.labels['severity']).toMatch(/^(critical|warning)$/);
    expect(rule.annotations['summary']).not.toBe('');
    expect(rule.annotations['runbook']).toBe(`docs/deployment.md#${rule.alert.toLowerCase()}`);
    expect(read('docs/deployment.md')).toContain(`\n### ${rule.alert}\n`);
  });

  it.runIf(hasPromtool)('pass promtool check rules', () => {
    const { status, stderr } = spawnSync(
      'promtool',
      ['check', 'rules', '--lint=all', '--lint-fatal', join(root, 'deploy/prometheus-rules.yml')],
      {
        encoding: 'utf8',
      },
    );

    expect({ status, stderr }).toMatchObject({ status: 0 });
  });
});

describe('deploy/prometheus.yml', () => {
  it('scrapes the admin listeners of both routers, under the job name that the rules use', () => {
    expect(prometheus.scrape_configs).toEqual([
      {
        job_name: 'switchyard',
        metrics_path: '/metrics',
        static_configs: [{ targets: ['router-1', 'router-2'].map((name) => `${name}:${config.admin.port}`) }],
      },
    ]);
  });

  it('reads the rules that lie beside it', () => {
    expect(prometheus.rule_files).toEqual(['prometheus-rules.yml']);
  });

  it.runIf(hasPromtool)('passes promtool check config', () => {
    const { status, stderr } = spawnSync(
      'promtool',
      ['check', 'config', join(root, 'deploy/prometheus.yml')],
      { encoding: 'utf8' },
    );

    expect({ status, stderr }).toMatchObject({ status: 0 });
  });
});
