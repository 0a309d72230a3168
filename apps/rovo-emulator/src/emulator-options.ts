// What a caller tells an emulator when it is built, and what it may change while it runs.
import type { OAuthSettings } from './oauth/oauth-settings.ts';

/** Which of Atlassian's two endpoint generations a URL, tool or token belongs to. */
export type Generation = 'v1' | 'v2';

/** The kinds of credential that the endpoint tells apart. */
export type CredentialKind = 'api-token' | 'service-key' | 'classic-token' | 'org-admin-key' | 'oauth';

/** One secret of an account. Personal tokens go as Basic `email:secret`, the other kinds as Bearer. */
export interface EmulatedCredential {
  readonly kind: CredentialKind;
  readonly secret: string;
  /** Scopes of the credential; absent means every scope. Filters the tool list. */
  readonly scopes?: readonly string[];
  /** OAuth only: the one site that was consented to. */
  readonly boundCloudId?: string;
  /** OAuth only: a v1 token is refused at v2. */
  readonly generation?: Generation;
  /** OAuth only: answered as the setting `expiredOauth` says. */
  readonly expired?: boolean;
}

/** Somebody with an Atlassian account, or a service account. */
export interface EmulatedAccount {
  readonly accountId: string;
  readonly email?: string;
  readonly name: string;
  readonly credentials: readonly EmulatedCredential[];
  /** CloudIds that the account reaches. A cloudId of no emulated site is a site of somewhere else. */
  readonly sites: readonly string[];
}

/** What a site starts with; absent parts are chosen from the cloudId, the same on every run. */
export interface SiteDataSet {
  readonly projects?: readonly { readonly key: string; readonly name: string }[];
  readonly spaces?: readonly { readonly key: string; readonly name: string }[];
  /** Default 15. */
  readonly issuesPerProject?: number;
}

/** One Atlassian site. */
export interface EmulatedSite {
  readonly cloudId: string;
  /** Origin, such as `https://alpha-eng.atlassian.net`. */
  readonly url: string;
  readonly name: string;
  readonly dataSet?: SiteDataSet;
}

/** A tool whose definition and result travel byte for byte, to test what a proxy does to bytes. */
export interface RawTool {
  readonly generation: Generation;
  /** JSON text of the tool as it stands in tools/list. */
  readonly definition: string;
  /** JSON text of the whole `result` of a call. */
  readonly result: string;
  /** Listed after the catalogue; by default before it. */
  readonly atEnd?: boolean;
}

/** A tool as it stands in tools/list. */
export interface ToolDefinition {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/** A change of the tool list while the emulator runs. */
export interface ToolChange {
  readonly generation: Generation;
  /** Absent means every lane. */
  readonly lane?: string;
  readonly add?: readonly ToolDefinition[];
  readonly remove?: readonly string[];
  readonly replace?: readonly ToolDefinition[];
  /** Send `notifications/tools/list_changed` on the open GET streams. */
  readonly notify?: boolean;
}

/** Behaviour that can be switched while the emulator runs. */
export interface EmulatorSettings extends OAuthSettings {
  framing: 'json' | 'sse';
  /** Write `{"result":…,"jsonrpc":"2.0","id":…}` as the SDK does. */
  idLast: boolean;
  /** Answer GET with an SSE stream instead of 405. */
  getStream: boolean;
  /** v2 results carry `structuredContent` as well. */
  structuredContent: boolean;
  /** getAccessibleAtlassianResources names each site twice, with different scopes. */
  duplicateResources: boolean;
  /** What a useless token gets to see: the two platform tools or the Teamwork Graph tools. */
  uselessTokenList: 'two' | 'twg';
  /** False: the organisation left API-token authentication off; calls answer E1. */
  apiTokenAuth: boolean;
  /** Calls answer E2. */
  ipRefused: boolean;
  /** How an expired OAuth token shows. */
  expiredOauth: '401' | 'E4' | 'E6';
  /** The switch of 2027-03-01: v1 URLs serve v2 tools. */
  v1ServesV2: boolean;
  /** v2 lists one `execute` instead of three. */
  singleExecute: boolean;
  /** Under which pair of names v1 lists Rovo search. */
  rovoNames: 'search' | 'searchAtlassian';
  /** Permission groups by name; `delete_jira` and `manage_jira` are off, all others on. */
  permissionGroups: Readonly<Record<string, boolean>>;
  /** More calls at once than this by one account are answered 429. */
  burstLimit: { readonly parallel: number; readonly retryAfterSeconds?: number } | null;
  /** Tool calls an hour for each site; more are answered 429. */
  hourlyLimit: number | null;
  /** Whether failing tools set `isError` or answer `{"error":true,…}` as text. */
  errorStyle: 'isError' | 'text';
  /** JQL pages: sound, without nextPageToken, or at most five issues and no way on. */
  jqlPaging: 'sound' | 'no-token' | 'five';
  /** Bytes of filler in every issue. */
  issuePaddingBytes: number;
  /** Tools a page at `?tools=all`. */
  pageSize: number;
  /** Requests remembered by the journal. */
  journalLimit: number;
}

/** Everything an emulator can be built with; all of it has a default. */
export interface EmulatorOptions {
  readonly sites?: readonly EmulatedSite[];
  readonly accounts?: readonly EmulatedAccount[];
  /** Milliseconds without a request after which a session is forgotten; default one hour. */
  readonly sessionTtlMs?: number;
  readonly settings?: Partial<EmulatorSettings>;
  readonly rawTools?: readonly RawTool[];
  /** Last part of the path-scoped issuer; by default random. */
  readonly issuerPath?: string;
  /** Milliseconds since the epoch; by default the system's clock. */
  readonly now?: () => number;
}
