// The emulator's public names: what tests, load and the demo may use.
export { defaultAccounts, defaultPeople, defaultSites } from './demo-estate.ts';
export type { EmulatorControl, ListedTool } from './emulator-control.ts';
export { createEmulator, type Emulator } from './emulator.ts';
export type {
  CredentialKind,
  EmulatedAccount,
  EmulatedCredential,
  EmulatedSite,
  EmulatorOptions,
  EmulatorSettings,
  Generation,
  RawTool,
  SiteDataSet,
  ToolChange,
  ToolDefinition,
} from './emulator-options.ts';
export type { ErrorTextId } from './error-texts.ts';
export type { ActiveFault, FaultEffect, FaultMatch, FaultSpec } from './faults.ts';
export {
  createIdentityProvider,
  type IdentityProvider,
  type IdentityProviderControl,
} from './identity-provider/identity-provider.ts';
export type {
  ForgedAnswer,
  IdentityProviderOptions,
  IdentityProviderSettings,
  Person,
  RelyingParty,
} from './identity-provider/identity-provider-options.ts';
export type { RecordedRequest } from './journal.ts';
export { CONSOLE_CLIENT_ID } from './oauth/oauth-clients.ts';
export type { OAuthControl } from './oauth/oauth-control.ts';
export type { OAuthCounts } from './oauth/oauth-counts.ts';
export type { OAuthGrant } from './oauth/oauth-grants.ts';
export type { AutoApproval, TokenFailure } from './oauth/oauth-settings.ts';
