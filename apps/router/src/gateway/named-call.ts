import type { CallArguments, View } from '@switchyard/catalogue';
import type { Identified } from '@switchyard/identity';

import type { CallReply, ToolCall } from './call-reply.ts';
import type { Opening, Runtime } from './runtime.ts';
import type { SiteCall } from './site-call.ts';

/** Whose call it is and where it may go. */
export interface CallContext {
  readonly runtime: Runtime;
  readonly view: View;
  readonly identified: Identified;
  readonly openings: readonly Opening[];
}

/** A tool by the name that a client gave, with or without its site in front. */
export interface NamedCall extends Pick<SiteCall, 'call' | 'judge' | 'isInner'> {
  readonly name: string;
  readonly args: CallArguments;
  /** The site that stands beside the arguments, in any spelling. */
  readonly beside?: unknown;
}

/** Runs a call by its name. Never rejects. */
export type CallNamed = (context: CallContext, named: NamedCall) => Promise<CallReply>;

/** Answers a tool of Switchyard's own. */
export type OwnCall = (context: CallContext, args: CallArguments, call: ToolCall) => Promise<CallReply>;
