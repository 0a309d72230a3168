import type { JWTPayload } from 'jose';
import type { Provider, TokenEndpointGrantContext } from 'oidc-provider';

import { JWT_BEARER } from './client-metadata.ts';
import type { Connection, Connections } from './connections.ts';
import { createVerifyAssertion, type VerifyAssertionOptions } from './id-jag-assertion.ts';
import { errors } from './oidc-library.ts';
import { type People, type Person, personIdOf } from './people.ts';
import { type ProfileRules, readProfile } from './profile.ts';
import { type ProtectedResource, type Resources, resourceServer } from './resources.ts';
import { hashedId } from './sealed-records.ts';

/** Serves enterprise-managed authorization on a provider. */
export type ServeIdJag = (provider: Provider) => void;

export interface IdJagOptions extends VerifyAssertionOptions {
  readonly resources: Resources;
  readonly people: Pick<People, 'find' | 'signedIn'>;
  readonly connections: Pick<Connections, 'save'>;
  readonly admits: (person: Person, audience: string) => boolean;
  readonly profileRules: ProfileRules;
  readonly accessTokenSeconds: number;
}

interface Parameters {
  assertion?: string;
  scope?: string;
  resource?: string;
}

type Context = TokenEndpointGrantContext<Parameters>;

const MAX_LENGTH = 16_384;

/**
 * The company's identity provider vouches for person, client and place at once, and nobody is asked. The library hands
 * `resource` on unjudged in a grant of one's own, so every rule stands here.
 */
export function createIdJag(options: IdJagOptions): ServeIdJag {
  const { resources, people, connections, now } = options;
  const verify = createVerifyAssertion(options);

  async function personOf(claims: JWTPayload): Promise<Person> {
    const read = readProfile(claims, options.profileRules);
    if (!read.ok) throw new errors.InvalidGrant(read.problem);
    const { profile } = read;
    // An assertion seldom names groups; what the last sign-in said of them stays.
    const known = await people.find(personIdOf(profile.issuer, profile.subject));
    const person = known && profile.groups === undefined ? known : await people.signedIn(profile);
    if (person.disabled === true) throw new errors.InvalidGrant('disabled');
    return person;
  }

  async function connect({ client, params }: Context['oidc']): Promise<Connection> {
    const { assertion, scope, resource } = params;
    if (client.clientAuthMethod === 'none')
      throw new errors.UnauthorizedClient('client authentication is needed');
    if (typeof assertion !== 'string' || assertion.length > MAX_LENGTH) {
      throw new errors.InvalidRequest('missing required parameter(s) assertion');
    }
    const claims = await verify(assertion, client.clientId);
    const place = placeOf(claims, resource, resources);
    const person = await personOf(claims);
    if (!options.admits(person, place.audience)) throw new errors.AccessDenied();
    const scopes = narrowed(place.scopes, [claims['scope'], scope]);
    if (scopes.length === 0) throw new errors.InvalidScope('no such scope', scope ?? '');
    const who = { personId: person.id, clientId: client.clientId, audience: place.audience };
    const connection: Connection = {
      // The same every time: the person sees one connection, not one for each assertion.
      id: hashedId(JSON.stringify(['id-jag', ...Object.values(who)])),
      ...who,
      clientName: client.clientName ?? '',
      redirectHost: new URL(person.issuer).host,
      scopes,
      picks: scopes.includes('atl:write') ? {} : { readOnly: true },
      sinceMs: now(),
      origin: 'id-jag',
    };
    await connections.save(connection);
    return connection;
  }

  async function answer(ctx: Context): Promise<void> {
    const { client, provider } = ctx.oidc;
    const { id, personId, audience, scopes } = await connect(ctx.oidc);
    const token = new provider.AccessToken({ accountId: personId, client, grantId: id, gty: JWT_BEARER });
    const server = resourceServer({ audience, scopes }, options.accessTokenSeconds);
    token.resourceServer = new provider.ResourceServer(audience, server);
    token.scope = scopes.join(' ');
    const value = await token.save();
    ctx.body = {
      access_token: value,
      token_type: 'Bearer',
      expires_in: token.expiration,
      scope: token.scope,
    };
  }

  return (provider) => {
    provider.registerGrantType<Parameters>(JWT_BEARER, answer, ['assertion', 'scope', 'resource']);
  };
}

function placeOf(claims: JWTPayload, asked: string | undefined, resources: Resources): ProtectedResource {
  const place = typeof claims['resource'] === 'string' ? resources.resolve(claims['resource']) : undefined;
  const other = asked !== undefined && resources.resolve(asked)?.audience !== place?.audience;
  if (!place || other || place.audience === resources.adminAudience) throw new errors.InvalidTarget();
  return place;
}

/** Each list that is given takes away. */
function narrowed(scopes: readonly string[], lists: readonly unknown[]): string[] {
  return scopes.filter((scope) =>
    lists.every((list) => typeof list !== 'string' || list.split(' ').includes(scope)),
  );
}
