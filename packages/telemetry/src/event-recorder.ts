import { circuitStates, siteStatuses } from './label-sets.ts';
import type { MetricFamily } from './metric-family.ts';
import type { TelemetryEvent } from './telemetry-event.ts';

type Recorders = {
  readonly [T in TelemetryEvent['type']]: (event: Extract<TelemetryEvent, { type: T }>) => void;
};

/** What the recorder needs: the families by name, and a place for the times of the tool lists. */
export interface RecorderPorts {
  readonly family: (name: string) => MetricFamily;
  /** `fetchedAt` in milliseconds since 1970. */
  readonly rememberList: (site: string, fetchedAt: number) => void;
}

/** Returns the function that turns an event into metrics: one table look-up, then one per label. It never throws. */
export function createEventRecorder(ports: RecorderPorts): (event: TelemetryEvent) => void {
  const recorders: Recorders = { ...trafficRecorders(ports), ...stateRecorders(ports) };
  return (event) => {
    // The key is the event's own type, so the recorder takes that very event; the compiler cannot follow this.
    const record = recorders[event.type] as (event: TelemetryEvent) => void;
    record(event);
  };
}

type TrafficType =
  | 'server-operation'
  | 'client-operation'
  | 'tool-call'
  | 'list-cache'
  | 'retry'
  | 'broken-off'
  | 'policy-denial'
  | 'auth-failure'
  | 'rate-limited'
  | 'definition-change';

function trafficRecorders({ family }: RecorderPorts): Pick<Recorders, TrafficType> {
  const serverOperations = family('mcp_server_operation_duration_seconds');
  const clientOperations = family('mcp_client_operation_duration_seconds');
  const toolCalls = family('switchyard_tool_calls_total');
  const listCache = family('switchyard_tool_list_cache_total');
  const retries = family('switchyard_upstream_retries_total');
  const brokenOff = family('switchyard_answers_broken_off_total');
  const denials = family('switchyard_policy_denials_total');
  const authFailures = family('switchyard_auth_failures_total');
  const rateLimited = family('switchyard_rate_limited_total');
  const changes = family('switchyard_tool_definition_changes_total');
  return {
    'server-operation': (event) =>
      serverOperations.record([event.method, event.errorType ?? ''], event.durationMs / 1000),
    'client-operation': (event) =>
      clientOperations.record([event.method, event.errorType ?? '', event.site], event.durationMs / 1000),
    'tool-call': (event) => toolCalls.record([event.site, event.product, event.access, event.outcome], 1),
    'list-cache': (event) => listCache.record([event.tier, event.result], 1),
    retry: (event) => retries.record([event.site, event.reason], 1),
    'broken-off': (event) => brokenOff.record([event.site, event.reason], 1),
    'policy-denial': (event) => denials.record([event.reason], 1),
    'auth-failure': (event) => authFailures.record([event.method, event.reason], 1),
    'rate-limited': (event) => rateLimited.record([event.site], 1),
    'definition-change': (event) => changes.record([event.site, event.kind], 1),
  };
}

function stateRecorders({ family, rememberList }: RecorderPorts): Omit<Recorders, TrafficType> {
  const siteUp = family('switchyard_site_up');
  const siteTools = family('switchyard_site_tools');
  const discoveryDuration = family('switchyard_discovery_duration_seconds');
  const discoverySites = family('switchyard_discovery_sites');
  const sessions = family('switchyard_upstream_sessions');
  const circuit = family('switchyard_circuit_state');
  const redisUp = family('switchyard_redis_up');
  const auditWritable = family('switchyard_audit_writable');
  const auditLost = family('switchyard_audit_lost_total');
  const reloadSuccessful = family('switchyard_config_last_reload_successful');
  let lastStatuses: object | undefined;
  return {
    'site-state': ({ site, up, tools, fetchedAt }) => {
      siteUp.record([site], Number(up));
      if (tools !== undefined) siteTools.record([site], tools);
      if (fetchedAt !== undefined) rememberList(site, fetchedAt);
    },
    discovery: ({ durationMs, statuses }) => {
      discoveryDuration.record([], durationMs / 1000);
      // A list that is served again brings the same object: its numbers stand already.
      if (statuses === lastStatuses) return;
      lastStatuses = statuses;
      for (const status of siteStatuses) discoverySites.record([status], statuses[status] ?? 0);
    },
    sessions: (event) => sessions.record([event.site], event.count),
    circuit: (event) => circuit.record([event.site], circuitStates.indexOf(event.state)),
    redis: (event) => redisUp.record([], Number(event.up)),
    'audit-state': (event) => auditWritable.record([], Number(event.writable)),
    'audit-lost': (event) => auditLost.record([], event.count),
    'config-reload': (event) => reloadSuccessful.record([], Number(event.ok)),
  };
}
