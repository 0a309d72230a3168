import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';

import { configSchema } from '../../src/config/json-schema.ts';
import { settingRows } from '../../src/config/setting-rows.ts';
import { fileWith, problemsOf } from './config-texts.ts';

/** Words that lead deep into the schema, so that not everything ends at an unknown key. */
const KNOWN_WORDS = new Set(settingRows(configSchema()).flatMap(({ path }) => path.split(/[.[\]]+/)));
const CLOUD_ID = '11111111-aaaa-4aaa-8aaa-000000000001';
const SITE_URL = 'https://a.atlassian.net';
const WORDS =
  'jira eng * merged __proto__ constructor ${env:X} $${ ${ << 11111111 10.0.0.0/8 write shared'.split(' ');
const word = fc.oneof(
  fc.constantFrom(...KNOWN_WORDS, ...WORDS, CLOUD_ID, SITE_URL),
  fc.string({ maxLength: 12 }),
);
const scalar = fc.oneof(word, fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
const { anything } = fc.letrec<{ anything: unknown }>((tie) => ({
  anything: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('anything'), { maxLength: 4 }),
    fc.dictionary(word, tie('anything'), { maxKeys: 5 }),
  ),
}));
const env = fc.dictionary(
  fc.constantFrom(
    'SWITCHYARD_LISTEN__PORT',
    'SWITCHYARD_AUTH__API_TOKEN__ENABLED',
    'SWITCHYARD_REDIS__URL',
    'X',
  ),
  word,
);
const block = fc.constantFrom('listen', 'redis', 'auth', 'views', 'discovery', 'trustedProxies', 'upstream');

/** Runs without a limit on shapes; `problemsOf` throws on anything but a ConfigError. */
function holds(arbitrary: fc.Arbitrary<string>): void {
  fc.assert(
    fc.property(arbitrary, env, (text, variables) => {
      for (const { where, message } of problemsOf(text, { env: variables })) {
        expect(where).toMatch(/^(switchyard\.yaml:[1-9]\d*:[1-9]\d*|SWITCHYARD_\w+)$/);
        expect(message).not.toBe('');
      }
    }),
    { numRuns: 400 },
  );
}

describe('any file is valid or has problems with a place and a sentence', () => {
  it('for any value as YAML', () => holds(anything.map((value) => stringify(value))));

  it('for any value as JSON', () => holds(anything.map((value) => JSON.stringify(value) ?? '')));

  it('for any value of a known block', () =>
    holds(fc.tuple(block, anything).map(([key, value]) => fileWith(stringify({ [key]: value })))));

  it('for any further site', () =>
    holds(
      fc
        .dictionary(word, anything)
        .map((extra) => stringify({ version: 1, sites: [{ cloudId: CLOUD_ID, url: SITE_URL, ...extra }] })),
    ));

  it('for any text', () =>
    holds(
      fc
        .array(
          fc.oneof(
            word,
            fc.constantFrom(
              '\n',
              ': ',
              '- ',
              '{',
              '}',
              '[',
              '&a ',
              '*a',
              '!',
              '|',
              '>',
              '"',
              "'",
              '%',
              '#',
              '\t',
              '---',
            ),
          ),
        )
        .map((parts) => parts.join('')),
    ));
});
