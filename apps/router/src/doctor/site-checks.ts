import {
  type Credential,
  looksUnderScoped,
  parseToolList,
  type Site,
  type ToolIndex,
  UNDER_SCOPED_REASON,
} from '@switchyard/catalogue';
import { IdentityError } from '@switchyard/identity';
import { type Upstream, UpstreamError } from '@switchyard/upstream';

import { isLoopback } from '../config/value-rules.ts';
import { siteFailure } from '../gateway/site-failure.ts';
import { type Finding, findingOf } from './check.ts';
import type { Probe, ProbeUrl } from './probe.ts';

const LIST_TIMEOUT_MS = 15_000;
const SKEW_WARNING_S = 30;
const SKEW_FAILED_S = 300;

/** What was found out about a site, and its tools where they could be listed. */
export interface CheckedSite {
  readonly findings: readonly Finding[];
  readonly tools: ToolIndex | undefined;
}

/** Opens a site; undefined: nothing does. Throws when the credential is none. */
type CredentialOf = () => Credential | undefined;

/** Everything about one site that can be asked from here. Without a credential its tools stay unknown. */
export async function checkSite(
  site: Site,
  credentialOf: CredentialOf,
  { upstream, probe }: { readonly upstream: Pick<Upstream, 'listTools'>; readonly probe: ProbeUrl },
): Promise<CheckedSite> {
  const asked = await probe(site.endpoint);
  const findings = [...judgeEndpoint(site, asked), ...(await checkIdentity(site, probe))];
  if (!asked.ok) return { findings, tools: undefined };
  const listed = await listTools(site, credentialOf, upstream);
  return { findings: [...findings, ...listed.findings], tools: listed.tools };
}

/** Without a credential an endpoint refuses, which proves that it is there. */
function judgeEndpoint({ name, endpoint }: Site, asked: Probe): Finding[] {
  const finding = findingOf('endpoint', name);
  const { host } = new URL(endpoint);
  if (!asked.ok) {
    const fix = 'Look at DNS, the way out of this network, and the endpoint of the site.';
    return [finding('unreachable', `${host} cannot be reached: ${asked.why}`, fix)];
  }
  if (asked.status >= 500)
    return [finding('unreachable', `${host} is in trouble (HTTP ${asked.status})`, 'Try again later.')];
  if (asked.status === 404 || (asked.status >= 300 && asked.status < 400)) {
    const fix = 'Correct endpoint: Atlassian serves https://mcp.atlassian.com/v2/mcp?tools=all';
    return [finding('failed', `${host} has no MCP server at that path (HTTP ${asked.status})`, fix)];
  }
  return [finding('ok', `${host} answers`), judgeClock(name, asked)];
}

function judgeClock(site: string, { headers, at }: Extract<Probe, { ok: true }>): Finding {
  const finding = findingOf('clock', site);
  const there = Date.parse(headers.get('date') ?? '');
  if (Number.isNaN(there)) return finding('skipped', 'the answer has no Date');
  const seconds = Math.round(Math.abs(there - at) / 1_000);
  if (seconds < SKEW_WARNING_S) return finding('ok', 'agrees within seconds');
  const level = seconds < SKEW_FAILED_S ? 'warning' : 'failed';
  return finding(
    level,
    `differs by ${seconds} s`,
    'Synchronise the clock of this machine (NTP): tokens expire by it.',
  );
}

/** Atlassian tells everybody which cloudId an address has. */
async function checkIdentity({ name, url, cloudId, endpoint }: Site, probe: ProbeUrl): Promise<Finding[]> {
  if (isLoopback(new URL(endpoint).hostname)) return [];
  const finding = findingOf('site-identity', name);
  const asked = await probe(`${url}/_edge/tenant_info`);
  const named = asked.ok ? asked.json?.['cloudId'] : undefined;
  if (typeof named !== 'string') return [finding('skipped', `${url} does not say which cloudId it has`)];
  if (named.toLowerCase() === cloudId) return [finding('ok', `${url} is ${cloudId}`)];
  const fix = 'Correct cloudId or url: calls would reach another site than people read.';
  return [finding('failed', `${url} has the cloudId ${named.slice(0, 36)}, not ${cloudId}`, fix)];
}

async function listTools(
  site: Site,
  credentialOf: CredentialOf,
  upstream: Pick<Upstream, 'listTools'>,
): Promise<CheckedSite> {
  const finding = findingOf('tools', site.name);
  try {
    const credential = credentialOf();
    if (!credential) {
      const fix = 'Set SWITCHYARD_EMAIL and SWITCHYARD_API_TOKEN to an Atlassian API token.';
      return { findings: [finding('skipped', 'no credential to ask with', fix)], tools: undefined };
    }
    const target = { site: site.name, endpoint: site.endpoint, credential };
    const tools = parseToolList(await upstream.listTools(target, AbortSignal.timeout(LIST_TIMEOUT_MS)));
    return { findings: judgeTools(site, tools), tools };
  } catch (error) {
    return { findings: [failureOf(site, error)], tools: undefined };
  }
}

function failureOf(site: Site, error: unknown): Finding {
  const finding = findingOf('tools', site.name);
  // Says what is wrong with a credential, and quotes none.
  if (error instanceof IdentityError) return finding('failed', error.message, 'Correct the credential.');
  const isAway = error instanceof UpstreamError && /^(?:unavailable|timeout|circuit_open)$/.test(error.code);
  return finding(isAway ? 'unreachable' : 'failed', siteFailure(site, error).text);
}

function judgeTools({ name }: Site, { entries }: ToolIndex): Finding[] {
  const scopes = findingOf('scopes', name);
  const isPoor = looksUnderScoped(entries.map((entry) => entry.name));
  return [
    findingOf('tools', name)(entries.length > 0 ? 'ok' : 'failed', `lists ${entries.length} tools`),
    isPoor ? scopes('failed', UNDER_SCOPED_REASON) : scopes('ok', 'reach more than the basic tools'),
  ];
}
