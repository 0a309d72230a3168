import { createHash, randomBytes } from 'node:crypto';

import { createInbound, type Identified, type Inbound } from '@switchyard/identity';
import type { Telemetry } from '@switchyard/telemetry';
import type { ToolListStore } from '@switchyard/tool-cache';
import { createUpstream, type Upstream } from '@switchyard/upstream';
import { createIdSource, type IdSource } from '@switchyard/wire';

import type { Config } from '../config/config.ts';
import { VERSION } from '../version.ts';
import { type ChangeHub, changeKey, createChangeHub } from './change-hub.ts';
import { createListTelemetry, createUpstreamTelemetry, type SiteNotification } from './gateway-telemetry.ts';
import { createInFlight, type InFlight } from './in-flight.ts';
import { createListAnswers, type ListAnswers } from './list-answers.ts';
import { createParkedCalls, type ParkedCalls } from './parked-calls.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import { createSealers, type Sealer } from './sealer.ts';
import { createSiteLists, type SiteLists } from './site-lists.ts';
import { createSiteRelay, type SiteRelay } from './site-relay.ts';
import { createSiteTools } from './site-tools.ts';
import { createToolCalls, type CallTool } from './tool-calls.ts';
import { verifyCredential } from './verify-credential.ts';

/** The inside of the process: everything but the sockets. */
export interface Gateway {
  /** The rules in force; a reload exchanges them whole. */
  runtime(): Runtime;
  readonly inbound: Inbound;
  readonly answers: ListAnswers;
  readonly callTool: CallTool;
  readonly relay: SiteRelay;
  readonly parked: ParkedCalls;
  readonly inFlight: InFlight;
  readonly hub: ChangeHub;
  /** Unique over all requests that share an upstream session. */
  readonly progressTokens: IdSource;
  sealerOf(identified: Identified): Sealer;
  /** Takes a new configuration; settings that need a restart are named and left as they were. */
  reload(config: Config): string[];
  close(): Promise<void>;
}

const VERIFY_TIMEOUT_MS = 10_000;
const TOOLS_CHANGED = 'notifications/tools/list_changed';

export function createGateway(
  config: Config,
  { telemetry, shared }: { telemetry: Telemetry; shared: ToolListStore | undefined },
): Gateway {
  const credentialKey = keyFor(config);
  const state = { runtime: createRuntime(config, credentialKey) };
  const runtime = (): Runtime => state.runtime;
  const { hub, lists, upstream } = createSites(config, { telemetry, shared, runtime });
  const parked = createParkedCalls();
  const inbound = createInboundFor({ runtime, upstream, telemetry, credentialKey });
  return {
    runtime,
    hub,
    parked,
    inbound,
    inFlight: createInFlight(),
    relay: createSiteRelay(upstream),
    progressTokens: createIdSource(randomBytes(9).toString('base64url')),
    sealerOf: createSealers(sealingKey(config)),
    answers: createListAnswers({
      collect: createSiteTools(lists),
      onDiscovery: (statuses, durationMs) => telemetry.emit({ type: 'discovery', statuses, durationMs }),
    }),
    callTool: createToolCalls({ upstream, lists, onUnauthorized: (id) => inbound.forget(id) }),
    reload(next) {
      const restart = needsRestart(state.runtime.config, next);
      state.runtime = createRuntime(next, credentialKey);
      inbound.configure(inboundSettings(state.runtime));
      telemetry.setSites(state.runtime.directory.sites);
      return restart;
    },
    async close() {
      parked.close();
      inbound.close();
      await lists.close();
      await upstream.close();
    },
  };
}

interface Surroundings {
  readonly telemetry: Telemetry;
  readonly shared: ToolListStore | undefined;
  readonly runtime: () => Runtime;
}

/** The sites' side: sessions, tool lists, and the news of both. */
function createSites(
  config: Config,
  { telemetry, shared, runtime }: Surroundings,
): { hub: ChangeHub; upstream: Upstream; lists: SiteLists } {
  const hub = createChangeHub();
  const upstream = createUpstreamFor(config, createUpstreamTelemetry(telemetry, announce));
  const lists: SiteLists = createSiteLists({
    upstream,
    shared,
    freshMs: config.discovery.freshSeconds * 1_000,
    staleMs: config.discovery.staleSeconds * 1_000,
    concurrency: config.discovery.concurrency,
    onEvent: createListTelemetry(telemetry, {
      index: (list) => lists.index(list),
      onChanged: ({ scope, endpoint }) =>
        hub.publish({ key: changeKey(scope.split(':')[0] ?? '', endpoint), method: TOOLS_CHANGED }),
    }),
  });

  /** A site says that something changed: its tool list is asked for anew, open streams are told. */
  function announce({ endpoint, credentialId, method, params }: SiteNotification): void {
    const key = changeKey(credentialId, endpoint);
    hub.publish(method === TOOLS_CHANGED ? { key, method } : { key, method, params });
    if (method !== TOOLS_CHANGED) return;
    for (const site of runtime().directory.sites) {
      if (site.endpoint === endpoint) void lists.invalidate(runtime().listKey(site, credentialId));
    }
  }
  return { hub, upstream, lists };
}

