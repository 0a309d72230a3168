import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { createIdSource, type IdSource } from '@switchyard/wire';
import { Agent } from 'undici';

import { type Circuit, createCircuit } from './circuit.ts';
import { createEras, type Eras } from './eras.ts';
import { createKeptSockets, type KeptSockets } from './kept-sockets.ts';
import { listAllTools } from './list-all-tools.ts';
import { probeModern } from './modern-session.ts';
import { respondTo } from './respond.ts';
import { createSending } from './sending.ts';
import { createSessionCalls } from './session-calls.ts';
import { createSessionPool, type SessionPool } from './session-pool.ts';
import { openSession, type Session } from './session.ts';
import type { Interest } from './site-watch.ts';
import { createStagger, type Stagger } from './stagger.ts';
import type { SessionRef, UpstreamAnswer, UpstreamEvent, UpstreamRequest, UpstreamTarget } from './target.ts';
import { createToolPages, type ToolPage } from './tool-pages.ts';
import { UpstreamError } from './upstream-error.ts';
import { createWatches, type WatchesOptions } from './watches.ts';

/** The sites' side of Switchyard: warm sessions, retries that cannot write twice, one circuit a site. */
export interface Upstream {
  /** Sends one request. Throws UpstreamError; an error that the site itself gives is an answer. */
  send(target: UpstreamTarget, request: UpstreamRequest): Promise<UpstreamAnswer>;
  /** All pages of tools/list as the JSON text of one array. Throws UpstreamError. */
  listTools(target: UpstreamTarget, signal: AbortSignal): Promise<string>;
  /** What the site offers this credential: opens a session when none is warm. Throws UpstreamError. */
  capabilities(target: UpstreamTarget): Promise<Readonly<Record<string, unknown>>>;
  /** Sends the client's answer to a request that the site made on a session, whoever opened that. Throws UpstreamError. */
  respond(target: UpstreamTarget, ref: SessionRef, message: string): Promise<void>;
  /**
   * While somebody is interested, a site of the modern era is asked to tell what changes there; one with sessions tells on
   * their streams. Returns the way to stop.
   */
  watch(target: UpstreamTarget, interest: Interest): () => void;
  /** Whether a site can be asked to tell of single resources. Never rejects. */
  tells(target: UpstreamTarget): Promise<boolean>;
  /** Ends every session. Idempotent. */
  close(): Promise<void>;
}

export interface UpstreamOptions {
  readonly clientInfo: { readonly name: string; readonly version: string };
  /** Connections to one origin for requests. */
  readonly connections?: number;
  readonly connectTimeoutMs?: number;
  readonly initializeTimeoutMs?: number;
  readonly listTimeoutMs?: number;
  readonly maxSessions?: number;
  readonly sessionIdleMs?: number;
  /** A bound for one answer, in bytes. */
  readonly maxAnswerBytes?: number;
  readonly circuit?: { readonly failures: number; readonly openMs: number; readonly maxOpenMs: number };
  readonly now?: () => number;
  readonly onEvent?: (event: UpstreamEvent) => void;
}

const CLOSE_MS = 1_000;
const PROBE_MS = 2_000;

type Settings = Required<UpstreamOptions>;

const DEFAULTS = {
  connections: 256,
  connectTimeoutMs: 5_000,
  initializeTimeoutMs: 8_000,
  listTimeoutMs: 15_000,
  maxSessions: 10_000,
  sessionIdleMs: 600_000,
  maxAnswerBytes: 256 * 1024 * 1024,
  circuit: { failures: 5, openMs: 2_000, maxOpenMs: 30_000 },
  now: Date.now,
  onEvent: () => {},
} as const;

