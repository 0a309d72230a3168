import type { Consent } from './confirm.ts';
import type { AskAll } from './site-turns.ts';

/** How the person behind a client is asked while a call is under way. */
export interface Asking {
  /** For a yes to one call; `params` is the JSON text of an `elicitation/create`. Never rejects. */
  consent(params: string): Promise<Consent>;
  /** For what a site of the modern era wants to know, in front of a client of the session era. */
  readonly askAll: AskAll;
}
