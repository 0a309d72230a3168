import { setTimeout as delay } from 'node:timers/promises';

import { createTelemetry, type LogDestination, type Telemetry } from '@switchyard/telemetry';

import { createProcessAdminApi } from './admin/process-admin-api.ts';
import type { Config } from './config/config.ts';
import { createAdminApp } from './http/admin-app.ts';
import { type Listener, listen } from './http/listeners.ts';
import { listenForMcp } from './http/mcp-listener.ts';
import { buildParts, type Parts } from './parts.ts';
import { VERSION } from './version.ts';

/** A running Switchyard. */
export interface Switchyard {
  /** The address that clients use, without a path. */
  readonly publicUrl: string;
  readonly adminUrl: string;
  /** Reads the configuration again and exchanges it whole; throws what is wrong and keeps the old one. */
  reload(): string[];
  /** Stops taking requests, lets those under way finish, closes everything. Idempotent. */
  close(): Promise<void>;
}

export interface SwitchyardOptions {
  readonly config: Config;
  /** For reloads. */
  readonly readConfig: () => Config;
  /** Where log lines go; stderr by default. */
  readonly logDestination?: LogDestination;
  /** Whether the first callers find everything compiled, for half a second more of start. */
  readonly warm?: boolean;
}

/** Buffers of a few KB come out of pieces of this size; Node's own 8 KB would be a new piece for every other answer. */
const BUFFER_POOL_BYTES = 65_536;

/** The composition root: builds every part, opens the two listeners. Rejects when an address cannot be had. */
export async function startSwitchyard(options: SwitchyardOptions): Promise<Switchyard> {
  Buffer.poolSize = BUFFER_POOL_BYTES;
  const { config, readConfig, logDestination, warm = false } = options;
  const telemetry = createTelemetryFor(config, logDestination);
  const warmth = warm ? await import('./warm-up/warm-up.ts') : undefined;
  await warmth?.warmUp(telemetry.log);
  const parts = await buildParts(config, telemetry);
  const { gateway } = parts;
  const state = { draining: false };
  const opened: Listener[] = [];

  let closing: Promise<void> | undefined;
  async function shutDown(): Promise<void> {
    state.draining = true;
    // Without a delay nothing is taken any more from this very moment on.
    if (opened.length > 0 && config.limits.drainDelayMs > 0) await delay(config.limits.drainDelayMs);
    parts.streams.close();
    // MCP was opened last and closes first: health is answered until the end.
    for (const listener of opened.toReversed()) await listener.close(config.limits.drainTimeoutMs);
    await parts.close();
    telemetry.log.info({}, 'stopped');
  }
  const close = (): Promise<void> => (closing ??= shutDown());

  const reload = createReload(parts, readConfig);
  try {
    const api = createProcessAdminApi(parts, reload);
    const isDraining = (): boolean => state.draining;
    const app = createAdminApp({ telemetry, api, isDraining, degraded: parts.degraded });
    const admin = await listen(app, config.admin);
    opened.push(admin);
    const mcp = await listenForMcp(config, parts);
    opened.push(mcp);
    parts.settlePublicUrl(mcp.url);
    const publicUrl = parts.publicUrl();
    await parts.doors.open(publicUrl);
    warmth?.collectGarbage();
    const sites = gateway.runtime().directory.sites.length;
    telemetry.log.info({ url: publicUrl, admin: admin.url, sites }, 'listening');
    return { publicUrl, adminUrl: admin.url, reload, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function createReload({ gateway, telemetry }: Parts, readConfig: () => Config): () => string[] {
  return function reload() {
    try {
      const needsRestart = gateway.reload(readConfig());
      telemetry.emit({ type: 'config-reload', ok: true });
      telemetry.log.info({ needsRestart }, 'configuration reloaded');
      return needsRestart;
    } catch (error) {
      telemetry.emit({ type: 'config-reload', ok: false });
      telemetry.log.error({ error }, 'configuration not reloaded, the old one stays');
      throw error;
    }
  };
}

function createTelemetryFor({ logLevel }: Config, destination: LogDestination | undefined): Telemetry {
  const silent = { destination: { write: () => {} } };
  return createTelemetry({
    sites: [],
    version: VERSION,
    ...(logLevel === 'silent' ? silent : { logLevel }),
    ...(destination && { destination }),
  });
}
