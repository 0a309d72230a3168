import { type AddressGate, type AuthReason, createAddressGate, type Identified } from '@switchyard/identity';

import type { Config } from '../config/config.ts';
import type { KillSwitches } from './kill-switches.ts';
import { createRateLimiter, type RateLimiter } from './rate-limiter.ts';

/** Why a known caller is not served right now; undefined is welcome. */
export type Admission = (identified: Identified, address: string) => AuthReason | 'address' | undefined;

/** What an admin can set on top of authentication: kill switches, addresses by kind of sign-in, rates by caller and client. */
export function createAdmission(
  config: Pick<Config, 'addresses' | 'trustedProxies' | 'limits'>,
  switches: KillSwitches,
): Admission {
  const headless = gateOf(config.addresses.headless, config);
  const hosted = gateOf(config.addresses.hosted, config);
  const byCaller = limiterOf(config.limits.callerPerMinute);
  const byClient = limiterOf(config.limits.clientPerMinute);

  return ({ caller }, address) => {
    const { clientId = '' } = caller;
    if (switches.isOff('all', '') || switches.isOff('client', clientId)) return 'switched_off';
    const gate = caller.method === 'oauth' ? hosted : headless;
    if (gate?.admits(address) === false) return 'address';
    if (byCaller?.(caller.id) === false) return 'rate_limited';
    return caller.method === 'oauth' && byClient?.(clientId) === false ? 'rate_limited' : undefined;
  };
}

function gateOf(
  allowlist: readonly string[],
  { trustedProxies }: Pick<Config, 'trustedProxies'>,
): AddressGate | undefined {
  return allowlist.length === 0 ? undefined : createAddressGate({ allowlist, trustedProxies });
}

function limiterOf(perMinute: number | undefined): RateLimiter | undefined {
  return perMinute === undefined ? undefined : createRateLimiter(perMinute);
}
