import type { Config } from '../config/config.ts';
import { isLoopback } from '../config/value-rules.ts';
import { METADATA_PATH } from '../http/challenge.ts';
import { type Finding, findingOf } from './check.ts';
import type { Probe, ProbeUrl } from './probe.ts';

/** Whether clients find this Switchyard, and nothing else, at the address that they are given. */
export async function checkPublicUrl(
  { publicUrl, oauth }: Pick<Config, 'publicUrl' | 'oauth'>,
  probe: ProbeUrl,
): Promise<Finding[]> {
  const finding = findingOf('public-url');
  if (publicUrl === undefined)
    return [
      finding(
        'skipped',
        'publicUrl is not set',
        'Set publicUrl once others than this machine shall connect.',
      ),
    ];
  const asked = await probe(`${publicUrl}${METADATA_PATH}/mcp`);
  const reached = judgeReach(publicUrl, asked);
  if (!asked.ok || reached.level === 'failed') return [reached];
  const findings = [reached, judgeResource(publicUrl, asked)];
  if (oauth)
    findings.push(judgeServer(publicUrl, await probe(`${publicUrl}/.well-known/oauth-authorization-server`)));
  return findings;
}

type Answer = Extract<Probe, { ok: true }>;

function judgeReach(publicUrl: string, asked: Probe): Finding {
  const finding = findingOf('public-url');
  if (!asked.ok)
    return finding(
      'unreachable',
      `${publicUrl} cannot be reached from here: ${asked.why}`,
      'Start Switchyard, and look at DNS, the proxy in front of it and its certificate.',
    );
  if (asked.status >= 300 && asked.status < 400)
    return finding(
      'failed',
      `${publicUrl} answers with a redirect (HTTP ${asked.status}), on which clients drop their credential`,
      'Set publicUrl to the address where the redirect ends.',
    );
  const { protocol, hostname } = new URL(publicUrl);
  if (protocol === 'http:' && !isLoopback(hostname))
    return finding(
      'warning',
      `${publicUrl} is plain http: credentials cross the network readable`,
      'Use https.',
    );
  return finding('ok', `${publicUrl} answers`);
}

function judgeResource(publicUrl: string, { status, json }: Answer): Finding {
  const finding = findingOf('resource-metadata');
  const resource = json?.['resource'];
  if (resource === `${publicUrl}/mcp`) return finding('ok', `names ${publicUrl}/mcp`);
  return finding(
    'failed',
    typeof resource === 'string'
      ? `names ${resource.slice(0, 200)} instead of ${publicUrl}/mcp`
      : `is not there (HTTP ${status})`,
    'Let the proxy pass every path on, unchanged, and give the running Switchyard the same publicUrl.',
  );
}

function judgeServer(publicUrl: string, asked: Probe): Finding {
  const finding = findingOf('authorization-server');
  const issuer = asked.ok ? asked.json?.['issuer'] : undefined;
  if (issuer === publicUrl) return finding('ok', `names ${publicUrl}`);
  return finding(
    'failed',
    typeof issuer === 'string' ? `names ${issuer.slice(0, 200)} instead of ${publicUrl}` : 'is not there',
    'Let the proxy pass /.well-known/ and /oauth/ on, and restart Switchyard with the configuration that you check.',
  );
}
