import type { AuditEntry } from '@switchyard/audit';
import type { AuthorizationEvent, VaultEvent } from '@switchyard/identity';
import type { Telemetry } from '@switchyard/telemetry';

import type { LinkRefusal } from '../connect/link-desk.ts';
import type { Audit } from '../gateway/audit-trail.ts';

/** Where what happens around sign-in is written down. */
export interface SignInRecords {
  authorization(event: AuthorizationEvent): void;
  vault(event: VaultEvent): void;
  linkRefused(refusal: LinkRefusal): void;
}

/** Turns events of sign-in, consent, tokens and links into lines of the audit trail and of the log. */
export function createSignInRecords({
  telemetry,
  audit,
}: {
  readonly telemetry: Telemetry;
  readonly audit: Audit;
}): SignInRecords {
  return {
    authorization(event) {
      const entry = authorizationEntry(event);
      if (entry) audit.record(entry);
      const { kind, ...facts } = event;
      if (kind === 'failure') telemetry.log.error(facts, 'authorization server failed');
      else telemetry.log.info(facts, `oauth ${kind}`);
    },
    vault(event) {
      if (event.type === 'changed') return;
      const { person, cloudId, kind } = event.name;
      audit.record({
        event: 'link',
        decision: 'allow',
        outcome: event.type,
        caller: { id: person },
        cloudId,
        upstream: { kind: `linked-${kind}` },
      });
      telemetry.log.info({ person, cloudId, kind, outcome: event.type }, 'link');
    },
    linkRefused({ personId, cloudId, kind, problem }) {
      audit.record({
        event: 'link',
        decision: 'deny',
        outcome: 'refused',
        rule: problem,
        caller: { id: personId },
        cloudId,
        upstream: { kind: `linked-${kind}` },
      });
      telemetry.log.info({ person: personId, cloudId, kind, problem }, 'link refused');
    },
  };
}

/** Undefined for what only the log wants. */
function authorizationEntry(event: AuthorizationEvent): AuditEntry | undefined {
  switch (event.kind) {
    case 'sign_in': {
      const { outcome, personId, reason } = event;
      return {
        event: 'authentication',
        ...decided(outcome === 'ok', reason),
        ...callerOf(personId),
        method: 'oidc',
      };
    }
    case 'consent': {
      const { outcome, personId, clientId, audience, grantId } = event;
      const who = { ...callerOf(personId), client: { id: clientId }, grant: grantId, target: audience };
      return { event: 'consent', ...decided(outcome === 'granted'), ...who };
    }
    case 'token': {
      const { outcome, reason, clientId, personId, grantId, grantType } = event;
      const who = { ...callerOf(personId), client: { id: clientId }, grant: grantId };
      return { event: 'token', ...decided(outcome === 'issued', reason), ...who, method: grantType };
    }
    case 'registration':
      return {
        event: 'token',
        ...decided(event.outcome === 'accepted', event.reason),
        client: { id: event.clientId },
        method: 'registration',
      };
    case 'revoked':
      return {
        event: 'token',
        ...decided(true),
        outcome: 'revoked',
        target: `${event.what} ${event.id ?? ''}`.trim(),
      };
    case 'keys_rotated':
      return { event: 'admin', ...decided(true), target: 'signing keys' };
    case 'failure':
      return undefined;
  }
}

function decided(allowed: boolean, rule?: string): Pick<AuditEntry, 'decision' | 'outcome' | 'rule'> {
  return { decision: allowed ? 'allow' : 'deny', outcome: allowed ? 'ok' : 'refused', rule };
}

function callerOf(personId: string | undefined): Pick<AuditEntry, 'caller'> {
  return personId === undefined ? {} : { caller: { id: personId } };
}
