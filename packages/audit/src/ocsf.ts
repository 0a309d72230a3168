import type { AuditRecord } from './audit-record.ts';

const CLASS_UID = 6003;
const VERSION = '1.3.0';

/** OCSF's numbers for what was done to the data. */
const ACTIVITIES = {
  read: [2, 'Read'],
  write: [3, 'Update'],
  delete: [4, 'Delete'],
  other: [99, 'Other'],
} as const;

const INFORMATIONAL = 1;
const LOW = 2;

/** One line as an event of the class API Activity (6003) of the Open Cybersecurity Schema Framework 1.3 (schema.ocsf.io). */
export function toOcsf(record: AuditRecord): object {
  const [activityId, activityName] =
    ACTIVITIES[record.event === 'list' ? 'read' : (record.access ?? 'other')];
  return {
    class_uid: CLASS_UID,
    class_name: 'API Activity',
    category_uid: 6,
    category_name: 'Application Activity',
    activity_id: activityId,
    activity_name: activityName,
    type_uid: CLASS_UID * 100 + activityId,
    time: Date.parse(record.ts),
    ...(record.latencyMs !== undefined && { duration: Math.round(record.latencyMs) }),
    ...verdict(record),
    metadata: {
      version: VERSION,
      profiles: ['security_control'],
      product: { name: 'Switchyard', vendor_name: 'Switchyard' },
      log_name: 'audit',
      uid: record.mac,
      sequence: record.seq,
      correlation_uid: record.traceId,
    },
    actor: actor(record),
    api: {
      operation: record.tool ?? record.event,
      service: { name: record.product ?? 'switchyard' },
      ...(record.status !== undefined && { response: { code: record.status } }),
    },
    src_endpoint: { ip: record.address },
    ...(record.site !== undefined && { dst_endpoint: { name: record.site, uid: record.cloudId } }),
    resources: record.resources?.map((uid) => ({ uid })),
    unmapped: unmapped(record),
  };
}

function verdict({ decision, outcome, rule }: AuditRecord): object {
  const allowed = decision === 'allow';
  const succeeded = allowed && outcome === 'ok';
  return {
    severity_id: allowed ? INFORMATIONAL : LOW,
    status_id: succeeded ? 1 : 2,
    status: succeeded ? 'Success' : 'Failure',
    status_code: outcome,
    status_detail: rule,
    action_id: allowed ? 1 : 2,
    action: allowed ? 'Allowed' : 'Denied',
  };
}

function actor({ caller, client, grant }: AuditRecord): object {
  return {
    user: caller && { uid: caller.id, uid_alt: caller.subject, email_addr: caller.email },
    session: grant === undefined ? undefined : { uid: grant },
    app_uid: client?.id,
    app_name: client?.name,
  };
}

function unmapped(record: AuditRecord): object {
  const { event, method, addressList, upstream, argsDigest, target, bytes, policyVersion } = record;
  return {
    event,
    method,
    addressList,
    redirectHost: record.client?.redirectHost,
    upstream,
    argsDigest,
    target,
    bytes,
    policyVersion,
  };
}
