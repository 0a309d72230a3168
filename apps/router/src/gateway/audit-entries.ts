import type { AuditEntry } from '@switchyard/audit';
import { isRecord, type Site, splitToolName, TOOL_NAME } from '@switchyard/catalogue';
import type { AuthReason, Identified } from '@switchyard/identity';

import type { CallReply } from './call-reply.ts';

/** Whose request it is and where it came from, as every line says it. */
export interface Requester {
  readonly identified: Identified;
  readonly address: string;
  readonly traceId?: string | undefined;
}

/** One tools/call that is over. */
export interface AuditedCall {
  /** The tool as the client called it. */
  readonly name: string;
  readonly args: unknown;
  readonly argumentsText: string | undefined;
  readonly reply: CallReply;
  readonly latencyMs: number;
  readonly bytes?: number | undefined;
  readonly policyVersion?: string | undefined;
}

/** Arguments that name an issue, a page, a project or a space, and nothing else. */
const RESOURCE_ARGUMENTS: readonly string[] = [
  'issueIdOrKey',
  'issueKey',
  'projectIdOrKey',
  'projectKeyOrId',
  'projectKey',
  'pageId',
  'contentId',
  'spaceIdOrKey',
  'spaceKey',
  'spaceId',
  'boardId',
  'pullRequestId',
];
const RESOURCE = /^(?:[A-Za-z][A-Za-z0-9_]{0,31}(?:-\d{1,12})?|~?[A-Za-z0-9]{1,40}|\d{1,20})$/;

/** The line about a call: what was decided, by which rule, and how it ended. */
export function callEntry(requester: Requester, call: AuditedCall): AuditEntry {
  const { name, args, argumentsText, reply, latencyMs, bytes, policyVersion } = call;
  return {
    event: 'call',
    ...whoOf(requester),
    ...verdictOf(reply),
    ...('site' in reply ? placeOf(requester.identified, reply) : {}),
    ...('toolClass' in reply && reply.toolClass
      ? { product: reply.toolClass.product, access: reply.toolClass.access }
      : {}),
    tool: ('tool' in reply ? reply.tool : undefined) ?? toolOf(name),
    argumentsText,
    resources: resourcesOf(args),
    latencyMs,
    bytes,
    policyVersion,
  };
}

/** One request that was relayed to a site without a look into it, and is over. */
export interface AuditedRelay {
  readonly site: Site;
  readonly credentialId: string;
  /** Such as `resources/read`. */
  readonly method: string;
  readonly paramsText: string | undefined;
  readonly outcome: string;
  readonly latencyMs: number;
  readonly bytes: number | undefined;
}

/** The line about what is relayed on the URL of one site. Only where everything may be read is anything relayed. */
export function relayEntry(requester: Requester, relay: AuditedRelay): AuditEntry {
  const { method, paramsText, outcome, latencyMs, bytes } = relay;
  return {
    event: method.endsWith('/list') ? 'list' : 'call',
    ...whoOf(requester),
    decision: 'allow',
    outcome,
    ...placeOf(requester.identified, relay),
    access: 'read',
    target: method,
    argumentsText: paramsText,
    latencyMs,
    bytes,
  };
}

/** The line about a list, such as `tools/list`. */
export function listEntry(
  requester: Requester,
  {
    method,
    latencyMs,
    bytes,
  }: { readonly method: string; readonly latencyMs: number; readonly bytes?: number },
): AuditEntry {
  return {
    event: 'list',
    ...whoOf(requester),
    decision: 'allow',
    outcome: 'ok',
    target: method,
    latencyMs,
    bytes,
  };
}

/** The line about somebody who was not let in: nothing of the credential, which was not verified. */
export function refusalEntry(refused: {
  readonly address: string;
  readonly method: string;
  readonly reason: AuthReason | 'address' | 'host' | 'origin';
  readonly status: number;
}): AuditEntry {
  const { address, method, reason, status } = refused;
  return {
    event: 'authentication',
    decision: 'deny',
    rule: reason,
    outcome: 'denied',
    method,
    address,
    status,
  };
}

/** The line about somebody who was let in, for the first time or again after a while. */
export function signInEntry(requester: Requester): AuditEntry {
  return { event: 'authentication', ...whoOf(requester), decision: 'allow', outcome: 'ok' };
}

function whoOf({ identified: { caller }, address, traceId }: Requester): Partial<AuditEntry> {
  const { id, accountId, email, method, clientId } = caller;
  return {
    caller: { id, subject: accountId, email },
    method,
    ...(clientId !== undefined && (method === 'token' ? { grant: clientId } : { client: { id: clientId } })),
    address,
    traceId,
  };
}

const REFUSED: Partial<Record<CallReply['kind'], string>> = {
  unknown: 'denied',
  invalid: 'invalid',
  mismatch: 'invalid',
};

function verdictOf(reply: CallReply): Pick<AuditEntry, 'decision' | 'outcome' | 'rule'> {
  const refused = REFUSED[reply.kind];
  if (refused === undefined) return { decision: 'allow', outcome: 'outcome' in reply ? reply.outcome : 'ok' };
  return { decision: 'deny', rule: 'reason' in reply ? reply.reason : 'headers', outcome: refused };
}

/** A reply of a site. */
interface SiteReply {
  readonly site: Site;
  readonly credentialId?: string;
}

function placeOf(identified: Identified, reply: SiteReply): Partial<AuditEntry> {
  const { name, cloudId } = reply.site;
  return { site: name, cloudId, upstream: upstreamOf(identified, reply) };
}

/** Whose account acted: a shared site's own, the one that the caller passed through, or the one that the person linked. */
function upstreamOf(
  { caller, credential, links }: Identified,
  { site: { identity, cloudId }, credentialId }: SiteReply,
): AuditEntry['upstream'] {
  if (identity === 'shared') return { kind: 'service-account' };
  if (credential) return { kind: `passed-through-${credential.kind}`, accountId: caller.accountId };
  const ways = links.get(cloudId) ?? [];
  const used = ways.find((way) => way.credential.id === credentialId) ?? ways[0];
  return { kind: `linked-${used?.kind ?? 'none'}` };
}

/** Without the site's name in front. A client may call anything; only what can be the name of a tool is written. */
function toolOf(name: string): string | undefined {
  return TOOL_NAME.test(name) ? (splitToolName(name)?.rest ?? name) : undefined;
}

/** Keys of what a call was about, also inside an envelope. Only what looks like a key: free text stays out. */
function resourcesOf(args: unknown): string[] | undefined {
  if (!isRecord(args)) return undefined;
  const inner = [args, args['arguments'], args['input']].filter(isRecord);
  const values = inner.flatMap((each) => RESOURCE_ARGUMENTS.map((name) => each[name]));
  const keys = values.map(String).filter((value) => RESOURCE.test(value) && value !== 'undefined');
  return keys.length === 0 ? undefined : [...new Set(keys)];
}

/** The line about a use of the admin API. */
export function adminEntry({
  admin,
  operation,
  status,
  about,
}: {
  readonly admin: string;
  readonly operation: string;
  readonly status: number;
  readonly about?: string;
}): AuditEntry {
  const allowed = status !== 401 && status !== 403;
  return {
    event: 'admin',
    decision: allowed ? 'allow' : 'deny',
    outcome: status < 400 ? 'ok' : 'refused',
    caller: { id: admin },
    target: about === undefined ? operation : `${operation}: ${about}`,
    status,
  };
}
