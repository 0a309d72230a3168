import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

import { otherLabel } from './label-sets.ts';
import type { LabelDomain, MetricRow } from './metric-table.ts';

/** One metric and its series. The label values of a call are in the order of the row. */
export interface MetricFamily {
  /** Adds to a counter, sets a gauge or observes seconds. Never throws; a value that is no number is left out. */
  record(values: readonly string[], value: number): void;
  /** Makes every series that the row starts with and that is missing. */
  start(): void;
  /** Removes the series for whose labels the test says so. */
  removeIf(test: (labels: Readonly<Record<string, string>>) => boolean): void;
}

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly record: (value: number) => void;
}

interface InstrumentConfig {
  name: string;
  help: string;
  labelNames: string[];
  registers: Registry[];
  buckets?: number[];
}

interface Instrument {
  child(values: readonly string[]): (value: number) => void;
  remove(values: readonly string[]): void;
}

/** What the names of the configuration are now: shared by all families, changed by its owner. */
export interface FamilyContext {
  readonly registry: Registry;
  readonly siteNames: ReadonlySet<string>;
}

// prom-client hashes the labels of every call of its own accord; binding them once leaves out the rest of the work.
const instruments = {
  counter: (config) => {
    const metric = new Counter(config);
    return {
      child: (values) => {
        const bound = metric.labels(...values);
        return (value) => bound.inc(value);
      },
      remove: (values) => metric.remove(...values),
    };
  },
  gauge: (config) => {
    const metric = new Gauge(config);
    return {
      child: (values) => {
        const bound = metric.labels(...values);
        return (value) => bound.set(value);
      },
      remove: (values) => metric.remove(...values),
    };
  },
  histogram: (config) => {
    const metric = new Histogram(config);
    return {
      child: (values) => {
        const bound = metric.labels(...values);
        return (value) => bound.observe(value);
      },
      remove: (values) => metric.remove(...values),
    };
  },
} satisfies Record<MetricRow['type'], (config: InstrumentConfig) => Instrument>;

/** Registers the metric of one row of the table. */
export function createMetricFamily(row: MetricRow, context: FamilyContext): MetricFamily {
  const labelNames = Object.keys(row.labels);
  const accepts = Object.values(row.labels).map((domain) => acceptor(domain, context.siteNames));
  const instrument = createInstrument(row, context.registry);
  const series = new Map<string, Series>();

  const create = (key: string): Series => {
    const values = key === '' ? [] : key.split('\0').slice(0, -1);
    const labels = Object.fromEntries(labelNames.map((name, index) => [name, values[index] ?? '']));
    const made = { labels, record: instrument.child(values) };
    series.set(key, made);
    return made;
  };

  const keyOf = (values: readonly string[]): string => {
    let key = '';
    accepts.forEach((accept, index) => {
      const value = values[index] ?? '';
      key += `${accept(value) ? value : otherLabel}\0`;
    });
    return key;
  };

  // A state that is set for an unknown site would stay for ever and raise false alarms: late news of a removed site.
  const stateSite = row.type === 'gauge' ? Object.values(row.labels).indexOf('site') : -1;
  const isForeignState = (values: readonly string[]): boolean =>
    stateSite >= 0 && !context.siteNames.has(values[stateSite] ?? '');

  const record = (values: readonly string[], value: number): void => {
    if (!Number.isFinite(value) || value < 0 || isForeignState(values)) return;
    const key = keyOf(values);
    (series.get(key) ?? create(key)).record(value);
  };

  return {
    record,
    start: () => {
      if (row.start === undefined) return;
      for (const values of combinations(Object.values(row.labels), context.siteNames)) {
        if (!series.has(keyOf(values))) record(values, row.start);
      }
    },
    removeIf: (test) => {
      for (const [key, { labels }] of series) {
        if (!test(labels)) continue;
        instrument.remove(Object.values(labels));
        series.delete(key);
      }
    },
  };
}

function createInstrument(row: MetricRow, registry: Registry): Instrument {
  return instruments[row.type]({
    name: row.name,
    help: row.help,
    labelNames: Object.keys(row.labels),
    registers: [registry],
    ...(row.buckets && { buckets: [...row.buckets] }),
  });
}

function acceptor(domain: LabelDomain, siteNames: ReadonlySet<string>): (value: string) => boolean {
  if (domain === 'fixed') return () => true;
  const known = domain === 'site' ? siteNames : new Set(domain);
  return (value) => known.has(value);
}

function combinations(domains: readonly LabelDomain[], siteNames: ReadonlySet<string>): string[][] {
  let rows: string[][] = [[]];
  for (const domain of domains) {
    const values = domain === 'site' ? [...siteNames] : domain === 'fixed' ? [] : domain;
    rows = rows.flatMap((row) => values.map((value) => [...row, value]));
  }
  return rows;
}
