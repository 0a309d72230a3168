import type { Site, ToolClass } from '@switchyard/catalogue';
import type { UpstreamAnswer } from '@switchyard/upstream';

import { failureResult, type FailureReason, type SiteFailure } from './site-failure.ts';

/** A tools/call of a client, read once. */
export interface ToolCall {
  readonly name: string;
  readonly args: unknown;
  readonly argumentsText: string | undefined;
  /** JSON text of all of `params`: what is not rewritten goes upstream as it came. */
  readonly paramsText: string;
  readonly signal?: AbortSignal;
  readonly onNotification?: (message: Buffer) => void;
}

/** What a call brings: upstream's own answer, a failure as a result, Switchyard's own tool, or a refusal. */
export type CallReply =
  | {
      readonly kind: 'answer';
      readonly answer: UpstreamAnswer;
      readonly outcome: 'ok' | 'tool_error' | 'upstream_error';
      readonly site: Site;
      readonly toolClass: ToolClass;
    }
  | {
      readonly kind: 'failed';
      /** JSON text of a tool result. */
      readonly result: string;
      readonly outcome: FailureReason;
      readonly site: Site;
      readonly toolClass?: ToolClass;
    }
  | { readonly kind: 'sites' }
  | { readonly kind: 'unknown' | 'invalid'; readonly message: string; readonly reason: string };

/** Forbidden and absent alike. */
export function unknownTool(name: string, reason: string): CallReply {
  return { kind: 'unknown', message: `Unknown tool: ${name}`, reason };
}

/** `doubt`: a write may have happened all the same. */
export function siteFailed(
  site: Site,
  failure: SiteFailure,
  doubt = false,
): Extract<CallReply, { kind: 'failed' }> {
  return { kind: 'failed', result: failureResult(site, failure, doubt), outcome: failure.reason, site };
}
