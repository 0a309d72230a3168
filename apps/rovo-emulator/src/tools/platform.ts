import type { Caller } from '../credentials.ts';
// The two tools that need no site: who am I, and which sites do I reach.
import type { EmulatedSite, EmulatorSettings, Generation } from '../emulator-options.ts';
import { failed, knownError, succeeded, type ToolOutcome } from '../tool-result.ts';

/** One call of a platform tool. */
export interface PlatformCall {
  readonly generation: Generation;
  readonly caller: Caller;
  /** The emulated sites that the credential covers. */
  readonly sites: readonly EmulatedSite[];
  readonly settings: Readonly<EmulatorSettings>;
}

const SITE_SCOPES = {
  v1: [
    ['read:jira-work', 'search:jira-work', 'write:jira-work'],
    ['read:page:confluence', 'search:confluence', 'write:page:confluence'],
  ],
  v2: [
    ['read:jira:agent-interface', 'search:jira:agent-interface', 'write:jira:agent-interface'],
    [
      'read:confluence:agent-interface',
      'search:confluence:agent-interface',
      'write:confluence:agent-interface',
    ],
  ],
} as const;

/** Tools without a cloudId, by name. */
export const PLATFORM_TOOLS: ReadonlyMap<string, (call: PlatformCall) => ToolOutcome> = new Map([
  ['atlassianUserInfo', atlassianUserInfo],
  ['getAccessibleAtlassianResources', getAccessibleAtlassianResources],
]);

function atlassianUserInfo({ caller, generation }: PlatformCall): ToolOutcome {
  const { account } = caller;
  if (account === undefined) return failed('No account');
  const { accountId, email, name } = account;
  return succeeded({
    ...(generation === 'v1' ? { account_id: accountId } : { accountId }),
    ...(email === undefined ? {} : { email }),
    name,
    ...(generation === 'v1' ? { account_type: email === undefined ? 'app' : 'atlassian' } : {}),
    picture: `https://avatar.example/${accountId}`,
    account_status: 'active',
  });
}

function getAccessibleAtlassianResources({ caller, generation, sites, settings }: PlatformCall): ToolOutcome {
  if (sites.length === 0) return knownError('E13');
  const granted = caller.credential?.scopes;
  const scopeSets = SITE_SCOPES[generation].map((scopes) =>
    scopes.filter((scope) => granted === undefined || granted.includes(scope)),
  );
  const rows = sites.flatMap((site) =>
    settings.duplicateResources
      ? scopeSets.map((scopes) => resourceOf(site, generation, scopes))
      : [resourceOf(site, generation, scopeSets.flat())],
  );
  return succeeded(generation === 'v1' ? rows : { resources: rows });
}

function resourceOf(
  { cloudId, url, name }: EmulatedSite,
  generation: Generation,
  scopes: readonly string[],
): unknown {
  const avatarUrl = `https://avatar.example/site/${cloudId}`;
  return generation === 'v1'
    ? { id: cloudId, url, name, scopes, avatarUrl }
    : { cloudId, url, name, scopes, avatarUrl };
}
