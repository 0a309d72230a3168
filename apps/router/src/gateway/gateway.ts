import { randomBytes } from 'node:crypto';

import {
  type Authentication,
  createAuthentication,
  createInbound,
  type DurableState,
  type Identified,
  type Inbound,
  type OwnTokens,
} from '@switchyard/identity';
import type { Telemetry } from '@switchyard/telemetry';
import type { ToolListStore } from '@switchyard/tool-cache';
import { createUpstream, type Upstream } from '@switchyard/upstream';
import { createIdSource, type IdSource } from '@switchyard/wire';

import type { Config } from '../config/config.ts';
import { sealingKeyOf } from '../secrets.ts';
import { VERSION } from '../version.ts';
import { type Admission, createAdmission } from './admission.ts';
import type { Audit } from './audit-trail.ts';
import { type Auditing, createAuditing } from './auditing.ts';
import { type Cancellations, createCancellations } from './cancellations.ts';
import { type ChangeHub, changeKey, createChangeHub } from './change-hub.ts';
import type { GuardedLists } from './drift-lists.ts';
import { createDefinitionRules } from './drift-rules.ts';
import type { DriftState } from './drift-state.ts';
import { createDrift, type Drift } from './drift.ts';
import { createExplainer, type Explainer } from './explain.ts';
import { createListTelemetry, createUpstreamTelemetry, type SiteNotification } from './gateway-telemetry.ts';
import { createInFlight, type InFlight } from './in-flight.ts';
import type { KillSwitches } from './kill-switches.ts';
import { createListAnswers, type ListAnswers } from './list-answers.ts';
import { createListBudgets, type ListBudget } from './list-budgets.ts';
import { createParkedCalls, type ParkedCalls } from './parked-calls.ts';
import { createParkedElsewhere, type ParkedElsewhere } from './parked-elsewhere.ts';
import { createQuestions, type Questions } from './questions.ts';
import { createReplicaNews, NO_REPLICAS, type ReplicaNews } from './replica-news.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import { createSealers, type Sealer } from './sealer.ts';
import { createSiteChanges, type SiteChanges } from './site-changes.ts';
import { createSiteLists, type SiteLists } from './site-lists.ts';
import { createSiteRelay, type SiteRelay } from './site-relay.ts';
import { createSiteTools } from './site-tools.ts';
import { createToolCalls, type CallTool } from './tool-calls.ts';
import { createToolCatalogues } from './tool-catalogues.ts';
import { verifyCredential } from './verify-credential.ts';

/** The inside of the process: everything but the sockets. */
export interface Gateway {
  /** The rules in force; a reload exchanges them whole. */
  runtime(): Runtime;
  readonly authenticate: Authentication['authenticate'];
  /** Whether a known caller is served right now. */
  readonly admit: Admission;
  readonly answers: ListAnswers;
  readonly callTool: CallTool;
  /** What the lists of the URLs that were asked lately cost their clients. */
  budgets(): ListBudget[];
  readonly explainer: Explainer;
  readonly relay: SiteRelay;
  /** The sites themselves: to verify a credential, for example. */
  readonly upstream: Upstream;
  readonly parked: ParkedCalls;
  readonly questions: Questions;
  readonly parkedElsewhere: ParkedElsewhere;
  readonly inFlight: InFlight;
  readonly cancellations: Cancellations;
  readonly changes: SiteChanges;
  readonly drift: Drift;
  /** Unique over all requests that share an upstream session. */
  readonly progressTokens: IdSource;
  readonly auditing: Auditing;
  sealerOf(identified: Identified): Sealer;
  /** From now on callers may come with tokens of Switchyard's own. */
  acceptOwnTokens(own: OwnTokens): void;
  /** Takes a new configuration; settings that need a restart are named and left as they were. */
  reload(config: Config): string[];
  close(): Promise<void>;
}

const VERIFY_TIMEOUT_MS = 10_000;
const TOOLS_CHANGED = 'notifications/tools/list_changed';

/** What the gateway is given: where facts go, where lists are shared, what an admin has stopped. */
interface GatewayPorts {
  readonly telemetry: Telemetry;
  readonly shared: ToolListStore | undefined;
  /** Keeps what sites changed and what was approved, and brings news between replicas. */
  readonly durable: DurableState;
  readonly switches: KillSwitches;
  readonly audit: Audit;
  /** At least 32 bytes, the same on every replica. */
  readonly credentialKey: Uint8Array;
  /** Known once the listener is open. */
  readonly publicUrl: () => string;
}

