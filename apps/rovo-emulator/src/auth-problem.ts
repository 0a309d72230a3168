// The 401 answers, with the challenge texts of each endpoint.
import type { Caller } from './credentials.ts';
import type { EmulatorSettings } from './emulator-options.ts';
import type { HttpReply } from './http-reply.ts';
import type { Route } from './route.ts';

/** Who asks, and where. */
export interface AuthSubject {
  readonly caller: Caller;
  readonly route: Route;
  /** Host header, for the metadata URL. */
  readonly host: string;
}

const INVALID_TOKEN = 'error="invalid_token", error_description="Missing or invalid access token"';

/** The 401 of a caller who may not even initialize; undefined for all others. */
export function authProblem(
  { caller, route, host }: AuthSubject,
  settings: Readonly<EmulatorSettings>,
): HttpReply | undefined {
  if (!isRefused(caller, route, settings)) return undefined;
  const metadata = `resource_metadata="http://${host}/.well-known/oauth-protected-resource${route.path}"`;
  const challenge = challengeFor(caller, route, metadata);
  return {
    status: 401,
    headers: { 'content-type': 'application/json', 'www-authenticate': challenge, server: 'AtlassianEdge' },
    body: '{"error":"invalid_token","error_description":"Missing or invalid access token"}',
  };
}

function isRefused(
  { standing, credential }: Caller,
  route: Route,
  settings: Readonly<EmulatorSettings>,
): boolean {
  if (standing === 'absent' || standing === 'rejected') return true;
  if (standing === 'expired' && settings.expiredOauth === '401') return true;
  return credential?.kind === 'oauth' && credential.generation === 'v1' && route.generation === 'v2';
}

function challengeFor({ standing }: Caller, route: Route, metadata: string): string {
  if (route.generation === 'v1' && !route.isAuthV2) return `Bearer realm="OAuth", ${INVALID_TOKEN}`;
  return standing === 'absent' ? `Bearer ${metadata}` : `Bearer ${INVALID_TOKEN}, ${metadata}`;
}
