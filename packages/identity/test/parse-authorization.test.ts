import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createInbound, parseAuthorization, refusals } from '../src/index.ts';
import { badHeaders, basic } from './headers.ts';

const USER_PASS = 'alice@acme.example:secret-token';

describe('what is refused', () => {
  it.each(badHeaders)('refuses %s', (_name, header, method, cause) => {
    expect(parseAuthorization(header)).toEqual({ ok: false, method, cause });
  });

  it('looks at more than forty bad headers', () => {
    expect(badHeaders.length).toBeGreaterThan(40);
  });

  it.each(badHeaders)('repeats nothing of %s to the client (I5)', (_name, header = '') => {
    const inbound = createInbound({
      apiToken: { enabled: true },
      verify: () => Promise.reject(new Error('a bad header must never be verified')),
      admits: () => true,
      credentialKey: new Uint8Array(32),
    });

    const outcome = inbound.authenticate(header);
    inbound.close();

    if (outcome instanceof Promise || outcome.ok) throw new Error('a bad header was not refused at once');
    expect(['none', 'malformed']).toContain(outcome.refusal.reason);
    expect(outcome.refusal).toBe(refusals[outcome.refusal.reason]);
    for (const secret of header.match(/[\w+/=@.-]{14,}/g) ?? []) {
      expect(JSON.stringify(outcome)).not.toContain(secret);
    }
  });
});

describe('what is taken', () => {
  it.each([
    ['Basic', basic(USER_PASS)],
    ['basic', basic(USER_PASS).replace('Basic', 'basic')],
    ['BASIC', basic(USER_PASS).replace('Basic', 'BASIC')],
    ['several spaces', basic(USER_PASS).replace(' ', '   ')],
    ['missing padding', basic(USER_PASS).replace(/=+$/, '')],
  ])('takes %s and sends it upstream in its one canonical form', (_name, header) => {
    const parsed = parseAuthorization(header);

    expect(parsed).toMatchObject({ ok: true, kind: 'basic', userName: 'alice@acme.example' });
    expect(parsed.ok && parsed.authorization.reveal()).toBe(basic(USER_PASS));
  });

  it.each([
    ['a service account key', 'Bearer ATSTT3xFfGF0-demo_key=1A2B3C4D'],
    ['bEARER', 'bEARER ATSTT3xFfGF0-demo_key=1A2B3C4D'],
    ['several spaces', 'Bearer  ATSTT3xFfGF0-demo_key=1A2B3C4D'],
  ])('takes %s as Bearer', (_name, header) => {
    const parsed = parseAuthorization(header);

    expect(parsed).toMatchObject({ ok: true, kind: 'bearer' });
    expect(parsed.ok && parsed.authorization.reveal()).toBe('Bearer ATSTT3xFfGF0-demo_key=1A2B3C4D');
  });

  it.each(['key.with.three.dots', 'one.dot', '...', 'a:b!c$d'])('does not take %s for a JWT', (key) => {
    expect(parseAuthorization(`Bearer ${key}`)).toMatchObject({ ok: true });
  });

  it('splits at the first colon and lower-cases the claimed user name', () => {
    const header = basic('Alice@ACME.example:se:cr:et');

    const parsed = parseAuthorization(header);

    expect(parsed).toMatchObject({ ok: true, userName: 'alice@acme.example' });
    expect(parsed.ok && parsed.authorization.reveal()).toBe(header);
  });

  it('takes an e-mail address beyond ASCII', () => {
    expect(parseAuthorization(basic('jürgen@müller.example:token'))).toMatchObject({ ok: true });
  });

  it('prints no credential', () => {
    const parsed = parseAuthorization(basic(USER_PASS));

    expect(JSON.stringify(parsed)).not.toContain(basic(USER_PASS).slice(6));
  });
});

describe('whatever comes', () => {
  const schemes = fc.constantFrom('', 'Basic ', 'basic ', 'Bearer ', 'BEARER  ', 'Digest ', 'Basic Basic ');
  const tail = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({ unit: 'grapheme-ascii', maxLength: 200 }),
    fc.base64String({ maxLength: 200 }),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('base64')),
    fc.string({ unit: 'grapheme', maxLength: 50 }).map((text) => basic(`a@b.example:${text}`).slice(6)),
  );

  it('never throws, and takes only what can be a header and reads back as itself', () => {
    fc.assert(
      fc.property(schemes, tail, (scheme, rest) => {
        const parsed = parseAuthorization(scheme + rest);

        if (!parsed.ok) return;
        const canonical = parsed.authorization.reveal();
        expect(canonical).toMatch(/^(?:Basic [A-Za-z0-9+/]+={0,2}|Bearer [\x21-\x2b\x2d-\x7e]+)$/);
        expect(parseAuthorization(canonical)).toEqual(parsed);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes every well-formed pair and keeps it byte for byte', () => {
    const part = fc.string({
      unit: fc.constantFrom(...Array.from('abcXYZ019._-+=')),
      minLength: 1,
      maxLength: 40,
    });

    fc.assert(
      fc.property(part, part, part, (name, domain, token) => {
        const header = basic(`${name}@${domain}:${token}`);
        const parsed = parseAuthorization(header);

        expect(parsed.ok && parsed.authorization.reveal()).toBe(header);
      }),
    );
  });
});
