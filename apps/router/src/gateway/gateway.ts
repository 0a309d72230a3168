import { createHash, randomBytes } from 'node:crypto';

import { createInbound, type Inbound } from '@switchyard/identity';
import type { Telemetry } from '@switchyard/telemetry';
import type { ToolListStore } from '@switchyard/tool-cache';
import { createUpstream, type Upstream } from '@switchyard/upstream';

import type { Config } from '../config/config.ts';
import { VERSION } from '../version.ts';
import { createUpstreamTelemetry, createListTelemetry } from './gateway-telemetry.ts';
import { createListAnswers, type ListAnswers } from './list-answers.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import { createSiteLists, type SiteLists } from './site-lists.ts';
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
  /** Takes a new configuration; settings that need a restart are named and left as they were. */
  reload(config: Config): string[];
  close(): Promise<void>;
}

const VERIFY_TIMEOUT_MS = 10_000;

export function createGateway(
  config: Config,
  { telemetry, shared }: { telemetry: Telemetry; shared: ToolListStore | undefined },
): Gateway {
  const credentialKey = keyFor(config);
  let runtime = createRuntime(config, credentialKey);
  const upstream = createUpstreamFor(
    config,
    createUpstreamTelemetry(telemetry, (event) => forgetLists(event)),
  );
  const lists = createSiteLists({
    upstream,
    shared,
    freshMs: config.discovery.freshSeconds * 1_000,
    staleMs: config.discovery.staleSeconds * 1_000,
    concurrency: config.discovery.concurrency,
    onEvent: createListTelemetry(telemetry),
  });
  const inbound = createInbound({
    ...inboundSettings(runtime),
    credentialKey,
    verify: (credential, signal) =>
      verifyCredential(credential, {
        upstream,
        sites: runtime.directory.sites,
        signal,
        timeoutMs: VERIFY_TIMEOUT_MS,
      }),
    onFailure: ({ method, reason, cause }) => {
      telemetry.emit({ type: 'auth-failure', method, reason });
      telemetry.log.warn({ method, reason, cause }, 'caller refused');
    },
    onNotice: (notice) => telemetry.log.info({ ...notice }, 'caller noticed'),
  });

  function forgetLists({ endpoint, credentialId }: { endpoint: string; credentialId: string }): void {
    for (const site of runtime.directory.sites) {
      if (site.endpoint === endpoint) void lists.invalidate(runtime.listKey(site, credentialId));
    }
  }

  return {
    runtime: () => runtime,
    inbound,
    answers: createListAnswers({
      collect: createSiteTools(lists),
      onDiscovery: (statuses, durationMs) => telemetry.emit({ type: 'discovery', statuses, durationMs }),
    }),
    callTool: createToolCalls({ upstream, lists, onUnauthorized: (id) => inbound.forget(id) }),
    reload(next) {
      const restart = needsRestart(runtime.config, next);
      runtime = createRuntime(next, credentialKey);
      inbound.configure(inboundSettings(runtime));
      telemetry.setSites(runtime.directory.sites);
      return restart;
    },
    close: () => closeAll(inbound, lists, upstream),
  };
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

async function closeAll(inbound: Inbound, lists: SiteLists, upstream: Upstream): Promise<void> {
  inbound.close();
  await lists.close();
  await upstream.close();
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
