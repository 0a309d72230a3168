import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Client, Interaction, Provider } from 'oidc-provider';

import type { ClientKind, Clients } from './clients.ts';
import type { People, Person } from './people.ts';
import { redirectTarget } from './redirect-policy.ts';
import type { Resources } from './resources.ts';

/** What a client asks of a person, and how far the person has come. */
export interface AuthorizationRequest {
  readonly uid: string;
  readonly client: { readonly id: string; readonly name: string; readonly kind: ClientKind };
  readonly redirect: { readonly uri: string; readonly host: string; readonly loopback: boolean };
  /** The MCP URL that tokens would be for. */
  readonly audience: string;
  readonly scopes: readonly string[];
  /** Absent until the person has signed in for this request. */
  readonly person?: Person;
}

/** The request that a browser began; undefined: unknown, over, answered, or begun in another browser. */
export type FindRequest = (
  req: IncomingMessage,
  res: ServerResponse,
  uid: string,
) => Promise<AuthorizationRequest | undefined>;

export interface FindRequestOptions {
  readonly provider: () => Provider;
  readonly clients: Pick<Clients, 'kindOf' | 'mayRedirect'>;
  readonly people: Pick<People, 'find'>;
  readonly resources: Resources;
}

/** Finds requests by the signed cookie that the browser got with its first step. */
export function createFindRequest({ provider, clients, people, resources }: FindRequestOptions): FindRequest {
  async function describe(
    interaction: Interaction,
    client: Client,
  ): Promise<AuthorizationRequest | undefined> {
    const { uid, params, result } = interaction;
    const uri = text(params['redirect_uri']);
    const resource = resources.resolve(text(params['resource']));
    const { clientId: id, clientName: name = '' } = client;
    // The rules may have changed since the request was made.
    if (!resource || !client.redirectUriAllowed(uri) || !clients.mayRedirect(id, uri)) return undefined;
    const person = result?.login && (await people.find(result.login.accountId));
    return {
      uid,
      client: { id, name, kind: clients.kindOf(id) },
      redirect: { uri, ...redirectTarget(uri) },
      audience: resource.audience,
      scopes: text(params['scope']).split(' '),
      ...(person && person.disabled !== true && { person }),
    };
  }

  return async (req, res, uid) => {
    const interaction = await interactionOf(provider(), req, res);
    const answered = interaction?.result?.consent ?? interaction?.result?.['error'];
    if (interaction?.uid !== uid || answered !== undefined) return undefined;
    const client = await clientOf(provider(), text(interaction.params['client_id']));
    return client && describe(interaction, client);
  };
}

async function interactionOf(
  provider: Provider,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<Interaction | undefined> {
  try {
    return await provider.interactionDetails(req, res);
  } catch {
    return undefined;
  }
}

async function clientOf(provider: Provider, clientId: string): Promise<Client | undefined> {
  try {
    return await provider.Client.find(clientId);
  } catch {
    return undefined;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
