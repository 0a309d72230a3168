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
  Verification,
} from './inbound/auth-outcome.ts';
export { createInbound } from './inbound/inbound.ts';
export type { Inbound, InboundOptions, InboundSettings } from './inbound/inbound.ts';
export { parseAuthorization } from './inbound/parse-authorization.ts';
export type { AuthMethod, AuthorizationFault, ParsedAuthorization } from './inbound/parse-authorization.ts';
export { parseCidr, parseProxyCidr } from './inbound/parse-cidr.ts';
export type { Cidr } from './inbound/parse-cidr.ts';
export { refusals } from './inbound/refusals.ts';
export type { AuthReason, AuthRefusal } from './inbound/refusals.ts';
export { createOutbound } from './outbound/outbound.ts';
export type { Outbound, OutboundOptions, OutboundSite, SiteOpening } from './outbound/outbound.ts';
export { serviceCredential } from './outbound/service-credential.ts';
export type { ServiceAccount } from './outbound/service-credential.ts';
