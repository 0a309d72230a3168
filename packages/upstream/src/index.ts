export type { CancelSignal } from './deadline.ts';
export type { Lease } from './lent-bytes.ts';
export type { Interest } from './site-watch.ts';
export type {
  CircuitState,
  LargeAnswer,
  LargeAnswerReader,
  LargeAnswerSink,
  SessionRef,
  UpstreamAnswer,
  UpstreamEvent,
  UpstreamRequest,
  UpstreamTarget,
} from './target.ts';
export { UpstreamError, type UpstreamErrorCode } from './upstream-error.ts';
export { createUpstream, type Upstream, type UpstreamOptions } from './upstream.ts';
