import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { redactFields, redactText } from '../src/redact.ts';

describe('redactText', () => {
  it.each([
    'Site eng answered 503 after 3 tries',
    'GET https://alpha-eng.atlassian.net/wiki?page=2 was slow',
    'API token authentication is turned off',
    'The token has expired',
    'tokens: 12',
    'secretary=alice',
    'mail alice@example.com',
  ])('leaves "%s" alone', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('is done with hostile text at once', () => {
    const hostile = [
      'Bearer '.repeat(500),
      'token='.repeat(600),
      '://'.repeat(1300),
      'eyJa.'.repeat(800),
      'ATATT3'.repeat(600),
    ];

    for (const text of hostile) expect(redactText(text).length).toBeLessThan(10_000);
  });
});

describe('redactFields', () => {
  it('never throws and always gives what JSON can hold', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string(),
          fc.anything({ withBigInt: true, withMap: true, withSet: true, withDate: true }),
        ),
        (fields) => {
          expect(() => JSON.stringify(redactFields(fields))).not.toThrow();
        },
      ),
    );
  });

  it('changes nothing of what it is given', () => {
    const fields = Object.freeze({ headers: Object.freeze({ authorization: 'x' }) });

    redactFields(fields);

    expect(fields.headers.authorization).toBe('x');
  });
});
