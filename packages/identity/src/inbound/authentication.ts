import type { AuthOutcome } from './auth-outcome.ts';
import type { Inbound } from './inbound.ts';
import type { OwnTokens } from './own-tokens.ts';

/** Where a request came in: the URL that a token of ours must be for, and the connection that it came on. */
export interface Place {
  readonly resource: string;
  readonly connection?: object;
}

/** Every way in. A credential is of one kind by its form: what one way refuses is never tried on another. */
export interface Authentication {
  authenticate(authorization: string | undefined, place: Place): AuthOutcome | Promise<AuthOutcome>;
}

const BEARER = /^bearer +/i;

/** Without `own`, tokens in the form of ours are judged like any other Bearer text. */
export function createAuthentication(options: {
  readonly apiTokens: Pick<Inbound, 'authenticate'>;
  readonly own: OwnTokens | undefined;
}): Authentication {
  const { apiTokens, own } = options;
  return {
    authenticate(authorization, place) {
      const token = own && authorization && tokenOf(authorization);
      if (token && own.recognises(token)) return own.authenticate(token, place);
      return apiTokens.authenticate(authorization, place.connection);
    },
  };
}

function tokenOf(authorization: string): string | undefined {
  const scheme = BEARER.exec(authorization);
  return scheme ? authorization.slice(scheme[0].length) : undefined;
}
