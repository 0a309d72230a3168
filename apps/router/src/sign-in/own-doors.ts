import { setTimeout as delay } from 'node:timers/promises';

import {
  createEnrolledTokens,
  createOwnTokens,
  type EnrolledTokens,
  IdentityError,
} from '@switchyard/identity';
import type { RequestHandler } from 'express';

import type { VerifyAdmin } from '../admin/admin-guard.ts';
import type { Config, OAuthConfig } from '../config/config.ts';
import { createEnrolledCallers, type EnrolledCallers } from '../gateway/enrolled-callers.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { createOwnCallers, type SignInPorts } from '../gateway/own-callers.ts';
import { verifyCredential } from '../gateway/verify-credential.ts';
import { createSignInSide, type SignInOptions, type SignInSide } from './sign-in.ts';

/** The ways in with a token of Switchyard's own: enrolled tokens always, OAuth where it is configured. */
export interface OwnDoors {
  readonly enrolled: EnrolledTokens;
  /** Undefined without OAuth, and as long as the store of grants has not answered once. */
  signIn(): SignInSide | undefined;
  /** The pages and the protocol of OAuth. */
  readonly router: RequestHandler;
  readonly verifyAdmin: VerifyAdmin;
  /** Opens OAuth; the public address is known by now. */
  open(publicUrl: string): Promise<void>;
  close(): Promise<void>;
}

export interface OwnDoorsOptions extends Omit<SignInOptions, 'oauth' | 'publicUrl' | 'onChanged'> {
  readonly config: Config;
  /** The rights of some callers have ended or changed; undefined: of any. */
  readonly onForgotten: (subject: string | undefined) => void;
}

const VERIFY_MS = 10_000;
const RETRY_MS = 2_000;

/** Enrolled tokens work at once. */
export function createOwnDoors(options: OwnDoorsOptions): OwnDoors {
  const { config, state, keys, credentialKey, gateway, telemetry } = options;
  const opening = createOpening(options, forget);
  const { side } = opening;
  const enrolled = createEnrolledTokens({
    state,
    keys,
    credentialKey,
    onRevoked: (id) => forget(id === undefined ? undefined : `token:${id}`),
  });
  const signIn = (): SignInPorts | undefined => portsOf(side(), config);
  const own = createOwnTokens({
    issuesJwts: config.oauth !== undefined,
    verify: createOwnCallers({ enrolled: enrolledCallers(gateway, enrolled), signIn }),
    onFailure: ({ method, reason }) => telemetry.emit({ type: 'auth-failure', method, reason }),
  });
  gateway.acceptOwnTokens(own);

  function forget(subject: string | undefined): void {
    if (subject === undefined) own.forgetAll();
    else own.forget(subject);
    options.onForgotten(subject);
  }

  return {
    enrolled,
    signIn: side,
    router(req, res, next) {
      const router = side()?.router;
      if (router) router(req, res, next);
      else next();
    },
    verifyAdmin: (token) => verifyAdmin(token, { enrolled, side: side() }),
    open: opening.open,
    async close() {
      own.close();
      enrolled.close();
      await opening.close();
    },
  };
}

interface Opening {
  side(): SignInSide | undefined;
  open(publicUrl: string): Promise<void>;
  close(): Promise<void>;
}

/** A process that starts while Redis is away serves what needs no grants, and sign-in as soon as it is back. */
function createOpening(options: OwnDoorsOptions, onChanged: SignInOptions['onChanged']): Opening {
  const { config, telemetry } = options;
  const closing = new AbortController();
  const state: { side?: SignInSide } = {};

  async function tryOpen(oauth: OAuthConfig, publicUrl: string): Promise<boolean> {
    try {
      state.side = await createSignInSide({ ...options, oauth, publicUrl, onChanged });
      return true;
    } catch (error) {
      if (!(error instanceof IdentityError) || error.code !== 'state_unavailable') throw error;
      telemetry.log.warn({ error }, 'sign-in waits for the store of grants');
      return false;
    }
  }

  async function retry(oauth: OAuthConfig, publicUrl: string): Promise<void> {
    do await delay(RETRY_MS, undefined, { signal: closing.signal, ref: false });
    while (!(await tryOpen(oauth, publicUrl)));
  }

  return {
    side: () => state.side,
    async open(publicUrl) {
      const { oauth } = config;
      if (!oauth || (await tryOpen(oauth, publicUrl))) return;
      retry(oauth, publicUrl).catch((error: unknown) => {
        if (!closing.signal.aborted) telemetry.log.error({ error }, 'sign-in cannot be opened');
      });
    },
    async close() {
      closing.abort();
      await state.side?.close();
    },
  };
}

function enrolledCallers(gateway: Gateway, tokens: EnrolledTokens): EnrolledCallers {
  return createEnrolledCallers({
    tokens,
    verifyCredential: (credential) =>
      verifyCredential(credential, {
        upstream: gateway.upstream,
        sites: gateway.runtime().directory.sites,
        signal: AbortSignal.timeout(VERIFY_MS),
        timeoutMs: VERIFY_MS,
      }),
  });
}

/** An admin token, or an access token for the admin API of a person who may use it. */
async function verifyAdmin(
  token: string,
  { enrolled, side }: { readonly enrolled: EnrolledTokens; readonly side: SignInSide | undefined },
): Promise<string | undefined> {
  const byToken = await enrolled.verify(token);
  if (byToken) return byToken.role === 'admin' ? `token:${byToken.id}` : undefined;
  const verdict = await side?.server.verify(token, side.adminResource);
  const person = verdict?.ok ? verdict.token.person : undefined;
  return person && side?.isAdmin(person) ? (person.email ?? person.id) : undefined;
}

function portsOf(side: SignInSide | undefined, { oauth }: Config): SignInPorts | undefined {
  return (
    side && {
      verify: side.server.verify,
      linksOf: side.vault.linksOf,
      tokenOfClient: (clientId) =>
        oauth?.clients.find((client) => client.clientId === clientId)?.headless?.token,
    }
  );
}
