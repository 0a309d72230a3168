// The shape of a tool's implementation.
import type { EmulatedAccount, EmulatorSettings, Generation } from '../emulator-options.ts';
import type { JsonObject } from '../json-value.ts';
import type { SiteStore, SiteUser } from '../site-store.ts';
import type { ToolOutcome } from '../tool-result.ts';

/** One call of a tool on a site. */
export interface SiteCall {
  readonly generation: Generation;
  readonly store: SiteStore;
  readonly account: EmulatedAccount;
  readonly args: JsonObject;
  readonly settings: Readonly<EmulatorSettings>;
}

/** Runs a tool on a site. */
export type SiteTool = (call: SiteCall) => ToolOutcome;

/** The caller as a user of the site, the author of what it writes. */
export function callerAsUser({ account, store }: SiteCall): SiteUser {
  const { accountId, name } = account;
  const host = new URL(store.site.url).hostname;
  return { accountId, displayName: name, emailAddress: account.email ?? `${accountId}@${host}` };
}
