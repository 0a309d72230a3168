// Faults that are put on the endpoint while it runs: which requests they hit and what they do.
import type { Generation } from './emulator-options.ts';
import type { ErrorTextId } from './error-texts.ts';

/** What a fault does to a request. */
export type FaultEffect =
  | { readonly kind: 'hang' }
  | { readonly kind: 'slow'; readonly ms: number }
  | {
      readonly kind: 'http';
      readonly status: number;
      readonly retryAfterSeconds?: number;
      readonly body?: string;
    }
  | { readonly kind: 'garbage' }
  | { readonly kind: 'truncated' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'session-lost' }
  | { readonly kind: 'error'; readonly id: ErrorTextId; readonly style?: 'isError' | 'text' }
  | { readonly kind: 'rpc-error'; readonly code: number; readonly message: string };

/** An effect that replaces or damages the answer. */
export type BreakingEffect = Exclude<FaultEffect, { readonly kind: 'slow' }>;

/** Selectors of a fault; all given ones must hold. `tool` and `cloudId` select tool calls only. */
export interface FaultMatch {
  readonly lane?: string;
  readonly cloudId?: string;
  readonly tool?: string;
  /** accountId */
  readonly account?: string;
  /** JSON-RPC method, or the HTTP method for GET and DELETE. */
  readonly method?: string;
  readonly generation?: Generation;
}

/** A fault; without `match` it hits every request, without `times` until it is removed. */
export interface FaultSpec {
  readonly match?: FaultMatch;
  readonly effect: FaultEffect;
  readonly times?: number;
}

/** A fault that is in force. */
export interface ActiveFault extends FaultSpec {
  readonly id: string;
  readonly hits: number;
}

/** What a request looks like to the selectors. */
interface FaultSubject {
  readonly lane: string;
  readonly generation: Generation;
  readonly method: string;
  readonly account: string | undefined;
  readonly cloudId: string | undefined;
  /** The named tool, and inside execute* the inner one as well. */
  readonly tools: readonly string[];
  readonly hasId: boolean;
}

/** What the faults in force do to one request. */
interface Interference {
  readonly delayMs: number;
  readonly effect?: BreakingEffect;
}

/** The faults in force. */
export interface Faults {
  add(spec: FaultSpec): string;
  remove(id: string): boolean;
  clear(): void;
  list(): readonly ActiveFault[];
  /** Delays add up; the first breaking effect wins. Counts the hits. */
  strike(subject: FaultSubject): Interference;
}

interface FaultInForce {
  readonly id: string;
  readonly spec: FaultSpec;
  hits: number;
}

const UNHARMED: Interference = { delayMs: 0 };

/** An empty set of faults. */
export function createFaults(): Faults {
  let nextId = 1;
  const inForce = new Map<string, FaultInForce>();
  const hit = (fault: FaultInForce): void => {
    fault.hits += 1;
    if (fault.hits === fault.spec.times) inForce.delete(fault.id);
  };
  return {
    add(spec) {
      const id = `fault-${nextId}`;
      nextId += 1;
      inForce.set(id, { id, spec, hits: 0 });
      return id;
    },
    remove: (id) => inForce.delete(id),
    clear: () => inForce.clear(),
    list: () => [...inForce.values()].map(({ id, spec, hits }) => ({ ...spec, id, hits })),
    strike(subject) {
      if (inForce.size === 0) return UNHARMED;
      let delayMs = 0;
      for (const fault of inForce.values()) {
        const { effect } = fault.spec;
        if (!selects(fault.spec.match, subject) || !concerns(fault.spec, subject)) continue;
        hit(fault);
        if (effect.kind !== 'slow') return { delayMs, effect };
        delayMs += effect.ms;
      }
      return { delayMs };
    },
  };
}

function selects(match: FaultMatch = {}, subject: FaultSubject): boolean {
  if (match.tool !== undefined && !subject.tools.includes(match.tool)) return false;
  return (['lane', 'cloudId', 'account', 'method', 'generation'] as const).every(
    (key) => match[key] === undefined || match[key] === subject[key],
  );
}

function concerns({ effect, match }: FaultSpec, subject: FaultSubject): boolean {
  if (effect.kind === 'rpc-error') return subject.hasId;
  if (effect.kind !== 'error') return true;
  // discover reads a local catalogue: it answers while every real call fails, unless it is named itself.
  return (
    subject.method === 'tools/call' && (match?.tool === 'discover' || !subject.tools.includes('discover'))
  );
}
