export { answerKind, type AnswerKind } from './answer-kind.ts';
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
export { LATEST_LEGACY_VERSION, LEGACY_VERSIONS, negotiateVersion } from './protocol-version.ts';
export { createIdSource, splitAtId, type IdSource } from './splice-id.ts';
export { createSseScanner, type SseScanner } from './sse-scanner.ts';
