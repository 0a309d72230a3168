import type { Credential } from '@switchyard/catalogue';

import type { KeyedHash } from '../keyed-hash.ts';
import type { AuthNotice, Identified, Verdict } from './auth-outcome.ts';
import type { Answer, BoundedVerify } from './bounded-verify.ts';
import type { ParsedAuthorization } from './parse-authorization.ts';
import { verifiedCaller } from './verified-caller.ts';

/** A credential as it was presented: in canonical form, not yet verified. */
type Presented = Extract<ParsedAuthorization, { ok: true }>;

/** The verifications that are under way, at most one for each credential. */
export interface Verifications {
  /** Joins the verification of this credential, or starts it. Never rejects. */
  join(key: string, presented: Presented): Promise<Verdict>;
  /** Later callers start anew, and the verdict of what is under way is not handed to `onVerdict`. */
  forget(credentialId: string): void;
  forgetAll(): void;
}

/** Everything a verification needs; `onVerdict` gets each verdict once, to remember it. */
export interface VerificationsOptions {
  readonly verify: BoundedVerify;
  readonly hash: KeyedHash;
  readonly onVerdict: (key: string, verdict: Verdict) => void;
  readonly onNotice: ((notice: AuthNotice) => void) | undefined;
}

const NO_LINKS: Identified['links'] = new Map();

interface Flight {
  readonly credentialId: string;
  readonly verdict: Promise<Verdict>;
}

/** A flight has no caller's signal: whoever goes away cannot abort it for the others. */
export function createVerifications(options: VerificationsOptions): Verifications {
  const { verify, hash } = options;
  const flights = new Map<string, Flight>();

  function launch(key: string, presented: Presented): Flight {
    const { kind, authorization } = presented;
    const credential = { id: hash('credential', authorization.reveal()), kind, authorization };
    const verdict = verify.ask(credential).then((answer) => {
      const judged = judge(presented, credential, answer);
      land(key, flight, judged);
      return judged;
    });
    const flight: Flight = { credentialId: credential.id, verdict };
    flights.set(key, flight);
    return flight;
  }

  function judge(presented: Presented, credential: Credential, answer: Answer): Verdict {
    if (answer.kind === 'unreachable') return { ok: false, reason: 'unreachable', cause: answer.cause };
    if (answer.kind === 'refused') return { ok: false, reason: answer.reason, cause: answer.reason };
    const caller = verifiedCaller({ verified: answer, credential, hash });
    if (presented.kind === 'basic' && caller.email !== undefined && caller.email !== presented.userName) {
      options.onNotice?.({ method: 'basic', cause: 'email_differs' });
    }
    const seal = { id: credential.id, secret: credential.authorization };
    return { ok: true, caller, credential, links: NO_LINKS, seal };
  }

  /** A flight no longer listed was forgotten while it flew: its verdict may be older than the reason for that. */
  function land(key: string, flight: Flight, verdict: Verdict): void {
    if (flights.get(key) !== flight) return;
    flights.delete(key);
    options.onVerdict(key, verdict);
  }

  function forget(credentialId: string): void {
    for (const [key, flight] of flights) if (flight.credentialId === credentialId) flights.delete(key);
  }

  return {
    join: (key, presented) => (flights.get(key) ?? launch(key, presented)).verdict,
    forget,
    forgetAll: () => flights.clear(),
  };
}
