import type { Registry } from 'prom-client';

import { createInstrument } from './instrument.ts';
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
  readonly values: readonly string[];
  readonly record: (value: number) => void;
}

/** The series by their label values, one level for each label: finding one makes nothing. */
interface Level {
  readonly next: Map<string, Level>;
  series: Series | undefined;
}

/** What the names of the configuration are now: shared by all families, changed by its owner. */
export interface FamilyContext {
  readonly registry: Registry;
  readonly siteNames: ReadonlySet<string>;
}

/** Registers the metric of one row of the table. */
export function createMetricFamily(row: MetricRow, context: FamilyContext): MetricFamily {
  const labelNames = Object.keys(row.labels);
  const accepts = Object.values(row.labels).map((domain) => acceptor(domain, context.siteNames));
  const instrument = createInstrument(row, context.registry);
  const all = new Set<Series>();
  let root = createLevel();

  /** The place of label values; those that are not of the label's domain are `other` (I8). */
  function placeOf(values: readonly string[]): Level {
    let level = root;
    for (let at = 0; at < accepts.length; at += 1) {
      const value = values[at] ?? '';
      level = level.next.get(value) ?? below(level, accepts[at]?.(value) === true ? value : otherLabel);
    }
    return level;
  }

  function create(given: readonly string[]): Series {
    const values = labelNames.map((_, at) => {
      const value = given[at] ?? '';
      return accepts[at]?.(value) === true ? value : otherLabel;
    });
    const series = { values, record: instrument.child(values) };
    all.add(series);
    return series;
  }

  // A state that is set for an unknown site would stay for ever and raise false alarms: late news of a removed site.
  const stateSite = row.type === 'gauge' ? Object.values(row.labels).indexOf('site') : -1;
  const isForeignState = (values: readonly string[]): boolean =>
    stateSite >= 0 && !context.siteNames.has(values[stateSite] ?? '');

  const record = (values: readonly string[], value: number): void => {
    if (!Number.isFinite(value) || value < 0 || isForeignState(values)) return;
    const place = placeOf(values);
    place.series ??= create(values);
    place.series.record(value);
  };

  return {
    record,
    start: () => {
      if (row.start === undefined) return;
      for (const values of combinations(Object.values(row.labels), context.siteNames)) {
        if (placeOf(values).series === undefined) record(values, row.start);
      }
    },
    removeIf: (test) => {
      for (const series of all) {
        if (!test(Object.fromEntries(labelNames.map((name, at) => [name, series.values[at] ?? '']))))
          continue;
        instrument.remove(series.values);
        all.delete(series);
      }
      root = createLevel();
      for (const series of all) placeOf(series.values).series = series;
    },
  };
}

function createLevel(): Level {
  return { next: new Map(), series: undefined };
}

function below(level: Level, value: string): Level {
  const known = level.next.get(value);
  if (known) return known;
  const created = createLevel();
  level.next.set(value, created);
  return created;
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
