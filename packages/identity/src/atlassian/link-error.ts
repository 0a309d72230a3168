/**
 * Why a link could not be made. `unreachable`: no answer; `metadata_refused`: the endpoint's or the server's description
 * breaks a rule; `not_offered`: no way to become a client there; `registration_refused`, `domain_refused`: the server
 * does not take Switchyard, or not its address; `attempt_unknown`: expired, used, or of another browser, person or site;
 * `denied`: the person said no; `answer_refused`: the answer is not of the server that was asked, or is no answer;
 * `exchange_refused`: the server did not take the code.
 */
export type LinkErrorCode =
  | 'unreachable'
  | 'metadata_refused'
  | 'not_offered'
  | 'registration_refused'
  | 'domain_refused'
  | 'attempt_unknown'
  | 'denied'
  | 'answer_refused'
  | 'exchange_refused';

/** The message is for the log: constant words and host names, nothing that a server or a browser said (I5). */
export class LinkError extends Error {
  readonly code: LinkErrorCode;

  constructor(code: LinkErrorCode, message: string) {
    super(message);
    this.name = 'LinkError';
    this.code = code;
  }
}
