import type { Site, ToolClass } from '@switchyard/catalogue';
import type { Member } from '@switchyard/json-text';
import type { CancelSignal, LargeAnswerReader, SessionRef, UpstreamAnswer } from '@switchyard/upstream';
import type { MessageFault, RequestHeaders } from '@switchyard/wire';

import type { Asking } from './asking.ts';
import type { ClientContext } from './client-context.ts';
import type { Opening } from './runtime.ts';
import { failureResult, type FailureReason, type SiteFailure } from './site-failure.ts';

/** A tools/call of a client, read once. */
export interface ToolCall {
  readonly name: string;
  readonly args: unknown;
  readonly argumentsText: string | undefined;
  /** JSON text of all of `params`: what is not rewritten goes upstream as it came. */
  readonly paramsText: string;
  /** Where its members stand, when that is known. */
  readonly paramsMembers?: readonly Member[] | undefined;
  /** The same of the arguments. */
  readonly argumentsMembers?: readonly Member[] | undefined;
  readonly signal?: CancelSignal;
  readonly client: ClientContext;
  /** The headers of a modern request: arguments that they repeat must agree. */
  readonly headers: RequestHeaders;
  /** What the site says before its answer. */
  readonly onMessage?: (message: Buffer, session: SessionRef, opening: Opening) => void;
  /** The way to the person; absent: nobody can be asked. */
  readonly asking?: () => Asking;
  /** Takes a large result while it arrives; absent where a result must be looked into. */
  readonly reader?: LargeAnswerReader;
  /** Less than the configuration gives a call. */
  readonly timeoutMs?: number;
}

/** What a call brings: upstream's own answer, a failure as a result, Switchyard's own tool, or a refusal. */
export type CallReply =
  | {
      readonly kind: 'answer';
      readonly answer: UpstreamAnswer;
      readonly outcome: 'ok' | 'tool_error' | 'upstream_error';
      readonly site: Site;
      /** As the site calls it. */
      readonly tool: string;
      readonly toolClass: ToolClass;
      /** Of the credential that it was sent with, where the caller has several for the site. */
      readonly credentialId?: string;
    }
  | {
      readonly kind: 'failed';
      /** JSON text of a tool result. */
      readonly result: string;
      readonly outcome: FailureReason | 'not_confirmed' | 'input_required' | 'cancelled';
      readonly site: Site;
      readonly tool?: string;
      readonly toolClass?: ToolClass;
      readonly credentialId?: string;
      /** Where the person can link the site. */
      readonly linkUrl?: string;
    }
  | { readonly kind: 'sites' }
  /** JSON text of the result of another own tool, and the calls of sites that it is made from. */
  | { readonly kind: 'own'; readonly result: string; readonly calls?: readonly CallReply[] }
  /** A header of a modern request contradicts its body: HTTP 400. */
  | { readonly kind: 'mismatch'; readonly fault: MessageFault }
  | {
      readonly kind: 'unknown' | 'invalid';
      readonly message: string;
      readonly reason: string;
      /** Of the tool that is unknown, when nothing better can be said of it. */
      readonly name?: string;
    };

/** Forbidden and absent alike. `now` is the name of a tool that took its place and that this caller sees. */
export function unknownTool(name: string, reason: string, now?: string): CallReply {
  const hint = now === undefined ? '' : `; on this site it is now ${now}`;
  return {
    kind: 'unknown',
    message: `Unknown tool: ${name}${hint}`,
    reason,
    ...(now === undefined && { name }),
  };
}

/** `doubt`: a write may have happened all the same. */
export function siteFailed(
  site: Site,
  failure: SiteFailure,
  doubt = false,
): Extract<CallReply, { kind: 'failed' }> {
  const { reason: outcome, linkUrl } = failure;
  const result = failureResult(site, failure, doubt);
  return { kind: 'failed', result, outcome, site, ...(linkUrl !== undefined && { linkUrl }) };
}

/** A call that cannot be meant as it is. */
export function invalidCall(message: string, reason: 'arguments' | 'site' = 'arguments'): CallReply {
  return { kind: 'invalid', message, reason };
}
