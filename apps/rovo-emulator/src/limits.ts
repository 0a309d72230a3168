// Rate limits: calls at once by one account, and calls in an hour on one site.
import type { EmulatorSettings } from './emulator-options.ts';

/** A request that may go on (call `leave` when it is answered), or one to answer 429. */
type Admission =
  | { readonly admitted: true; readonly leave: () => void }
  | { readonly admitted: false; readonly retryAfterSeconds: number };

/** Whom a request counts for. */
interface LimitSubject {
  readonly account: string;
  /** The pool that pays, for tool calls only. */
  readonly pool?: string;
}

/** Admits or refuses a request. */
export type Admit = (subject: LimitSubject) => Admission;

const HOUR_MS = 3_600_000;
const DEFAULT_RETRY_AFTER_SECONDS = 1;
const FREE_PASS: Admission = { admitted: true, leave: () => undefined };

/** Applies `burstLimit` and `hourlyLimit` of the settings; `now` is a clock in milliseconds. */
export function createLimits(settings: Readonly<EmulatorSettings>, now: () => number = Date.now): Admit {
  const inFlight = new Map<string, number>();
  const spent = new Map<string, { hour: number; calls: number }>();
  const spend = (pool: string): number | undefined => {
    if (settings.hourlyLimit === null) return undefined;
    const hour = Math.floor(now() / HOUR_MS);
    const known = spent.get(pool);
    const account = known?.hour === hour ? known : { hour, calls: 0 };
    spent.set(pool, account);
    if (account.calls >= settings.hourlyLimit) return Math.ceil(((hour + 1) * HOUR_MS - now()) / 1000);
    account.calls += 1;
    return undefined;
  };
  return ({ account, pool }) => {
    if (settings.burstLimit === null && settings.hourlyLimit === null) return FREE_PASS;
    const running = inFlight.get(account) ?? 0;
    if (settings.burstLimit !== null && running >= settings.burstLimit.parallel) {
      return {
        admitted: false,
        retryAfterSeconds: settings.burstLimit.retryAfterSeconds ?? DEFAULT_RETRY_AFTER_SECONDS,
      };
    }
    const retryAfterSeconds = pool === undefined ? undefined : spend(pool);
    if (retryAfterSeconds !== undefined) return { admitted: false, retryAfterSeconds };
    inFlight.set(account, running + 1);
    return {
      admitted: true,
      leave: () => inFlight.set(account, Math.max(0, (inFlight.get(account) ?? 1) - 1)),
    };
  };
}
