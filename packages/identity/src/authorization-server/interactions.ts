import type { Picks } from '@switchyard/catalogue';
import type { Interaction, Provider } from 'oidc-provider';

import {
  type AuthorizationRequest,
  createFindRequest,
  type FindRequest,
  type FindRequestOptions,
} from './authorization-request.ts';
import type { Connections } from './connections.ts';
import type { AuthorizationEvent } from './events.ts';
import type { Person } from './people.ts';
import { hashedId, type Safe } from './sealed-records.ts';

/** The steps between an authorization request and its answer. */
export interface Interactions {
  readonly find: FindRequest;
  /** Notes who signed in. False when the request is over. */
  signedIn(uid: string, personId: string): Promise<boolean>;
  /** Connects the client; the URL is where the browser goes next. Undefined when the request was answered already. */
  grant(request: AuthorizationRequest, picks: Picks): Promise<string | undefined>;
  /** Tells the client that the person does not want it; as above. */
  deny(request: AuthorizationRequest): Promise<string | undefined>;
}

export interface InteractionsOptions extends FindRequestOptions, Pick<Safe, 'state'> {
  readonly connections: Pick<Connections, 'save'>;
  readonly admits: (person: Person, audience: string) => boolean;
  readonly lifetimeMs: number;
  readonly now: () => number;
  readonly onEvent: (event: AuthorizationEvent) => void;
}

/** Answers the interactions of `oidc-provider`: sign-in and consent are one interaction, so that neither is remembered. */
export function createInteractions(options: InteractionsOptions): Interactions {
  const { provider, state, admits, now, onEvent } = options;

  /** Of several answers to one request, one counts. */
  async function claim(uid: string): Promise<Interaction | undefined> {
    const ttlMs = options.lifetimeMs;
    const first = await state.put(`oauth:answered:${hashedId(uid)}`, '', { ttlMs, ifVersion: 0 });
    return first ? provider().Interaction.find(uid) : undefined;
  }

  async function deny({ uid, person, client, audience }: AuthorizationRequest): Promise<string | undefined> {
    const interaction = await claim(uid);
    if (!interaction) return undefined;
    if (person) {
      onEvent({ kind: 'consent', outcome: 'denied', personId: person.id, clientId: client.id, audience });
    }
    interaction.result = { error: 'access_denied', error_description: 'The person did not allow it.' };
    await interaction.persist();
    return interaction.returnTo;
  }

  async function grant(request: AuthorizationRequest, picks: Picks): Promise<string | undefined> {
    const { person, client, audience, redirect } = request;
    if (!person || !admits(person, audience)) return deny(request);
    const interaction = await claim(request.uid);
    if (!interaction) return undefined;
    const who = { personId: person.id, clientId: client.id, audience };
    const { id, scopes } = await saveGrant(provider(), { ...request, person }, picks);
    const said = { clientName: client.name, redirectHost: redirect.host, scopes, picks };
    await options.connections.save({ id, ...who, ...said, sinceMs: now(), origin: 'consent' });
    interaction.result = { login: { accountId: person.id }, consent: { grantId: id } };
    await interaction.persist();
    onEvent({ kind: 'consent', outcome: 'granted', ...who, grantId: id });
    return interaction.returnTo;
  }

  return {
    find: createFindRequest(options),
    async signedIn(uid, personId) {
      const interaction = await provider().Interaction.find(uid);
      if (!interaction || interaction.result?.consent) return false;
      interaction.result = { login: { accountId: personId } };
      await interaction.persist();
      return true;
    },
    grant,
    deny,
  };
}

/** What was asked for and not granted is noted as refused: unmentioned, it would be asked for again. */
async function saveGrant(
  provider: Provider,
  { person, client, audience, scopes }: AuthorizationRequest & { readonly person: Person },
  { readOnly = false }: Picks,
): Promise<{ readonly id: string; readonly scopes: string[] }> {
  const refused = scopes.filter((scope) => readOnly && scope === 'atl:write');
  const granted = scopes.filter((scope) => !(readOnly && scope === 'atl:write'));
  const grant = new provider.Grant({ accountId: person.id, clientId: client.id });
  grant.addOIDCScope(granted);
  grant.addResourceScope(audience, granted);
  if (refused.length > 0) {
    grant.rejectOIDCScope(refused);
    grant.rejectResourceScope(audience, refused);
  }
  return { id: await grant.save(), scopes: granted };
}