function createInboundFor({
  runtime,
  upstream,
  telemetry,
  credentialKey,
}: {
  readonly runtime: () => Runtime;
  readonly upstream: Upstream;
  readonly telemetry: Telemetry;
  readonly credentialKey: Uint8Array;
}): Inbound {
  return createInbound({
    ...inboundSettings(runtime()),
    credentialKey,
    verify: (credential, signal) =>
      verifyCredential(credential, {
        upstream,
        sites: runtime().directory.sites,
        signal,
        timeoutMs: VERIFY_TIMEOUT_MS,
      }),
    onFailure: ({ method, reason, cause }) => {
      telemetry.emit({ type: 'auth-failure', method, reason });
      telemetry.log.warn({ method, reason, cause }, 'caller refused');
    },
    onNotice: (notice) => telemetry.log.info({ ...notice }, 'caller noticed'),
  });
}

function createUpstreamFor(
  { limits }: Config,
  onEvent: ReturnType<typeof createUpstreamTelemetry>,
): Upstream {
  return createUpstream({
    clientInfo: { name: 'switchyard', version: VERSION },
    connections: limits.upstreamConnections,
    maxSessions: limits.upstreamSessions,
    maxAnswerBytes: limits.maxAnswerBytes,
    onEvent,
  });
}

function inboundSettings(runtime: Runtime): Parameters<Inbound['configure']>[0] {
  return {
    apiToken: { enabled: runtime.config.apiTokenEnabled },
    admits: (caller) => runtime.admits(caller),
  };
}

/**
 * Caller and credential ids are keyed hashes that appear in Redis keys, so replicas must agree on the
 * key: what they already share and nobody else knows is the address of their Redis. Tokens are long
 * and random; the key only keeps an id from being recognised elsewhere.
 */
function keyFor({ redisUrl }: Config): Uint8Array {
  if (!redisUrl) return randomBytes(32);
  return createHash('sha256').update(`switchyard credential key\n${redisUrl.reveal()}`).digest();
}

/**
 * What sealed state rests on besides the caller's own credential: every secret that replicas share
 * and callers do not know. Without any, all sessions are opened with the callers' own credentials,
 * and what is sealed tells a caller nothing about anybody else.
 */
function sealingKey({ redisUrl, serviceCredentials }: Config): Uint8Array | undefined {
  const services = [...serviceCredentials.values()].map((account) =>
    'apiToken' in account ? account.apiToken.reveal() : account.serviceAccountKey.reveal(),
  );
  const secrets = [redisUrl?.reveal(), ...services].filter((secret) => secret !== undefined);
  return secrets.length === 0 ? undefined : createHash('sha256').update(JSON.stringify(secrets)).digest();
}

/** Settings that are built into sockets, pools and caches. */
const FIXED: readonly (readonly [string, (config: Config) => unknown])[] = [
  ['publicUrl', (config) => config.publicUrl],
  ['listen', (config) => config.listen],
  ['admin', (config) => config.admin],
  ['redis', (config) => config.redisUrl?.reveal()],
  ['discovery.freshSeconds', (config) => config.discovery.freshSeconds],
  ['discovery.staleSeconds', (config) => config.discovery.staleSeconds],
  ['discovery.concurrency', (config) => config.discovery.concurrency],
  ['limits.upstreamConnections', (config) => config.limits.upstreamConnections],
  ['limits.upstreamSessions', (config) => config.limits.upstreamSessions],
  ['limits.maxAnswerBytes', (config) => config.limits.maxAnswerBytes],
  ['log', (config) => config.logLevel],
];

function needsRestart(before: Config, after: Config): string[] {
  return FIXED.filter(([, of]) => JSON.stringify(of(before)) !== JSON.stringify(of(after))).map(
    ([name]) => name,
  );
}
