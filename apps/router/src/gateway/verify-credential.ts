import type { Credential, Site } from '@switchyard/catalogue';
import type { Verification } from '@switchyard/identity';
import { type Upstream, UpstreamError, type UpstreamTarget } from '@switchyard/upstream';

/** An endpoint that has said nothing for so long is not waited for alone: the next one is asked as well. */
const NEXT_AFTER_MS = 1_500;

/**
 * Asks Atlassian whom a credential belongs to, by a real tool call: a useless token can still
 * initialise and list two tools. The sites' endpoints are asked in turn until one answers; one that
 * hangs keeps nobody out (I3).
 */
export async function verifyCredential(
  credential: Credential,
  options: VerifyOptions,
): Promise<Verification> {
  const asked: Promise<Verification>[] = [];
  for (const target of targets(credential, options.sites)) {
    asked.push(askEndpoint(target, options));
    const found = await firstAnswer(asked, NEXT_AFTER_MS);
    if (found) return found;
  }
  return (await firstAnswer(asked)) ?? { kind: 'unreachable' };
}

export interface VerifyOptions {
  readonly upstream: Upstream;
  readonly sites: readonly Site[];
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** The first that says anything of the credential; undefined when none of them does, or not in time. */
function firstAnswer(
  asked: readonly Promise<Verification>[],
  waitMs?: number,
): Promise<Verification | undefined> {
  return new Promise((resolve, reject) => {
    const timer = waitMs === undefined ? undefined : setTimeout(() => resolve(undefined), waitMs);
    const settle = (answer?: Verification): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    const answers = asked.map((each) =>
      each.then((answer) => void (answer.kind === 'unreachable' || settle(answer))),
    );
    Promise.all(answers).then(() => settle(), reject);
  });
}

/** One target an endpoint: personal sites first, their owners are the ones who sign in. */
function targets(credential: Credential, sites: readonly Site[]): UpstreamTarget[] {
  const ordered = [...sites].sort(
    (a, b) => Number(a.identity === 'shared') - Number(b.identity === 'shared'),
  );
  const byEndpoint = new Map<string, UpstreamTarget>();
  for (const { name, endpoint } of ordered) {
    if (!byEndpoint.has(endpoint)) byEndpoint.set(endpoint, { site: name, endpoint, credential });
  }
  return [...byEndpoint.values()];
}

interface Asking {
  readonly upstream: Upstream;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

async function askEndpoint(target: UpstreamTarget, asking: Asking): Promise<Verification> {
  try {
    const [resources, user] = await Promise.all([
      callTool(target, 'getAccessibleAtlassianResources', asking),
      callTool(target, 'atlassianUserInfo', asking),
    ]);
    return judge(resources, user);
  } catch (error) {
    return judgeFailure(error);
  }
}

function judgeFailure(error: unknown): Verification {
  // What is no JSON in the middle says as little as no answer.
  if (error instanceof SyntaxError) return { kind: 'unreachable' };
  if (!(error instanceof UpstreamError)) throw error;
  if (error.code === 'unauthorized') return { kind: 'refused', reason: 'bad_credential' };
  return { kind: 'unreachable' };
}

/** What a tool said: a value, or the sentence of its error. */
type Said = { readonly value: unknown } | { readonly fault: string; readonly code?: number };

async function callTool(
  target: UpstreamTarget,
  name: string,
  { upstream, signal, timeoutMs }: Asking,
): Promise<Said> {
  const paramsText = JSON.stringify({ name, arguments: {} });
  const answer = await upstream.send(target, {
    method: 'tools/call',
    paramsText,
    idempotent: true,
    timeoutMs,
    signal,
  });
  return readAnswer(answer.body.toString('utf8'));
}

interface ToolAnswer {
  readonly result?: {
    readonly isError?: boolean;
    readonly structuredContent?: unknown;
    readonly content?: readonly { readonly text?: unknown }[];
  };
  readonly error?: { readonly code?: number; readonly message?: string };
}

function readAnswer(text: string): Said {
  const { result, error } = JSON.parse(text) as ToolAnswer;
  if (!result) return { fault: error?.message ?? 'no result', code: error?.code ?? 0 };
  const said = result.content?.map(({ text }) => text).find((text) => typeof text === 'string') ?? '';
  const value: unknown = result.structuredContent ?? parse(said);
  return isFailure(result, value) ? { fault: said } : { value };
}

/** Most failures come as HTTP 200 with `isError`, or as a text that says `{"error":true}`. */
function isFailure({ isError }: NonNullable<ToolAnswer['result']>, value: unknown): boolean {
  return isError === true || value === undefined || (isRecord(value) && value['error'] === true);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Atlassian's own sentences (seen in field reports); a sentence that is not known proves nothing about the credential. */
const FAULTS: readonly (readonly [RegExp, Extract<Verification, { kind: 'refused' }>['reason']])[] = [
  [/permission to connect via API token/i, 'disabled_upstream'],
  [/permission to connect from this IP/i, 'ip_refused_upstream'],
  [
    /\b401\b|unauthori[sz]ed|authentication failed|invalid (?:or expired )?(?:token|credential)/i,
    'bad_credential',
  ],
  [/accessibleResources\.filter is not a function/i, 'bad_credential'],
];

const METHOD_NOT_FOUND = -32601;
const NO_SITE = /isn't associated with a supported site/i;

function judge(resources: Said, user: Said): Verification {
  if ('fault' in resources) return judgeFault(resources);
  const cloudIds = readCloudIds(resources.value);
  if (!cloudIds) return { kind: 'unreachable' };
  return { kind: 'verified', cloudIds, ...('fault' in user ? {} : readAccount(user.value)) };
}

function judgeFault({ fault, code }: { fault: string; code?: number }): Verification {
  if (code === METHOD_NOT_FOUND) return { kind: 'refused', reason: 'wrong_kind' };
  if (NO_SITE.test(fault)) return { kind: 'verified', cloudIds: [] };
  const reason = FAULTS.find(([pattern]) => pattern.test(fault))?.[1];
  return reason ? { kind: 'refused', reason } : { kind: 'unreachable' };
}

/** v1: an array of `{id}`, the same site maybe twice; v2: `{data: {resources: [{cloudId}]}}`. */
function readCloudIds(value: unknown): string[] | undefined {
  const data = unwrap(value);
  const list: unknown = isRecord(data) ? data['resources'] : data;
  if (!Array.isArray(list)) return undefined;
  const ids = list.filter(isRecord).map((entry) => entry['cloudId'] ?? entry['id']);
  return [...new Set(ids.filter((id) => typeof id === 'string').map((id) => id.toLowerCase()))];
}

function readAccount(value: unknown): { accountId?: string; email?: string; displayName?: string } {
  const data = unwrap(value);
  const account = isRecord(data) && isRecord(data['user']) ? data['user'] : data;
  if (!isRecord(account)) return {};
  const accountId = firstText(account, ['account_id', 'accountId', 'id']);
  const email = firstText(account, ['email', 'emailAddress']);
  const displayName = firstText(account, ['name', 'displayName']);
  return {
    ...(accountId === undefined ? {} : { accountId }),
    ...(email === undefined ? {} : { email }),
    ...(displayName === undefined ? {} : { displayName }),
  };
}

function unwrap(value: unknown): unknown {
  return isRecord(value) && 'data' in value ? value['data'] : value;
}

function firstText(record: Readonly<Record<string, unknown>>, keys: readonly string[]): string | undefined {
  return keys.map((key) => record[key]).find((each) => typeof each === 'string' && each !== '') as
    | string
    | undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
