import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import { createTelemetry, type LogDestination, type Telemetry } from '@switchyard/telemetry';
import { createRedisStore } from '@switchyard/tool-cache';

import type { Config } from './config/config.ts';
import { createGateway, type Gateway } from './gateway/gateway.ts';
import { isMcpPath } from './gateway/url-views.ts';
import { createAdminApp } from './http/admin-app.ts';
import { type ChangeStreams, createChangeStreams } from './http/change-stream.ts';
import { type Listener, listen } from './http/listeners.ts';
import { createMcpEndpoint } from './http/mcp-endpoint.ts';
import { createGate } from './http/mcp-gate.ts';
import { createMcpHandlers } from './http/mcp-handlers.ts';
import { createMcpMessages } from './http/mcp-messages.ts';
import { createPublicApp } from './http/public-app.ts';
import { createSameSiteCheck } from './http/same-site.ts';
import { connectRedis } from './redis.ts';
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
}

/** The composition root: builds every part, wires them, opens the two listeners. Rejects when an address cannot be had. */
export async function startSwitchyard({
  config,
  readConfig,
  logDestination,
}: SwitchyardOptions): Promise<Switchyard> {
  const telemetry = createTelemetryFor(config, logDestination);
  const link = connectRedis(config, telemetry);
  const gateway = createGateway(config, {
    telemetry,
    shared: link && createRedisStore({ redis: link.redis }),
  });
  telemetry.setSites(gateway.runtime().directory.sites);
  const streams = createChangeStreams(gateway.hub);
  const state = { draining: false };
  const opened: Listener[] = [];

  let closing: Promise<void> | undefined;
  async function shutDown(): Promise<void> {
    state.draining = true;
    if (opened.length > 0) await delay(config.limits.drainDelayMs);
    streams.close();
    // MCP was opened last and closes first: health is answered until the end.
    for (const listener of opened.toReversed()) await listener.close(config.limits.drainTimeoutMs);
    await gateway.close();
    link?.close();
    telemetry.log.info({}, 'stopped');
  }
  const close = (): Promise<void> => (closing ??= shutDown());

  const reload = createReload({ gateway, telemetry, readConfig });
  const isDraining = (): boolean => state.draining;
  const degraded = (): string[] => (link && !link.isUp() ? ['redis'] : []);
  try {
    await link?.settled();
    const admin = await listen(
      createAdminApp({ gateway, telemetry, reload, isDraining, degraded }),
      config.admin,
    );
    opened.push(admin);
    const mcp = await listenForMcp({ config, gateway, telemetry, streams });
    opened.push(mcp.listener);
    const sites = gateway.runtime().directory.sites.length;
    telemetry.log.info({ url: mcp.publicUrl, admin: admin.url, sites }, 'listening');
    return { publicUrl: mcp.publicUrl, adminUrl: admin.url, reload, close };
  } catch (error) {
    await close();
    throw error;
  }
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

interface Parts {
  readonly config: Config;
  readonly gateway: Gateway;
  readonly telemetry: Telemetry;
  readonly streams: ChangeStreams;
}

/** MCP messages are taken before Express, which costs more than all that Switchyard does with one. */
async function listenForMcp({
  config,
  gateway,
  telemetry,
  streams,
}: Parts): Promise<{ publicUrl: string; listener: Listener }> {
  const address = { publicUrl: config.publicUrl ?? '' };
  const publicUrl = (): string => address.publicUrl;
  const gate = createGate({
    gateway,
    sameSite: createSameSiteCheck(config.listen.host, config.publicUrl),
    publicUrl,
    onRefused: (method, reason) => telemetry.emit({ type: 'auth-failure', method, reason }),
  });
  const handlerOf = createMcpHandlers({ gateway, telemetry, streams });
  const messages = createMcpMessages({ gateway, telemetry, streams, handlerOf });
  const endpoint = createMcpEndpoint({ gate, messages, telemetry });
  const app = createPublicApp({ gateway, publicUrl });
  const listener = await listen((req: IncomingMessage, res: ServerResponse) => {
    if (isMcpPath(pathOf(req))) void endpoint(req, res);
    else app(req, res);
  }, config.listen);
  if (address.publicUrl === '') address.publicUrl = listener.url;
  return { publicUrl: address.publicUrl, listener };
}

function pathOf({ url = '/' }: IncomingMessage): string {
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}

function createReload({
  gateway,
  telemetry,
  readConfig,
}: Pick<Parts, 'gateway' | 'telemetry'> & { readConfig: () => Config }): () => string[] {
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
