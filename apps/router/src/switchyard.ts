import type { IncomingMessage, ServerResponse } from 'node:http';

import { createTelemetry, type LogDestination, type Telemetry } from '@switchyard/telemetry';
import { createRedisStore } from '@switchyard/tool-cache';

import type { Config } from './config/config.ts';
import { createGateway, type Gateway } from './gateway/gateway.ts';
import { isMcpPath } from './gateway/url-views.ts';
import { createAdminApp } from './http/admin-app.ts';
import { type Listener, listen } from './http/listeners.ts';
import { createMcpEndpoint } from './http/mcp-endpoint.ts';
import { createGate } from './http/mcp-gate.ts';
import { createMcpHandlers } from './http/mcp-handlers.ts';
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
  const telemetry = createTelemetry({
    sites: [],
    version: VERSION,
    ...(config.logLevel === 'silent' ? { destination: { write: () => {} } } : { logLevel: config.logLevel }),
    ...(logDestination && { destination: logDestination }),
  });
  const link = connectRedis(config, telemetry);
  const gateway = createGateway(config, {
    telemetry,
    shared: link && createRedisStore({ redis: link.redis }),
  });
  telemetry.setSites(gateway.runtime().directory.sites);
  const state = { draining: false };
  const reload = createReload({ gateway, telemetry, readConfig });
  const admin = await listen(
    createAdminApp({
      gateway,
      telemetry,
      reload,
      isDraining: () => state.draining,
      degraded: () => (link && !link.isUp() ? ['redis'] : []),
    }),
    config.admin,
  );
  const mcp = await listenForMcp({ config, gateway, telemetry }).catch(async (error: unknown) => {
    await admin.close(0);
    throw error;
  });
  telemetry.log.info(
    { url: mcp.publicUrl, admin: admin.url, sites: gateway.runtime().directory.sites.length },
    'listening',
  );

  let closing: Promise<void> | undefined;
  async function shutDown(): Promise<void> {
    state.draining = true;
    await mcp.listener.close(config.limits.drainTimeoutMs);
    await gateway.close();
    link?.close();
    await admin.close(0);
    telemetry.log.info({}, 'stopped');
  }
  return { publicUrl: mcp.publicUrl, adminUrl: admin.url, reload, close: () => (closing ??= shutDown()) };
}

interface Parts {
  readonly config: Config;
  readonly gateway: Gateway;
  readonly telemetry: Telemetry;
}

/** MCP messages are taken before Express, which costs more than all that Switchyard does with one. */
async function listenForMcp({
  config,
  gateway,
  telemetry,
}: Parts): Promise<{ publicUrl: string; listener: Listener }> {
  const address = { publicUrl: config.publicUrl ?? '' };
  const publicUrl = (): string => address.publicUrl;
  const gate = createGate({
    gateway,
    sameSite: createSameSiteCheck(config.listen.host, config.publicUrl),
    publicUrl,
    onRefused: (method, reason) => telemetry.emit({ type: 'auth-failure', method, reason }),
  });
  const endpoint = createMcpEndpoint({
    gate,
    handlerOf: createMcpHandlers({ gateway, telemetry }),
    telemetry,
  });
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
}: Omit<Parts, 'config'> & { readConfig: () => Config }): () => string[] {
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
