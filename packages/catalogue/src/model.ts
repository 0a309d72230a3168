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
}

/** Someone whom Switchyard knows: the result of authentication, never of a session (I1). */
export interface Caller {
  /** Stable and opaque; safe in logs and cache keys. */
  readonly id: string;
  readonly method: 'basic' | 'bearer';
  readonly accountId?: string;
  readonly displayName?: string;
  /** Verified by the identity provider or by Atlassian itself; lower case. */
  readonly email?: string;
  readonly groups: readonly string[];
  /** The sites that this caller's own account reaches. */
  readonly cloudIds: ReadonlySet<string>;
}

/** What opens a site upstream. `id` is a keyed hash: it changes when the credential does. */
export interface Credential {
  readonly id: string;
  readonly kind: 'basic' | 'bearer';
  /** The whole value of the Authorization header. */
  readonly authorization: Secret;
}
