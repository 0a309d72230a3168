import { Gauge, type Metric, type Registry } from 'prom-client';

import type { MetricRow } from './metric-table.ts';

/** One label combination of a metric: adds to a counter, sets a gauge or observes seconds. */
type Record = (value: number) => void;

/** One metric on a registry. Label values are in the order of the row. */
export interface Instrument {
  child(values: readonly string[]): Record;
  remove(values: readonly string[]): void;
}

/** A line of the exposition. */
interface Sample {
  readonly metricName?: string;
  readonly labels: Readonly<globalThis.Record<string, string | number>>;
  readonly value: number;
}

/** Registers the metric of one row of the table. */
export function createInstrument(row: MetricRow, registry: Registry): Instrument {
  return row.type === 'gauge' ? createGauge(row, registry) : createTally(row, registry);
}

function createGauge(row: MetricRow, registry: Registry): Instrument {
  const gauge = new Gauge({
    name: row.name,
    help: row.help,
    labelNames: Object.keys(row.labels),
    registers: [registry],
  });
  return {
    child(values) {
      const bound = gauge.labels(...values);
      return (value) => bound.set(value);
    },
    remove: (values) => gauge.remove(...values),
  };
}

/** What a counter or a histogram has counted under one combination of labels. */
interface Cell {
  readonly record: Record;
  samples(labels: Sample['labels']): Sample[];
}

/**
 * Counters and histograms are kept here and only written by prom-client, whose own ones write, check and look up all
 * labels anew with each value: every call changes three of them.
 */
function createTally(row: MetricRow, registry: Registry): Instrument {
  const names = Object.keys(row.labels);
  const cells = new Map<string, { readonly labels: Sample['labels']; readonly cell: Cell }>();
  const get = async (): Promise<object> => ({
    name: row.name,
    help: row.help,
    type: row.type,
    aggregator: 'sum',
    values: [...cells.values()].flatMap(({ labels, cell }) => cell.samples(labels)),
  });
  const metric = { name: row.name, help: row.help, type: row.type, get, reset: () => cells.clear() };
  // The registry asks a metric for these and for nothing else.
  registry.registerMetric(metric as unknown as Metric);
  return {
    child(values) {
      const labels = Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
      const cell = row.type === 'counter' ? createCount() : createHistogram(row);
      cells.set(keyOf(values), { labels, cell });
      return cell.record;
    },
    remove: (values) => void cells.delete(keyOf(values)),
  };
}

function keyOf(values: readonly string[]): string {
  return JSON.stringify(values);
}

function createCount(): Cell {
  let total = 0;
  return {
    record: (value) => void (total += value),
    samples: (labels) => [{ labels, value: total }],
  };
}

function createHistogram({ name, buckets = [] }: MetricRow): Cell {
  const counts = buckets.map(() => 0);
  let sum = 0;
  let count = 0;
  return {
    record(value) {
      sum += value;
      count += 1;
      let at = 0;
      while (at < buckets.length && value > (buckets[at] ?? 0)) at += 1;
      if (at < buckets.length) counts[at] = (counts[at] ?? 0) + 1;
    },
    samples(labels) {
      let below = 0;
      const inBuckets = buckets.map((bound, at) => {
        below += counts[at] ?? 0;
        return { metricName: `${name}_bucket`, labels: { le: bound, ...labels }, value: below };
      });
      return [
        ...inBuckets,
        { metricName: `${name}_bucket`, labels: { le: '+Inf', ...labels }, value: count },
        { metricName: `${name}_sum`, labels, value: sum },
        { metricName: `${name}_count`, labels, value: count },
      ];
    },
  };
}
