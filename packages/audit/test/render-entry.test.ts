import fc from 'fast-check';
import { expect, it } from 'vitest';

import { createAuditKey } from '../src/audit-key.ts';
import type { AuditEntry } from '../src/index.ts';
import { renderEntry } from '../src/render-entry.ts';
import { CALL, KEY, OTHER_KEY } from './fixture.ts';

const { digest } = createAuditKey(KEY);

function lineOf(entry: AuditEntry): Record<string, unknown> {
  return JSON.parse(`{${renderEntry(entry, digest)}}`) as Record<string, unknown>;
}

it('writes every field of an entry, arguments as a digest only', () => {
  const { argumentsText, latencyMs, ...rest } = CALL;

  expect(lineOf(CALL)).toEqual({ ...rest, latencyMs: 12.346, argsDigest: digest(String(argumentsText)) });
  expect(latencyMs).toBe(12.3456);
});

it('leaves out what is not known', () => {
  expect(lineOf({ event: 'list', decision: 'allow', outcome: 'ok' })).toEqual({
    event: 'list',
    decision: 'allow',
    outcome: 'ok',
  });
});

it('makes digests that say nothing without the key, and are equal for equal arguments', () => {
  expect(digest('{"a":1}')).toBe(createAuditKey(KEY).digest('{"a":1}'));
  expect(digest('{"a":1}')).not.toBe(createAuditKey(OTHER_KEY).digest('{"a":1}'));
  expect(digest('{"a":1}')).toMatch(/^[\w-]{43}$/);
});

/** Twenty that were planted where a client can put text. */
const CANARIES: readonly string[] = [
  'ATATT3xFfGF0canary-api-token=1A2B3C4D',
  'ATATT3xFfGF0_canary_second',
  'ATSTT3xFfGF0canaryServiceAccount=9F8E7D6C',
  'ATCTT3xFfGF0canaryBitbucket=12345678',
  'swy_pat_canary0123456789012345678901234567890123456789ab',
  'swy_pat_canaryABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop',
  'eyJhbGciOiJFUzI1NiJ9.eyJjYW5hcnkiOjF9.canarysignature',
  'eyJhbGciOiJub25lIn0.eyJjYW5hcnkiOjJ9.',
  'eyJhbGciOiJkaXIifQ..canaryiv.canaryciphertext.canarytag',
  'Basic YWxpY2VAYWNtZS5leGFtcGxlOmNhbmFyeQ==',
  'basic Ym9iQGFjbWUuZXhhbXBsZTpjYW5hcnk=',
  'Bearer canary-opaque-token-1',
  'BEARER canary_opaque_token_2',
  'bearer  canary.opaque~token/3+4=',
  'x ATATT3canary-in-a-sentence end',
  'token=ATSTTcanary-in-a-query&x=1',
  '"Bearer canary-in-quotes-000"',
  'https://h/?t=eyJhbGciOiJIUzI1NiJ9.canary.canary',
  'Authorization: Basic canarycanarycanary',
  'ATATTcanary.with.dots.and-dashes',
];

it('never writes a credential, whatever field it was put into (I5)', () => {
  const placed: readonly ((canary: string) => Partial<AuditEntry>)[] = [
    (tool) => ({ tool }),
    (name) => ({ client: { name } }),
    (rule) => ({ rule }),
    (email) => ({ caller: { id: 'c', email } }),
    (key) => ({ resources: [key] }),
    (target) => ({ target }),
    (argumentsText) => ({ argumentsText }),
  ];
  let tried = 0;
  for (const canary of CANARIES) {
    for (const place of placed) {
      const line = renderEntry(
        { event: 'call', decision: 'deny', outcome: 'denied', ...place(canary) },
        digest,
      );
      tried += 1;
      expect(line.toLowerCase()).not.toContain('canary');
    }
  }
  expect(tried).toBe(140);
});

it('cuts long texts and long lists', () => {
  const line = lineOf({
    ...CALL,
    tool: 'x'.repeat(10_000),
    resources: Array.from({ length: 500 }, (_, at) => `K-${at}`),
  });

  expect(String(line['tool'])).toHaveLength(256);
  expect(line['resources']).toHaveLength(20);
});

it('is one line of printable text for any text of a client, and gives it back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (name) => {
      fc.pre(!/ATATT|ATSTT|ATCTT|swy_pat_|eyJ|basic|bearer/i.test(name));
      const text = renderEntry({ ...CALL, client: { name } }, digest);
      expect(text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
      expect(JSON.parse(`{${text}}`)).toMatchObject({ client: { name } });
    }),
  );
});
