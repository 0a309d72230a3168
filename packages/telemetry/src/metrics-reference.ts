import { type LabelDomain, type MetricRow, metricTable } from './metric-table.ts';

/** The number of series that the table allows for so many sites, whatever requests do (I8). */
export function seriesLimit(sites: number): number {
  return metricTable.reduce((sum, row) => sum + rowLimit(row, sites), 0);
}

/** docs/metrics.md, whole: every metric of the table and every closed set of label values. */
export function renderMetricsReference(): string {
  return [
    '# Metrics',
    '',
    'Generated from the metric table of `packages/telemetry`; a test fails when this page differs from it.',
    '',
    'Switchyard serves them at `/metrics` on the admin listener, as Prometheus text or, where the scrape asks for it, as',
    'OpenMetrics. Beside them stand the `process_*` and `nodejs_*` metrics of prom-client.',
    '',
    'No request can create a series: the value of a label is the name of a site of the configuration or one of a closed',
    'set, and anything else is counted as `_other`. A gauge of a site that the configuration does not name is not kept.',
    'Series of a site disappear when a reload removes it.',
    '',
    '## Table',
    '',
    ...renderTable(['Name', 'Type', 'Labels', 'Meaning'], metricTable.map(metricCells)),
    '',
    '## Label values',
    '',
    ...renderTable(['Label', 'Metrics', 'Values'], labelCells()),
    '',
    '## How many series',
    '',
    'At most these, by the number of sites; what really occurs is a small part of it, since most combinations never happen.',
    '',
    ...renderTable(
      ['Sites', 'Series at most'],
      [1, 3, 12].map((sites) => [String(sites), String(seriesLimit(sites))]),
    ),
    '',
  ].join('\n');
}

function rowLimit(row: MetricRow, sites: number): number {
  // A histogram has its buckets, the one up to infinity, the sum and the count.
  const lines = row.type === 'histogram' ? (row.buckets?.length ?? 0) + 3 : 1;
  return Object.values(row.labels).reduce((product, domain) => product * domainSize(domain, sites), lines);
}

function domainSize(domain: LabelDomain, sites: number): number {
  if (domain === 'fixed') return 1;
  return (domain === 'site' ? sites : domain.length) + 1;
}

function metricCells(row: MetricRow): string[] {
  const labels = Object.keys(row.labels).map((label) => `\`${label}\``);
  const buckets = row.buckets === undefined ? '' : ` Buckets: ${row.buckets.join(', ')}.`;
  return [`\`${row.name}\``, row.type, labels.join(', ') || '–', row.help + buckets];
}

function labelCells(): string[][] {
  const sources = new Map<LabelDomain, { labels: Set<string>; metrics: string[] }>();
  for (const row of metricTable) {
    for (const [label, domain] of Object.entries(row.labels)) {
      const source = sources.get(domain) ?? { labels: new Set(), metrics: [] };
      source.labels.add(`\`${label}\``);
      source.metrics.push(`\`${row.name}\``);
      sources.set(domain, source);
    }
  }
  return [...sources].map(([domain, { labels, metrics }]) => [
    [...labels].join(', '),
    metrics.length > 3 ? `${metrics.length} metrics` : metrics.join(', '),
    describeDomain(domain),
  ]);
}

function describeDomain(domain: LabelDomain): string {
  if (domain === 'site') return 'the names of the sites of the configuration';
  if (domain === 'fixed') return 'set by the process or the configuration, never by an event';
  return domain.map((value) => (value === '' ? 'empty (success)' : `\`${value}\``)).join(', ');
}

function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[], filler: string): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width, filler)).join(' | ')} |`;
  return [line(head, ' '), line([], '-'), ...rows.map((row) => line(row, ' '))];
}
