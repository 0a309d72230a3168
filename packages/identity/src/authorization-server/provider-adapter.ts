import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

import type { Clients } from './clients.ts';
import { errors } from './oidc-library.ts';
import { createSealedRecords, type Safe } from './sealed-records.ts';

/** Where the artifacts of `oidc-provider` are kept. */
export interface ProviderAdapterOptions extends Safe {
  readonly clients: Pick<Clients, 'find' | 'isBlocked'>;
  /** Ends a connection everywhere: `oidc-provider` asks for it when a code or a refresh token is used twice. */
  readonly endConnection: (connectionId: string) => Promise<void>;
  readonly now: () => number;
  /** How long a refresh token that was used may be used again: clients refresh several times at once, or lose the answer. */
  readonly graceMs: number;
}

/**
 * The adapter contract of oidc-provider 9. Codes and refresh tokens need no index by grant: each is worth nothing once
 * its grant is gone, so that ending a connection is one deletion.
 */
export function createProviderAdapter(options: ProviderAdapterOptions): AdapterFactory {
  return (model) => {
    if (model === 'Client') return clientAdapter(options);
    return model === 'Session' ? NOTHING : artifactAdapter(model, options);
  };
}

type Steps = Pick<Adapter, 'upsert' | 'find' | 'consume' | 'destroy' | 'revokeByGrantId'>;

const never = async (): Promise<undefined> => undefined;

/** Nobody is signed in at the authorization server itself, so there is no session to ride or to fix. */
const NOTHING: Adapter = {
  upsert: never,
  find: never,
  findByUid: never,
  findByUserCode: never,
  consume: never,
  destroy: never,
  revokeByGrantId: never,
};

function clientAdapter({ clients }: ProviderAdapterOptions): Adapter {
  return {
    ...NOTHING,
    async find(clientId) {
      if (await clients.isBlocked(clientId)) throw new errors.InvalidClient('client is blocked');
      return clients.find(clientId);
    },
  };
}

function artifactAdapter(model: string, options: ProviderAdapterOptions): Adapter {
  const { now, graceMs, endConnection, ...safe } = options;
  const records = createSealedRecords<AdapterPayload>(safe, model);
  const steps: Steps = {
    async upsert(id, payload, expiresIn) {
      const ttl = expiresIn === undefined ? {} : { ttlMs: expiresIn * 1_000 };
      if (model !== 'ReplayDetection') return void (await records.put(id, payload, ttl));
      // Two requests with one assertion arrive at once: only the first may note it.
      if (!(await records.put(id, payload, { ...ttl, ifVersion: 0 }))) throw new errors.InvalidClientAuth();
    },
    async find(id) {
      const payload = (await records.get(id))?.record;
      if (model !== 'RefreshToken' || typeof payload?.consumed !== 'number') return payload;
      const { consumed, ...rest } = payload;
      return now() - consumed * 1_000 < graceMs ? rest : payload;
    },
    async consume(id) {
      const known = await records.get(id);
      if (known && known.record.consumed === undefined) {
        const record = { ...known.record, consumed: Math.floor(now() / 1_000) };
        const ttlMs = Math.max(1, (known.record.exp ?? 0) * 1_000 - Date.now());
        if (await records.put(id, record, { ttlMs, ifVersion: known.version })) return;
      }
      // A refresh token within its grace keeps the moment of its first use; a code is for one.
      if (model !== 'RefreshToken') throw new errors.InvalidGrant('code already used');
    },
    async destroy(id) {
      const was = await records.delete(id);
      if (!was && model === 'Interaction') throw new errors.SessionNotFound('already answered');
    },
    async revokeByGrantId(grantId) {
      if (model === 'AccessToken') await endConnection(grantId);
    },
  };
  return { ...NOTHING, ...steps };
}
