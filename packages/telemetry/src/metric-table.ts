import {
  accesses,
  authMethods,
  authReasons,
  breakReasons,
  cacheResults,
  cacheTiers,
  changeKinds,
  denialReasons,
  errorTypes,
  methods,
  outcomes,
  products,
  retryReasons,
  siteStatuses,
} from './label-sets.ts';

/**
 * Where the values of a label come from: the sites of the configuration, the process itself (`fixed`: never from an
 * event), or a closed set.
 */
export type LabelDomain = 'site' | 'fixed' | readonly string[];

/** One metric. `buckets` are upper bounds in seconds. `start` is the value that every series has from the beginning. */
export interface MetricRow {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: Readonly<Record<string, LabelDomain>>;
  readonly buckets?: readonly number[];
  readonly start?: number;
}

// The OpenTelemetry buckets for MCP, with three below: an answer from memory takes less than a hundredth of a second.
const operationBuckets = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300,
];
const discoveryBuckets = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 30];

/** Every metric of Switchyard. docs/metrics.md and the limit on series are made from it. */
export const metricTable: readonly MetricRow[] = [
  {
    name: 'mcp_server_operation_duration_seconds',
    type: 'histogram',
    help: 'Time from the whole request of a client to the end of its answer.',
    labels: { mcp_method_name: methods, error_type: errorTypes },
    buckets: operationBuckets,
  },
  {
    name: 'mcp_client_operation_duration_seconds',
    type: 'histogram',
    help: 'Time that a site took to answer one request of Switchyard.',
    labels: { mcp_method_name: methods, error_type: errorTypes, site: 'site' },
    buckets: operationBuckets,
  },
  {
    name: 'switchyard_tool_calls_total',
    type: 'counter',
    help: 'Tool calls by how they ended.',
    labels: { site: 'site', product: products, access: accesses, outcome: outcomes },
  },
  {
    name: 'switchyard_site_up',
    type: 'gauge',
    help: '0 when the last attempt to reach the site failed, else 1 (also before the first attempt).',
    labels: { site: 'site' },
    start: 1,
  },
  {
    name: 'switchyard_site_tools',
    type: 'gauge',
    help: 'Tools in the newest list of the site; absent before the first list.',
    labels: { site: 'site' },
  },
  {
    name: 'switchyard_discovery_duration_seconds',
    type: 'histogram',
    help: 'Time that a discovery of all sites took.',
    labels: {},
    buckets: discoveryBuckets,
  },
  {
    name: 'switchyard_discovery_sites',
    type: 'gauge',
    help: 'Sites by what the last discovery found.',
    labels: { status: siteStatuses },
    start: 0,
  },
  {
    name: 'switchyard_tool_list_cache_total',
    type: 'counter',
    help: 'Look-ups of a tool list by tier and result.',
    labels: { tier: cacheTiers, result: cacheResults },
    start: 0,
  },
  {
    name: 'switchyard_tool_list_age_seconds',
    type: 'gauge',
    help: 'Age of the newest tool list of the site at the time of the scrape; absent before the first list.',
    labels: { site: 'site' },
  },
  {
    name: 'switchyard_upstream_sessions',
    type: 'gauge',
    help: 'MCP sessions open with the site.',
    labels: { site: 'site' },
    start: 0,
  },
  {
    name: 'switchyard_upstream_retries_total',
    type: 'counter',
    help: 'Requests sent to the site a second time, by why.',
    labels: { site: 'site', reason: retryReasons },
    start: 0,
  },
  {
    name: 'switchyard_answers_broken_off_total',
    type: 'counter',
    help: 'Large answers of the site that ended in their middle while they were passed on, by why; their clients saw a broken connection.',
    labels: { site: 'site', reason: breakReasons },
    start: 0,
  },
  {
    name: 'switchyard_circuit_state',
    type: 'gauge',
    help: 'Circuit of the site: 0 closed, 1 half-open, 2 open.',
    labels: { site: 'site' },
    start: 0,
  },
  {
    name: 'switchyard_policy_denials_total',
    type: 'counter',
    help: 'Calls that the policy refused, by the rule that did.',
    labels: { reason: denialReasons },
    start: 0,
  },
  {
    name: 'switchyard_auth_failures_total',
    type: 'counter',
    help: 'Callers refused, by how they tried and why they failed.',
    labels: { method: authMethods, reason: authReasons },
    start: 0,
  },
  {
    name: 'switchyard_rate_limited_total',
    type: 'counter',
    help: 'Times that Atlassian answered that the site is called too often.',
    labels: { site: 'site' },
    start: 0,
  },
  {
    name: 'switchyard_tool_definition_changes_total',
    type: 'counter',
    help: 'Tools that differ from the list before.',
    labels: { site: 'site', kind: changeKinds },
    start: 0,
  },
  {
    name: 'switchyard_redis_up',
    type: 'gauge',
    help: '0 while a configured Redis does not answer, else 1.',
    labels: {},
    start: 1,
  },
  {
    name: 'switchyard_config_last_reload_successful',
    type: 'gauge',
    help: '0 when the last reload was refused and the configuration before it still runs, else 1.',
    labels: {},
    start: 1,
  },
  {
    name: 'switchyard_audit_writable',
    type: 'gauge',
    help: '0 while the audit trail cannot be written and calls that write are refused, else 1.',
    labels: {},
    start: 1,
  },
  {
    name: 'switchyard_audit_lost_total',
    type: 'counter',
    help: 'Events that the audit trail had no room for.',
    labels: {},
    start: 0,
  },
  {
    name: 'switchyard_build_info',
    type: 'gauge',
    help: 'Always 1; the labels say what runs.',
    labels: { version: 'fixed', node: 'fixed' },
  },
  {
    name: 'switchyard_site_info',
    type: 'gauge',
    help: 'Always 1; joins the name of a site with its cloudId and its host.',
    labels: { site: 'site', cloud_id: 'fixed', host: 'fixed' },
  },
];
