import { describe, expect, it } from 'vitest';

import { refusals } from '../src/index.ts';

describe('refusals', () => {
  it.each([
    ['none', 401],
    ['disabled', 401],
    ['malformed', 401],
    ['bad_credential', 401],
    ['wrong_kind', 401],
    ['disabled_upstream', 401],
    ['ip_refused_upstream', 403],
    ['unreachable', 503],
    ['no_site', 403],
    ['bad_token', 401],
    ['state_unavailable', 503],
    ['rate_limited', 429],
    ['switched_off', 403],
  ] as const)('answers %s with %i', (reason, status) => {
    expect(refusals[reason]).toMatchObject({ reason, status });
  });

  it('has no other reason than those', () => {
    expect(Object.keys(refusals)).toHaveLength(13);
  });

  it('tells nobody which part of a credential was wrong', () => {
    const texts = [refusals.none, refusals.malformed, refusals.bad_credential, refusals.wrong_kind].map(
      ({ text }) => text,
    );

    expect(new Set(texts).size).toBe(1);
  });

  it.each([
    'Basic base64(email:token)',
    'scoped',
    'newline',
    'service account',
    'admin API keys',
    'https://id.atlassian.com/',
  ])('names %s among the usual causes', (words) => {
    expect(refusals.malformed.text).toContain(words);
  });

  it.each([
    ['disabled', /^API token authentication is turned off\b.*`auth\.apiToken\.enabled: true`/],
    [
      'disabled_upstream',
      /^API token authentication is turned off on Atlassian's side.*Admin → Rovo → Rovo MCP server → Authentication/,
    ],
    ['ip_refused_upstream', /Atlassian's IP allowlist refused Switchyard's address/],
  ] as const)('says for %s who can mend it', (reason, pattern) => {
    expect(refusals[reason].text).toMatch(pattern);
  });

  it('asks to come back only where that helps', () => {
    const withRetry = Object.values(refusals).filter(
      ({ retryAfterSeconds }) => retryAfterSeconds !== undefined,
    );

    expect(withRetry.map(({ reason }) => reason)).toEqual([
      'unreachable',
      'state_unavailable',
      'rate_limited',
    ]);
  });
});
