import { type Telemetry, type TelemetryOptions, type TelemetrySite, createTelemetry } from '../src/index.ts';

/** A site of the configuration, for tests. */
export const siteNamed = (name: string): TelemetrySite => ({
  name,
  cloudId: `cloud-${name}`,
  host: `${name}.atlassian.net`,
});

/** Telemetry whose log goes nowhere and whose clock stands still at `time` milliseconds. */
export const silentTelemetry = (options: Partial<TelemetryOptions> = {}): Telemetry =>
  createTelemetry({ sites: ['eng', 'ops'].map(siteNamed), version: '1.2.3', logLevel: 'silent', ...options });

/** Every sample line of the exposition without those of the process: `name{labels}` to value. */
export async function samplesOf(telemetry: Telemetry, accept?: string): Promise<Map<string, number>> {
  const { body } = await telemetry.metrics(accept);
  const lines = body.split('\n').filter((line) => /^(switchyard|mcp)_/.test(line));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}
