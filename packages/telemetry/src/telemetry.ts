import { type LogDestination, type LogFields, type LogLevel, type Logger, createLogger } from './logger.ts';
import { type TelemetrySite, createMetrics } from './metrics.ts';
import type { Exposition } from './open-metrics.ts';
import type { TelemetryEvent } from './telemetry-event.ts';

/** Events in, metrics and log lines out. */
export interface Telemetry {
  /** Counts a fact. Never throws, never waits, and costs a few map look-ups. */
  readonly emit: (event: TelemetryEvent) => void;
  readonly log: Logger;
  /** The answer to a scrape; `accept` is its Accept header. */
  readonly metrics: (accept?: string) => Promise<Exposition>;
  /** Takes the sites of a new configuration: series of sites that are gone disappear. */
  readonly setSites: (sites: readonly TelemetrySite[]) => void;
}

/** `version` is Switchyard's own. `base` is on every log line; lines go to stderr unless a destination is given. */
export interface TelemetryOptions {
  readonly sites: readonly TelemetrySite[];
  readonly version: string;
  readonly logLevel?: LogLevel;
  readonly destination?: LogDestination;
  readonly base?: LogFields;
  /** Whether it observes the process (memory, event loop, collections), which one in a process should; true by default. */
  readonly ofProcess?: boolean;
  /** Milliseconds since 1970; the clock of the machine by default. */
  readonly now?: () => number;
}

/** The telemetry of one process. It opens nothing that must be closed. */
export function createTelemetry(options: TelemetryOptions): Telemetry {
  const { sites, version, logLevel, destination, base, ofProcess = true, now = Date.now } = options;
  const metrics = createMetrics({ version, now, ofProcess });
  metrics.setSites(sites);
  return {
    emit: metrics.record,
    log: createLogger({ level: logLevel, destination, base }),
    metrics: metrics.expose,
    setSites: metrics.setSites,
  };
}
