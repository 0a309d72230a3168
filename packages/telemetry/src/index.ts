export type {
  AuthMethod,
  AuthReason,
  CacheResult,
  CacheTier,
  ChangeKind,
  CircuitState,
  Outcome,
  SiteStatus,
} from './label-sets.ts';
export type { LogDestination, LogFields, Logger, LogLevel } from './logger.ts';
export { type LabelDomain, type MetricRow, metricTable } from './metric-table.ts';
export type { TelemetrySite } from './metrics.ts';
export { renderMetricsReference } from './metrics-reference.ts';
export type { Exposition } from './open-metrics.ts';
export { createTelemetry, type Telemetry, type TelemetryOptions } from './telemetry.ts';
export type { TelemetryEvent } from './telemetry-event.ts';
