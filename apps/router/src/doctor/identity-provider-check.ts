import { type Finding, findingOf } from './check.ts';
import type { ProbeUrl } from './probe.ts';

const NEEDED = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'];

/** Whether the company's identity provider can be found where `auth.oauth.issuer` says (OpenID Connect Discovery). */
export async function checkIdentityProvider(issuer: string, probe: ProbeUrl): Promise<Finding> {
  const finding = findingOf('identity-provider');
  const asked = await probe(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  if (!asked.ok)
    return finding(
      'unreachable',
      `${issuer} cannot be reached: ${asked.why}`,
      'Look at auth.oauth.issuer, DNS and the way out of this network.',
    );
  const fix = 'Set auth.oauth.issuer to the issuer that the provider names in its documentation.';
  if (asked.status !== 200 || !asked.json)
    return finding('failed', `${issuer} has no discovery document (HTTP ${asked.status})`, fix);
  const named = asked.json['issuer'];
  if (named !== issuer)
    return finding('failed', `it calls itself ${String(named).slice(0, 200)} instead of ${issuer}`, fix);
  const missing = NEEDED.filter((key) => typeof asked.json?.[key] !== 'string');
  if (missing.length > 0) return finding('failed', `its discovery document lacks ${missing.join(', ')}`, fix);
  return finding('ok', `${issuer} answers`);
}
