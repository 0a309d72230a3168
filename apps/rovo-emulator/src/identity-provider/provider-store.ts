// Where oidc-provider keeps its records: in memory, bounded in number and time.
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

import { BoundedMap } from '../bounded-map.ts';
import type { RelyingParty } from './identity-provider-options.ts';

interface Stored {
  readonly payload: AdapterPayload;
  readonly expiresAt: number;
}

const MOST_RECORDS = 10_000;
const NOTHING: () => Promise<undefined> = () => Promise.resolve(undefined);

/** A store for each model; clients are read from `clientOf`, so that they can be added at any time. */
export function createProviderStore(
  clientOf: (clientId: string) => AdapterPayload | undefined,
): AdapterFactory {
  return (model) => {
    const store = createModelStore();
    return model === 'Client' ? { ...store, find: (id) => Promise.resolve(clientOf(id)) } : store;
  };
}

/** A client as oidc-provider knows it; `isBasic` tells how it authenticates in this request. */
export function clientPayload(
  { clientId, clientSecret, redirectUris }: RelyingParty,
  isBasic: boolean,
): AdapterPayload {
  const method = isBasic ? 'client_secret_basic' : 'client_secret_post';
  return {
    client_id: clientId,
    redirect_uris: [...redirectUris],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    id_token_signed_response_alg: 'ES256',
    ...(clientSecret === undefined
      ? { token_endpoint_auth_method: 'none' }
      : { client_secret: clientSecret, token_endpoint_auth_method: method }),
  };
}

function createModelStore(): Adapter {
  const records = new BoundedMap<Stored>(MOST_RECORDS);
  return {
    upsert(id, payload, expiresInSeconds = Infinity) {
      records.set(id, { payload, expiresAt: Date.now() + expiresInSeconds * 1000 });
      return Promise.resolve();
    },
    find(id) {
      const record = records.get(id);
      return Promise.resolve(
        record !== undefined && Date.now() < record.expiresAt ? record.payload : undefined,
      );
    },
    consume(id) {
      const record = records.get(id);
      if (record !== undefined) record.payload.consumed = Math.floor(Date.now() / 1000);
      return Promise.resolve();
    },
    destroy(id) {
      records.delete(id);
      return Promise.resolve();
    },
    revokeByGrantId(grantId) {
      for (const [id, { payload }] of records) if (payload.grantId === grantId) records.delete(id);
      return Promise.resolve();
    },
    findByUid: NOTHING,
    findByUserCode: NOTHING,
  };
}
