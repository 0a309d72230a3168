export { type AtlassianOauth, clientMetadata, createAtlassianOauth } from './atlassian/atlassian-oauth.ts';
export { LinkError } from './atlassian/link-error.ts';
export { createLinking } from './atlassian/linking.ts';
export type { LinkingPerson, LinkProblem, SiteToLink } from './atlassian/link-judgement.ts';
export type { Linking, LinkOutcome } from './atlassian/linking.ts';
export type {
  EnrolledToken,
  TokenRequest,
  TokenRole,
  VerifiedEnrolledToken,
} from './enrolled/enrolled-token.ts';
export { createEnrolledTokens } from './enrolled/enrolled-tokens.ts';
export type { EnrolledTokens, EnrolledTokensOptions } from './enrolled/enrolled-tokens.ts';
export type {
  AuthorizationServer,
  AuthorizationServerOptions,
} from './authorization-server/authorization-server.ts';
export { createAuthorizationServer } from './authorization-server/load-authorization-server.ts';
export { CALLBACK_PATH, INTERACTION_PATH } from './authorization-server/places.ts';
export type { AuthorizationRequest } from './authorization-server/authorization-request.ts';
export type { ClientPolicy, ConfiguredClient } from './authorization-server/clients.ts';
export type { Connection } from './authorization-server/connections.ts';
export type { AuthorizationEvent, SignInProblem } from './authorization-server/events.ts';
export type { Person } from './authorization-server/people.ts';
export type { OAuthProblem } from './authorization-server/provider.ts';
export {
  createRedirectPolicy,
  REDIRECT_PRESETS,
  type RedirectPolicy,
} from './authorization-server/redirect-policy.ts';
export type { IdentityProviderOptions } from './authorization-server/sign-in.ts';
export type { Change } from './authorization-server/standings.ts';
export type { TokenFault, TokenVerdict, VerifiedToken } from './authorization-server/token-verifier.ts';
export { IdentityError } from './errors.ts';
export type { IdentityErrorCode } from './errors.ts';
export { createAddressGate } from './inbound/address-gate.ts';
export type { AddressGate, AddressGateOptions } from './inbound/address-gate.ts';
export type {
  AuthCause,
  AuthFailure,
  AuthNotice,
  AuthOutcome,
  Identified,
  SiteLink,
  Verification,
} from './inbound/auth-outcome.ts';
export { createAuthentication } from './inbound/authentication.ts';
export type { Authentication, Place } from './inbound/authentication.ts';
export { createInbound } from './inbound/inbound.ts';
export type { Inbound, InboundOptions, InboundSettings } from './inbound/inbound.ts';
export { createOwnTokens } from './inbound/own-tokens.ts';
export type { OwnTokens, OwnTokensOptions, OwnVerdict } from './inbound/own-tokens.ts';
export { methodOf, parseAuthorization } from './inbound/parse-authorization.ts';
export type { AuthMethod, AuthorizationFault, ParsedAuthorization } from './inbound/parse-authorization.ts';
export { refusals } from './inbound/refusals.ts';
export type { AuthReason, AuthRefusal } from './inbound/refusals.ts';
export { createOutbound } from './outbound/outbound.ts';
export type { Outbound, OutboundOptions, OutboundSite, SiteOpening } from './outbound/outbound.ts';
export { serviceCredential } from './outbound/service-credential.ts';
export type { ServiceAccount } from './outbound/service-credential.ts';
export type { DurableState, PutOptions, StateLock, StoredValue } from './state/durable-state.ts';
export { createKeyRing, openRecord, sealRecord } from './state/envelope.ts';
export type { KeyRing } from './state/envelope.ts';
export { createMemoryState } from './state/memory-state.ts';
export { createRedisState } from './state/redis-state.ts';
export type { LinkedSite } from './vault/linked-site.ts';
export { createVault } from './vault/vault.ts';
export type { LinkSummary, Vault } from './vault/vault.ts';
export type { VaultEvent } from './vault/vault-event.ts';