export function createGateway(
  config: Config,
  { telemetry, shared, durable, switches, publicUrl, credentialKey, audit }: GatewayPorts,
): Gateway {
  const surroundings = { credentialKey, switches, publicUrl };
  const state = { runtime: createRuntime(config, surroundings) };
  const runtime = (): Runtime => state.runtime;
  const { hub, drift, lists, upstream } = createSites(config, { telemetry, shared, durable, runtime });
  const sealingKey = sealingKeyOf(config);
  const news = config.redisUrl && sealingKey ? createReplicaNews(durable, sealingKey) : NO_REPLICAS;
  const underWay = createUnderWay(news, durable);
  const explainer = createExplainer(lists);
  const inbound = createInboundFor({ runtime, upstream, telemetry, credentialKey });
  const doors = { authentication: createAuthentication({ apiTokens: inbound, own: undefined }) };
  const auditing = createAuditing(audit);
  const gates = { admit: createAdmission(config, switches) };
  return {
    runtime,
    upstream,
    changes: createSiteChanges(hub, upstream),
    drift,
    ...underWay.calls,
    explainer,
    authenticate: (authorization, place) => doors.authentication.authenticate(authorization, place),
    admit: (identified, address) => gates.admit(identified, address),
    acceptOwnTokens(own) {
      doors.authentication = createAuthentication({ apiTokens: inbound, own });
    },
    auditing,
    relay: createSiteRelay({ upstream, refuses: audit.refuses }),
    progressTokens: createIdSource(randomBytes(9).toString('base64url')),
    sealerOf: createSealers(sealingKey),
    ...createToolAnswers({ telemetry, lists, upstream, explainer, inbound, audit }),
    reload(next) {
      const restart = needsRestart(state.runtime.config, next);
      state.runtime = createRuntime(next, surroundings);
      inbound.configure(inboundSettings(state.runtime));
      gates.admit = createAdmission(next, switches);
      telemetry.setSites(state.runtime.directory.sites);
      return restart;
    },
    async close() {
      underWay.close();
      inbound.close();
      drift.close();
      await lists.close();
      await upstream.close();
    },
  };
}

/** Calls that wait for a person or may be given up, whichever replica hears of it. */
function createUnderWay(
  news: ReplicaNews,
  state: DurableState,
): {
  readonly calls: Pick<Gateway, 'parked' | 'parkedElsewhere' | 'questions' | 'inFlight' | 'cancellations'>;
  close(): void;
} {
  const parked = createParkedCalls();
  const questions = createQuestions(news);
  const parkedElsewhere = createParkedElsewhere({ news, state, parked });
  const inFlight = createInFlight();
  const cancellations = createCancellations(inFlight, news);
  return {
    calls: { parked, parkedElsewhere, questions, inFlight, cancellations },
    close() {
      parked.close();
      parkedElsewhere.close();
      questions.close();
      cancellations.close();
    },
  };
}

/** What is said about tools: lists, calls, and what the lists cost. */
function createToolAnswers(parts: {
  readonly telemetry: Telemetry;
  readonly lists: GuardedLists;
  readonly upstream: Upstream;
  readonly explainer: Explainer;
  readonly inbound: Inbound;
  readonly audit: Audit;
}): Pick<Gateway, 'answers' | 'budgets' | 'callTool'> {
  const { telemetry, lists, upstream, explainer, inbound, audit } = parts;
  const collect = createSiteTools(lists);
  const budgets = createListBudgets(telemetry.log);
  return {
    budgets: () => budgets.all(),
    answers: createListAnswers({
      collect,
      budgets,
      onDiscovery: (statuses, durationMs) => telemetry.emit({ type: 'discovery', statuses, durationMs }),
    }),
    callTool: createToolCalls({
      upstream,
      lists,
      explainer,
      catalogueOf: createToolCatalogues(collect),
      refuses: audit.refuses,
      onUnauthorized: (credential) => {
        credential.refused?.();
        inbound.forget(credential.id);
      },
    }),
  };
}

interface Surroundings {
  readonly telemetry: Telemetry;
  readonly shared: ToolListStore | undefined;
  readonly durable: DriftState;
  readonly runtime: () => Runtime;
}

/** The sites' side: sessions, tool lists, and the news of both. */
function createSites(
  config: Config,
  { telemetry, shared, durable, runtime }: Surroundings,
): { hub: ChangeHub; drift: Drift; upstream: Upstream; lists: GuardedLists } {
  const hub = createChangeHub();
  const drift = createDrift({
    state: durable,
    telemetry,
    ruleOf: createDefinitionRules(runtime),
    onApproved: ({ endpoint }) => hub.publishAt(endpoint, TOOLS_CHANGED),
  });
  const upstream = createUpstreamFor(config, createUpstreamTelemetry(telemetry, announce));
  const lists: SiteLists = createSiteLists({
    upstream,
    shared,
    freshMs: config.discovery.freshSeconds * 1_000,
    staleMs: config.discovery.staleSeconds * 1_000,
    concurrency: config.discovery.concurrency,
    onEvent: createListTelemetry(telemetry, {
      index: (list) => lists.index(list),
      onLoaded: (event) => drift.observe(event, lists),
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
  return { hub, drift, upstream, lists: drift.guard(lists) };
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
  [
    'auth.oauth',
    (config) => config.oauth && { ...config.oauth, clientSecret: config.oauth.clientSecret.reveal() },
  ],
  ['audit', (config) => config.audit],
  ['log', (config) => config.logLevel],
];

function needsRestart(before: Config, after: Config): string[] {
  return FIXED.filter(([, of]) => JSON.stringify(of(before)) !== JSON.stringify(of(after))).map(
    ([name]) => name,
  );
}
