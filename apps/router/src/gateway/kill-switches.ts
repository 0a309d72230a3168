import type { DurableState } from '@switchyard/identity';
import type { Logger } from '@switchyard/telemetry';

/** What can be stopped: everything, one site (by cloudId), one OAuth client or enrolled token (by id). */
export interface SwitchedOff {
  readonly kind: 'all' | 'site' | 'client';
  /** Empty for `all`. */
  readonly id: string;
}

/** Stops that an admin has pulled. They hold on every replica and outlive a restart. */
export interface KillSwitches {
  /** Asked on every request: memory only. */
  isOff(kind: SwitchedOff['kind'], id: string): boolean;
  list(): readonly SwitchedOff[];
  set(what: SwitchedOff, off: boolean): Promise<void>;
  close(): void;
}

const SET = 'switched-off';
const CHANNEL = 'switched-off';
/** News that got lost are caught up with. */
const REREAD_MS = 10_000;

/** Reads the switches that are in force before it resolves; a store that does not answer yet is asked again later. */
export async function createKillSwitches(state: DurableState, log: Logger): Promise<KillSwitches> {
  let off: ReadonlySet<string> = new Set();

  async function reread(): Promise<void> {
    try {
      off = new Set(await state.members(SET));
    } catch (error) {
      // What was pulled stays pulled.
      log.warn({ error }, 'kill switches could not be read');
    }
  }

  const again = (): void => void reread();
  const stop = state.subscribe(CHANNEL, again, again);
  const timer = setInterval(again, REREAD_MS).unref();
  await reread();
  return {
    isOff: (kind, id) => off.size > 0 && off.has(`${kind}:${id}`),
    list: () => [...off].map(parse),
    async set({ kind, id }, isOff) {
      const member = `${kind}:${id}`;
      await (isOff ? state.addMember(SET, member) : state.removeMember(SET, member));
      await state.publish(CHANNEL, member);
      await reread();
    },
    close() {
      clearInterval(timer);
      stop();
    },
  };
}

function parse(member: string): SwitchedOff {
  const at = member.indexOf(':');
  return { kind: member.slice(0, at) as SwitchedOff['kind'], id: member.slice(at + 1) };
}
