// The emulator's public names: what tests, load and the demo may use.
export { defaultAccounts, defaultSites } from './demo-estate.ts';
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
export type { RecordedRequest } from './journal.ts';
