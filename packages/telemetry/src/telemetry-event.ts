import type { Access } from '@switchyard/catalogue';

import type {
  AuthMethod,
  AuthReason,
  CacheResult,
  CacheTier,
  ChangeKind,
  CircuitState,
  Outcome,
  SiteStatus,
} from './label-sets.ts';

/**
 * One fact, told once. `site` is the name of a site of the configuration. A text outside the closed set of its label
 * (see docs/metrics.md) is counted as `_other`; a gauge of a site that the configuration does not name is left alone.
 */
export type TelemetryEvent =
  | { type: 'server-operation'; method: string; errorType?: string | undefined; durationMs: number }
  | {
      type: 'client-operation';
      method: string;
      site: string;
      errorType?: string | undefined;
      durationMs: number;
    }
  | { type: 'tool-call'; site: string; product: string; access: Access; outcome: Outcome }
  /** `fetchedAt` is the time of the newest tool list, in milliseconds since 1970. */
  | {
      type: 'site-state';
      site: string;
      up: boolean;
      tools?: number | undefined;
      fetchedAt?: number | undefined;
    }
  /** `statuses` counts sites; a status that it leaves out is 0. */
  | { type: 'discovery'; durationMs: number; statuses: Readonly<Partial<Record<SiteStatus, number>>> }
  | { type: 'list-cache'; tier: CacheTier; result: CacheResult }
  /** `count` is the number of sessions open now. */
  | { type: 'sessions'; site: string; count: number }
  | { type: 'retry'; site: string; reason: string }
  | { type: 'broken-off'; site: string; reason: string }
  | { type: 'circuit'; site: string; state: CircuitState }
  | { type: 'policy-denial'; reason: string }
  | { type: 'auth-failure'; method: AuthMethod; reason: AuthReason }
  | { type: 'rate-limited'; site: string }
  | { type: 'definition-change'; site: string; kind: ChangeKind }
  | { type: 'redis'; up: boolean }
  | { type: 'audit-state'; writable: boolean }
  | { type: 'audit-lost'; count: number }
  | { type: 'config-reload'; ok: boolean };
