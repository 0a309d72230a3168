import type { Site, SiteStatus } from '@switchyard/catalogue';
import { UpstreamError, type UpstreamErrorCode } from '@switchyard/upstream';

import { SiteClosed } from './closed-site.ts';

/** What a site's failure means for the person: the reasons of the contract, section 5. */
export type FailureReason =
  | 'unavailable'
  | 'timeout'
  | 'rate_limited'
  | 'not_connected'
  | 'under_scoped'
  | 'circuit_open';

export interface SiteFailure {
  readonly reason: FailureReason;
  readonly status: SiteStatus;
  /** One plain sentence or two: what happened, what to do. */
  readonly text: string;
  readonly retryAfterSeconds?: number;
  /** Where the person can mend it. */
  readonly linkUrl?: string;
}

const TOKEN_PAGE = 'https://id.atlassian.com/manage-profile/security/api-tokens';

interface Row {
  readonly reason: FailureReason;
  readonly status: SiteStatus;
  readonly text: (site: Site, error: UpstreamError) => string;
}

const ROWS: Readonly<Record<UpstreamErrorCode, Row>> = {
  unavailable: {
    reason: 'unavailable',
    status: 'unavailable',
    text: (site, error) =>
      `${site.title} is not available right now: ${error.message}. Try again in a moment; other sites are not affected.`,
  },
  no_endpoint: {
    reason: 'unavailable',
    status: 'unavailable',
    text: (site, error) =>
      `${site.title} has no MCP server where the configuration says: ${error.message}. Its administrator must mend the endpoint.`,
  },
  garbled: {
    reason: 'unavailable',
    status: 'unavailable',
    text: (site, error) =>
      `${site.title} gave no usable answer: ${error.message}. Try again in a moment; other sites are not affected.`,
  },
  session_lost: {
    reason: 'unavailable',
    status: 'unavailable',
    text: (site) =>
      `${site.title} ended its session twice in a row. Try again in a moment; other sites are not affected.`,
  },
  timeout: {
    reason: 'timeout',
    status: 'unavailable',
    text: (site, error) => `${site.title} took too long: ${error.message}. Ask for less, or try again later.`,
  },
  cancelled: {
    reason: 'timeout',
    status: 'unavailable',
    text: (site) => `The request to ${site.title} was cancelled.`,
  },
  rate_limited: {
    reason: 'rate_limited',
    status: 'unavailable',
    text: (site, error) =>
      `Atlassian limits the requests to ${site.title}; try again ${wait(error.retryAfterSeconds)}.`,
  },
  circuit_open: {
    reason: 'circuit_open',
    status: 'unavailable',
    text: (site) =>
      `${site.title} failed repeatedly a moment ago and is left alone for a few seconds. Try again shortly; other sites are not affected.`,
  },
  unauthorized: {
    reason: 'not_connected',
    status: 'not-connected',
    text: (site) =>
      `${site.title} did not accept your credential. It may have expired or been revoked: create a new scoped API token at ${TOKEN_PAGE} and connect again, or link the site again where you signed in.`,
  },
  wrong_credential: {
    reason: 'not_connected',
    status: 'not-connected',
    text: (site) =>
      `${site.title} has no tools for this kind of credential. Organisation admin keys are not supported: use a scoped API token (${TOKEN_PAGE}) or a service-account key.`,
  },
};

/** Says what a failed request to a site means. An error of ours counts as the site being unavailable. */
export function siteFailure(site: Site, error: unknown): SiteFailure {
  if (error instanceof SiteClosed) return error.failure;
  const known =
    error instanceof UpstreamError ? error : new UpstreamError('unavailable', 'an internal error');
  const { reason, status, text } = ROWS[known.code];
  const { retryAfterSeconds } = known;
  return {
    reason,
    status,
    text: text(site, known),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

function wait(seconds: number | undefined): string {
  return seconds === undefined ? 'in a minute' : `in ${seconds} second${seconds === 1 ? '' : 's'}`;
}

/** A failure as the result of a tool: models read results, clients hide protocol errors. */
export function failureResult(site: Site, failure: SiteFailure, doubt: boolean): string {
  const { reason, retryAfterSeconds } = failure;
  const text = doubt
    ? `${failure.text} It is not known whether the change was made: look before you repeat it.`
    : failure.text;
  const meta: Record<string, unknown> = { 'switchyard/reason': reason, 'switchyard/site': site.name };
  if (retryAfterSeconds !== undefined) meta['retryAfterSeconds'] = retryAfterSeconds;
  return JSON.stringify({ content: [{ type: 'text', text }], isError: true, _meta: meta });
}