export function createUpstream(options: UpstreamOptions): Upstream {
  const settings: Settings = { ...DEFAULTS, ...options };
  const agents = createAgents(settings);
  const sockets = createKeptSockets({ ...settings, maxPerOrigin: settings.connections });
  const observe = createObserver(settings);
  const circuitOf = createCircuits(settings);
  const ids = createIdSource(randomBytes(9).toString('base64url'));
  const stagger = createStagger();
  const eras = createErasFor(settings, { agents, sockets, ids, stagger });
  const pool = createSessionPool({
    open: (target) => observe(target, 'initialize', () => eras.open(target)),
    maxSessions: settings.maxSessions,
    idleMs: settings.sessionIdleMs,
    onCount: (site, count) => settings.onEvent({ type: 'sessions', site, count }),
  });
  const watches = createWatches({
    openModern: eras.openModern,
    dispatcher: agents.streams,
    stagger,
    onNotification: createAnnouncer(settings),
  });
  const sendOnce = createSessionCalls({
    pool,
    sockets,
    ids,
    maxAnswerBytes: settings.maxAnswerBytes,
  });

  const send = createSending({ sendOnce, circuitOf, now: settings.now, onEvent: settings.onEvent });
  const readPage = createToolPages();
  let closing: Promise<void> | undefined;

  return {
    send,
    listTools(target, signal) {
      const request = {
        method: 'tools/list',
        idempotent: true,
        timeoutMs: settings.listTimeoutMs,
        signal,
      } as const;
      const { host } = new URL(target.endpoint);
      const page = async (paramsText: string): Promise<ToolPage> =>
        readPage(await send(target, { ...request, paramsText }), host);
      return listAllTools(page, host);
    },
    capabilities: async (target) => offeredTo(target, await pool.get(target)),
    respond: (target, ref, message) => respondTo(agents.calls, { target, ref, message }),
    watch: watches.begin,
    tells: watches.tells,
    close() {
      stagger.close();
      watches.close();
      return (closing ??= closeAll(pool, agents).finally(() => sockets.close()));
    },
  };
}

/** Saying goodbye to the sites is a courtesy; one that hangs must not keep the process. */
async function closeAll(pool: SessionPool, { calls, streams }: Agents): Promise<void> {
  const courtesy = new AbortController();
  await Promise.race([pool.close(), delay(CLOSE_MS, undefined, { signal: courtesy.signal })]);
  courtesy.abort();
  await Promise.allSettled([calls.destroy(), streams.destroy()]);
}

interface Agents {
  readonly calls: Agent;
  readonly streams: Agent;
}

function createAgents({ connections, connectTimeoutMs, initializeTimeoutMs }: Settings): Agents {
  const connect = { timeout: connectTimeoutMs };
  return {
    // Requests have a deadline of their own: a tool may think for minutes before its first byte.
    calls: new Agent({ connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0, connect }),
    streams: new Agent({ headersTimeout: initializeTimeoutMs, bodyTimeout: 0, connect }),
  };
}

interface Means {
  readonly agents: Agents;
  readonly sockets: KeptSockets;
  readonly ids: IdSource;
  readonly stagger: Stagger;
}

/** A resource is subscribed to in another way in each era: who speaks the one cannot do so at a site of the other. */
function offeredTo({ era = 'legacy' }: UpstreamTarget, session: Session): Session['capabilities'] {
  const { capabilities } = session;
  const { resources } = capabilities;
  if (session.era === era || resources === null || typeof resources !== 'object') return capabilities;
  return { ...capabilities, resources: { ...resources, subscribe: undefined } };
}

/** A site says that something changed. */
function createAnnouncer({ onEvent }: Settings): WatchesOptions['onNotification'] {
  return ({ endpoint, credential }, method, params) =>
    onEvent({ type: 'notification', endpoint, credentialId: credential.id, method, params });
}

function createErasFor(settings: Settings, { agents, ...means }: Means): Eras {
  const { clientInfo, maxAnswerBytes, initializeTimeoutMs: timeoutMs } = settings;
  const announce = createAnnouncer(settings);
  return createEras({
    openLegacy: (target) =>
      openSession({
        target,
        timeoutMs,
        clientInfo,
        maxAnswerBytes,
        ...agents,
        ...means,
        onNotification: (method, params) => announce(target, method, params),
      }),
    probe: (target) => probeModern({ target, clientInfo, dispatcher: agents.calls, timeoutMs: PROBE_MS }),
  });
}

type Observe = <T>(target: UpstreamTarget, method: string, work: () => Promise<T>) => Promise<T>;

function createObserver({ now, onEvent }: Settings): Observe {
  return async function observe(target, method, work) {
    const startedAt = now();
    let errorType: string | undefined;
    try {
      return await work();
    } catch (error) {
      errorType = error instanceof UpstreamError ? error.code : 'unavailable';
      throw error;
    } finally {
      onEvent({ type: 'operation', method, site: target.site, errorType, durationMs: now() - startedAt });
    }
  };
}

/** One circuit a site label; labels come from the configuration, so their number is bounded. */
function createCircuits({ circuit, now, onEvent }: Settings): (site: string) => Circuit {
  const bySite = new Map<string, Circuit>();
  return (site) => {
    const known = bySite.get(site);
    if (known) return known;
    const created = createCircuit({
      ...circuit,
      now,
      onChange: (state) => onEvent({ type: 'circuit', site, state }),
    });
    bySite.set(site, created);
    return created;
  };
}
