import type { AuditEvent } from './words.ts';

/**
 * One event: typed fields only, so that neither arguments nor results nor a header can slip in (I5). Texts are cut at 256
 * characters.
 */
export interface AuditEntry {
  readonly event: AuditEvent;
  readonly decision: 'allow' | 'deny';
  /** Which rule decided. */
  readonly rule?: string | undefined;
  /** How it ended, in one word: `ok`, `tool_error`, `timeout`, `denied` … */
  readonly outcome: string;
  readonly caller?: AuditCaller | undefined;
  /** How the caller signed in. */
  readonly method?: string | undefined;
  readonly client?: AuditClient | undefined;
  /** Id of the consent or of the enrolled token behind the request. */
  readonly grant?: string | undefined;
  /** Where the request came from, and which allowlist let it in. */
  readonly address?: string | undefined;
  readonly addressList?: string | undefined;
  readonly site?: string | undefined;
  readonly cloudId?: string | undefined;
  readonly product?: string | undefined;
  readonly tool?: string | undefined;
  readonly access?: 'read' | 'write' | 'delete' | undefined;
  /** The account that acted at Atlassian. */
  readonly upstream?: { readonly kind: string; readonly accountId?: string | undefined } | undefined;
  /** Written as a keyed digest only. */
  readonly argumentsText?: string | undefined;
  /** Keys of issues and pages, at most 20. */
  readonly resources?: readonly string[] | undefined;
  /** What an event of administration was about: the id of a token, a site, a setting. */
  readonly target?: string | undefined;
  /** HTTP status. */
  readonly status?: number | undefined;
  readonly latencyMs?: number | undefined;
  /** Size of the answer. */
  readonly bytes?: number | undefined;
  readonly traceId?: string | undefined;
  readonly policyVersion?: string | undefined;
}

/** Whose request it was. `id` is opaque and stable; `subject` is what the identity provider or Atlassian calls the person. */
export interface AuditCaller {
  readonly id: string;
  readonly subject?: string | undefined;
  readonly email?: string | undefined;
}

/** The program that asked. */
export interface AuditClient {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly redirectHost?: string | undefined;
}
