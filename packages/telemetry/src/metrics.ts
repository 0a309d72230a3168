import { Registry, collectDefaultMetrics } from 'prom-client';

import { createEventRecorder } from './event-recorder.ts';
import { otherLabel } from './label-sets.ts';
import { type MetricFamily, createMetricFamily } from './metric-family.ts';
import { metricTable } from './metric-table.ts';
import { type Exposition, toOpenMetrics, wantsOpenMetrics } from './open-metrics.ts';
import type { TelemetryEvent } from './telemetry-event.ts';

/** What the metrics must know about a site of the configuration. */
export interface TelemetrySite {
  /** The value of every `site` label. */
  readonly name: string;
  readonly cloudId: string;
  readonly host: string;
}

/** The metrics of one process. */
export interface Metrics {
  readonly record: (event: TelemetryEvent) => void;
  /** Series of sites that are gone disappear, those of new ones start. */
  readonly setSites: (sites: readonly TelemetrySite[]) => void;
  /** `accept` is the Accept header of the scrape. */
  readonly expose: (accept?: string) => Promise<Exposition>;
}

/** `version` is Switchyard's own; `now` gives milliseconds since 1970; `ofProcess`: prom-client's own metrics of the process. */
export interface MetricsOptions {
  readonly version: string;
  readonly now: () => number;
  readonly ofProcess: boolean;
}

/** Builds every metric of the table on a registry of its own, and the process metrics of prom-client. */
export function createMetrics({ version, now, ofProcess }: MetricsOptions): Metrics {
  const registry = new Registry();
  const siteNames = new Set<string>();
  const listTimes = new Map<string, number>();
  const families = new Map(
    metricTable.map((row) => [row.name, createMetricFamily(row, { registry, siteNames })]),
  );
  const family = (name: string): MetricFamily => {
    const found = families.get(name);
    if (found === undefined) throw new Error(`The metric table has no ${name}`);
    return found;
  };
  const rememberList = (site: string, time: number): void => {
    if (siteNames.has(site)) listTimes.set(site, time);
  };
  const record = createEventRecorder({ family, rememberList });
  if (ofProcess) collectProcessMetrics(registry);
  family('switchyard_build_info').record([version, process.version], 1);

  const setSites = (sites: readonly TelemetrySite[]): void => {
    siteNames.clear();
    for (const { name } of sites) siteNames.add(name);
    const isGone = (site: string | undefined): boolean =>
      site !== undefined && site !== otherLabel && !siteNames.has(site);
    for (const each of families.values()) {
      each.removeIf(({ site }) => isGone(site));
      each.start();
    }
    for (const site of listTimes.keys()) if (isGone(site)) listTimes.delete(site);
    // A site may keep its name and get another cloudId or host, so its line is written anew.
    family('switchyard_site_info').removeIf(() => true);
    for (const { name, cloudId, host } of sites)
      family('switchyard_site_info').record([name, cloudId, host], 1);
  };

  const expose = async (accept = ''): Promise<Exposition> => {
    const ages = family('switchyard_tool_list_age_seconds');
    for (const [site, time] of listTimes) ages.record([site], Math.max(0, now() - time) / 1000);
    const body = await registry.metrics();
    return wantsOpenMetrics(accept) ? toOpenMetrics(body) : { contentType: registry.contentType, body };
  };

  return { record, setSites, expose };
}

// Three gauges of prom-client are called *_total, which promtool rejects; other metrics carry the same numbers.
function collectProcessMetrics(register: Registry): void {
  collectDefaultMetrics({ register });
  for (const { name, type } of register.getMetricsAsArray()) {
    if (String(type) !== 'counter' && name.endsWith('_total')) register.removeSingleMetric(name);
  }
}
