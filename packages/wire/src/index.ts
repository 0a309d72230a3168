export { answerKind, type AnswerKind } from './answer-kind.ts';
export { AnswerEnd, endsInBrace, KEPT_BYTES, type LastBytes } from './answer-end.ts';
export { readAnswerStart } from './answer-start.ts';
export { withEnvelope, withoutEnvelope } from './envelope.ts';
export {
  classifyEra,
  encodeHeader,
  ENVELOPE,
  HEADER_MISMATCH,
  MISSING_CAPABILITY,
  MODERN_VERSION,
  MODERN_VERSIONS,
  SERVER_INFO_KEY,
  SUBSCRIPTION_ID_KEY,
  UNSUPPORTED_VERSION,
  type ClassifiedEra,
  type ClientCapabilities,
  type Era,
  type RequestHeaders,
} from './era.ts';
export {
  errorText,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  PARSE_ERROR,
  readMessage,
  requestText,
  resultText,
  type Incoming,
  type MessageFault,
} from './json-rpc.ts';
export { paramHeaderFault, paramHeaders, writeParamHeaders, type ParamHeader } from './param-headers.ts';
export { LATEST_LEGACY_VERSION, LEGACY_VERSIONS, negotiateVersion } from './protocol-version.ts';
export { createIdSource, placeOfId, splitAtId, type IdSource } from './splice-id.ts';
export { createSseScanner, type SseScanner } from './sse-scanner.ts';
export { cacheable, COMPLETE, stampResult } from './stamp-result.ts';
