import type { Secret } from './secret.ts';

/** An Atlassian site id: a lower-case UUID. */
export type CloudId = string & { readonly brand: 'CloudId' };

/** What may be done with a product: nothing, read, read and write, or all three. */
export type Level = 'off' | 'read' | 'write' | 'delete';

/** What a tool does: the least level that permits it. */
export type Access = 'read' | 'write' | 'delete';

/** Globs on upstream tool names; deny wins, an absent `allow` allows every name. */
export interface ToolGlobs {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

/** What a call can do that a person may be asked about first. */
export type ConfirmedAccess = 'write' | 'delete';

/**
 * Jira projects or Confluence spaces by key or id, as globs in any case. `allow` is a fence: what does
 * not provably stay inside is refused. `deny` and `readOnly` judge what a call names.
 */
export interface ResourceLists {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  readonly readOnly?: readonly string[];
}

/** A product map of the configuration; a product it does not name is off (`platform`: read). */
export type ProductLevels = Readonly<Partial<Record<string, Level>>>;

/** One Atlassian site of the configuration, ready to use. */
export interface Site {
  readonly cloudId: CloudId;
  /** `https://alpha-eng.atlassian.net` */
  readonly url: string;
  /** `alpha-eng.atlassian.net` */
  readonly host: string;
  readonly alias?: string;
  /** The namespace in tool names and the value of every `site` label: the alias, else the shortest free digits of the cloudId. */
  readonly name: string;
  /** What people read: the alias, else the host. */
  readonly title: string;
  readonly endpoint: string;
  readonly identity: 'personal' | 'shared';
  /** Who may use it: e-mail globs, `group:name`, or `*` (every known caller). Absent: everyone the site itself knows. */
  readonly allow?: readonly string[];
  readonly products?: ProductLevels;
  readonly tools?: ToolGlobs;
  readonly projects?: ResourceLists;
  readonly spaces?: ResourceLists;
  readonly confirm?: readonly ConfirmedAccess[];
  /** What becomes of tools that the site changes; absent: what holds for all. */
  readonly onChange?: 'allow' | 'notify' | 'hold';
  /** False: callers with API tokens may not use it. */
  readonly apiToken?: boolean;
}

/** Someone whom Switchyard knows: the result of authentication, never of a session (I1). */
export interface Caller {
  /** Stable and opaque; safe in logs and cache keys. */
  readonly id: string;
  readonly method: 'basic' | 'bearer' | 'oauth' | 'token';
  readonly accountId?: string;
  readonly displayName?: string;
  /** Verified by the identity provider or by Atlassian itself; lower case. */
  readonly email?: string;
  readonly groups: readonly string[];
  /** The sites that this caller's own API token reaches; empty for whoever links sites one by one. */
  readonly cloudIds: ReadonlySet<string>;
  /** The OAuth client or the enrolled token that the caller comes with. */
  readonly clientId?: string;
  /** What the person picked at consent, or what an enrolled token is limited to. */
  readonly picks?: Picks;
}

/** Limits that a connection has of its own. They only take away. */
export interface Picks {
  readonly cloudIds?: ReadonlySet<string>;
  readonly products?: ProductLevels;
  readonly readOnly?: boolean;
}

/** What opens a site upstream. `id` is a keyed hash: another one for another credential, the same one while it is renewed. */
export interface Credential {
  readonly id: string;
  readonly kind: 'basic' | 'bearer';
  /** The whole value of the Authorization header; of a credential that is renewed, always the newest. */
  readonly authorization: Secret;
  /** Undefined when the credential is good for now, else a promise after which it is; it rejects when it cannot be renewed. */
  readonly fresh?: () => Promise<void> | undefined;
  /** The site did not take it: it is renewed before its next use, if it can be. */
  readonly refused?: () => void;
}
