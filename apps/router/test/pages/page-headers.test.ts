import { describe, expect, it } from 'vitest';

import { pageHeaders } from '../../src/pages/page-headers.ts';

function formAction(...formTargets: string[]): string | undefined {
  return /form-action ([^;]*)/.exec(pageHeaders({ formTargets })['content-security-policy'] ?? '')?.[1];
}

describe('a form target', () => {
  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'blob:https://a.example/1',
    'file:///etc/passwd',
    'about:blank',
    'https://a.example;script-src',
    'https://a.example,b.example',
    "https://'unsafe-inline'",
    'https://*',
    'https://*.example',
    'http://[2001:db8::1]/cb',
    'not an address',
    '/path',
    '*',
    '',
  ])('of the kind %s is refused', (target) => {
    expect(() => formAction(target)).toThrow(TypeError);
  });

  it.each([
    ['https://claude.ai/api/mcp/auth_callback', "'self' https://claude.ai"],
    ['https://CLAUDE.ai:443/cb?x=;y', "'self' https://claude.ai"],
    ['http://localhost:53127/callback', "'self' http://localhost:53127"],
    ['http://127.0.0.1:1/', "'self' http://127.0.0.1:1"],
    ['http://[::1]:53127/callback', "'self' http:"],
    ['cursor://anysphere.cursor-retrieval/oauth', "'self' cursor:"],
  ])('%s is let through as %s', (target, sources) => {
    expect(formAction(target)).toBe(sources);
  });

  it('is named once', () => {
    expect(formAction('https://a.example/1', 'https://a.example/2')).toBe("'self' https://a.example");
  });
});

describe('the headers of a page', () => {
  it('allow nothing but its own style, its icon and its forms', () => {
    expect(pageHeaders()['content-security-policy']?.replace(/sha256-[\w+/]{43}=/, 'sha256-…')).toBe(
      "default-src 'none'; style-src 'sha256-…'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
  });

  it('keep it out of caches, frames and guesses about its type', () => {
    expect(pageHeaders()).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
    });
  });

  it('leave a sign-in that a client opened as a popup to its opener', () => {
    expect(pageHeaders({ formTargets: [] })).not.toHaveProperty('cross-origin-opener-policy');
  });
});
