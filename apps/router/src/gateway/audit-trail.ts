import { hostname } from 'node:os';

import { type AuditEntry, type AuditNotice, createAuditTrail, createFileSink } from '@switchyard/audit';
import type { Access, Secret } from '@switchyard/catalogue';
import type { Telemetry } from '@switchyard/telemetry';

import type { AuditConfig } from '../config/config.ts';

/** The audit trail as the gateway uses it. */
export interface Audit {
  /** Whether anything is written at all. */
  readonly enabled: boolean;
  /** False while what happens cannot be recorded. */
  isWritable(): boolean;
  /** Never waits, never throws. Records a call after its answer is on its way. */
  record(entry: AuditEntry): void;
  /** Whether a call must be refused now because it could not be recorded: writes always, reads by `audit.reads`. */
  refuses(access: Access): boolean;
  /** True when all that was recorded is on disk. Opens the trail the first time. */
  flush(): Promise<boolean>;
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;

/** Without a configuration nothing is written and nothing refused. `hostId` must differ from replica to replica. */
export function createAudit(
  config: AuditConfig | undefined,
  { telemetry, hostId = hostname() }: { readonly telemetry: Telemetry; readonly hostId?: string },
): Audit {
  if (!config) return NONE;
  const key = auditKeyOf(config.key);
  const onNotice = (notice: AuditNotice): void => report(telemetry, notice);
  const sink = createFileSink({
    directory: config.directory,
    hostId,
    keys: [key],
    maxFileBytes: config.maxFileBytes,
    retentionMs: config.retentionDays * DAY_MS,
    onNotice,
  });
  const trail = createAuditTrail({ sink, key, onNotice });
  return {
    enabled: true,
    isWritable: trail.ready,
    record: trail.record,
    refuses: (access) => !trail.ready() && (access !== 'read' || config.reads === 'refuse'),
    flush: trail.flush,
    close: trail.close,
  };
}

/** The bytes that lines are chained with. */
export function auditKeyOf(secret: Secret): Uint8Array {
  return Buffer.from(secret.reveal(), 'utf8');
}

const NONE: Audit = {
  enabled: false,
  isWritable: () => true,
  record: () => undefined,
  refuses: () => false,
  flush: async () => true,
  close: async () => undefined,
};

/** The heads are logged so that they are kept where whoever can change the files cannot reach. */
function report({ emit, log }: Telemetry, notice: AuditNotice): void {
  switch (notice.type) {
    case 'state': {
      const { writable, code } = notice;
      emit({ type: 'audit-state', writable });
      if (writable) log.info({}, 'audit trail is written again');
      else log.error({ code }, 'audit trail cannot be written, calls that write are refused');
      return;
    }
    case 'lost':
      emit({ type: 'audit-lost', count: notice.count });
      log.error({ count: notice.count }, 'audit events were lost');
      return;
    case 'recovered':
      log.warn({ bytes: notice.bytes }, 'audit trail goes on after a line that a crash cut off');
      return;
    case 'damaged':
      log.error({ damage: notice.damage }, 'audit trail was found damaged; see switchyard audit verify');
      return;
    case 'head':
      log.info({ host: notice.host, seq: notice.seq, mac: notice.mac }, 'audit head');
  }
}
