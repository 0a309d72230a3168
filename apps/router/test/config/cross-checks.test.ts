import { describe, expect, it } from 'vitest';

import { parseConfig } from '../../src/config/load-config.ts';
import { BETA, fileWith, problemsOf, readMarks, SECOND_SITE } from './config-texts.ts';

const KEY = 'credential: { serviceAccountKey: k }';
const SHARED_FRAGMENT =
  'version: 1\nsites:\n  - ¦cloudId: 11111111-aaaa-4aaa-8aaa-000000000001\n    url: https://a.atlassian.net\n    identity: shared\n';

/** A file with a ¦ before each place that must be complained about, and a part of each complaint, in order. */
type Row = readonly [name: string, marked: string, ...fragments: string[]];

const CREDENTIALS: readonly Row[] = [
  ['shared without allow', `${SHARED_FRAGMENT}    ${KEY}\n`, 'a shared site needs "allow"'],
  ['shared without credential', `${SHARED_FRAGMENT}    allow: ["*"]\n`, 'a shared site needs "credential"'],
  [
    'shared without either',
    SHARED_FRAGMENT.replace('¦', '¦¦'),
    'a shared site needs "allow"',
    'a shared site needs "credential"',
  ],
  [
    'personal with one',
    fileWith('', '    credential: ¦{ serviceAccountKey: k }\n'),
    'only shared sites have a credential',
  ],
  ...(
    [
      ['an e-mail alone', '{ email: a@acme.example }'],
      ['a token alone', '{ apiToken: t }'],
      ['both kinds', '{ serviceAccountKey: k, email: a@acme.example, apiToken: t }'],
      ['neither', '{}'],
    ] as const
  ).map(
    ([name, credential]) =>
      [
        `shared with ${name}`,
        fileWith('', `    identity: shared\n    allow: ["*"]\n    credential: ¦${credential}\n`),
        'must be either { serviceAccountKey } or both { email, apiToken }',
      ] as const,
  ),
  ...['acme.example', 'group:', '@acme.example', 'a b@acme.example', '**'].map(
    (entry) =>
      [
        `allow of "${entry}"`,
        fileWith('', `    allow: ["*", ¦"${entry}"]\n`),
        'must be an e-mail glob',
      ] as const,
  ),
];

const NAMES: readonly Row[] = [
  [
    'a cloudId twice, in other letters',
    fileWith('', '  - cloudId: ¦11111111-AAAA-4aaa-8aaa-000000000001\n    url: https://x.atlassian.net\n'),
    'site 1 of the list has the same cloudId',
  ],
  [
    'a url twice',
    fileWith('', `  - cloudId: ${BETA}\n    url: ¦https://alpha-eng.atlassian.net/\n`),
    'site 1 of the list has the same url',
  ],
  [
    'an alias twice',
    fileWith('', `    alias: eng\n${SECOND_SITE}    alias: ¦eng\n`),
    'site 1 of the list has the same alias',
  ],
  [
    "an alias that is another site's digits",
    fileWith('', `    alias: ¦"22222222"\n${SECOND_SITE}`),
    `"22222222" is also how the cloudId ${BETA} begins`,
  ],
  [
    'the same with a dash and more digits',
    fileWith('', `    alias: ¦22222222-bb\n${SECOND_SITE}`),
    'choose another alias',
  ],
  [
    'a view of no site',
    fileWith('views: { v: { sites: [¦sales] } }\n'),
    'no site is called "sales"; use an alias',
  ],
  [
    'a view with a slip',
    fileWith('views: { v: { sites: [¦engg] } }\n', '    alias: eng\n'),
    'no site is called "engg"; did you mean "eng"?',
  ],
];

const OAUTH = 'issuer: https://login.acme.example, clientId: s, clientSecret: c';

const SIGN_IN: readonly Row[] = [
  [
    'OAuth on every address of the machine without a public one',
    fileWith(`listen: { host: 0.0.0.0 }\nauth:\n  oauth: ¦{ ${OAUTH} }\n`),
    'OAuth needs "publicUrl"',
  ],
  [
    'OAuth over plain http',
    fileWith(`publicUrl: ¦http://mcp.acme.example\nauth: { oauth: { ${OAUTH} } }\n`),
    'must be https://',
  ],
  [
    'a client that codes cannot be sent to',
    fileWith(`auth:\n  oauth: { ${OAUTH}, clients: [¦{ clientId: ci, name: CI }] }\n`),
    'needs "redirectUris"',
  ],
  [
    'a headless client that proves nothing',
    fileWith(
      `auth:\n  oauth: { ${OAUTH}, clients: [¦{ clientId: ci, name: CI, headless: { token: t } }] }\n`,
    ),
    'needs "secret" or "jwks"',
  ],
];

const TIMES: readonly Row[] = [
  [
    'stale under the default of fresh',
    fileWith('discovery: { staleSeconds: ¦10 }\n'),
    '(10) must not be less than',
  ],
  ['fresh over the default of stale', fileWith('¦discovery: { freshSeconds: 90000 }\n'), '(90000)'],
];

describe.each([
  ['credentials', CREDENTIALS],
  ['names', NAMES],
  ['sign-in', SIGN_IN],
  ['times', TIMES],
])('a rule between values about %s', (_, rows) => {
  it.each(rows)('is kept: %s', (_name, marked, ...fragments) => {
    const { text, places } = readMarks(marked);

    const problems = problemsOf(text);

    expect(problems.map(({ where }) => where)).toEqual(places.map((place) => `switchyard.yaml:${place}`));
    expect(problems.map(({ message }) => message)).toEqual(
      fragments.map((part) => expect.stringContaining(part)),
    );
  });

  it.each([
    ['an alias of its own digits', fileWith('', '    alias: "11111111"\n')],
    ['a short alias of digits', fileWith('', `    alias: "2222222"\n${SECOND_SITE}`)],
    [
      'a view by host, cloudId and alias',
      fileWith(
        `views: { v: { sites: [ENG, ${BETA}, alpha-eng.atlassian.net] } }\n`,
        `    alias: eng\n${SECOND_SITE}`,
      ),
    ],
    ['stale as long as fresh', fileWith('discovery: { freshSeconds: 60, staleSeconds: 60 }\n')],
    ['allow on a personal site', fileWith('', '    allow: ["*@acme.example", "group:eng", "a@b", "*"]\n')],
  ])('allows %s', (_name, text) => {
    expect(problemsOf(text)).toEqual([]);
  });
});

describe('several problems', () => {
  it('are all reported, whatever their kind, in the order of the file', () => {
    const { text, places } = readMarks(
      `version: ¦3
¦lissen: {}
publicUrl: ¦"\${env:NOT_SET}"
trustedProxies: [¦0.0.0.0/0, ¦nowhere]
sites:
  - cloudId: 11111111-aaaa-4aaa-8aaa-000000000001
    url: ¦http://alpha-eng.atlassian.net
  - ¦cloudId: 22222222-bbbb-4bbb-8bbb-000000000002
    url: https://beta-ops.atlassian.net
    identity: shared
    ${KEY}
  - cloudId: ¦22222222-bbbb-4bbb-8bbb-000000000002
    url: https://gamma-labs.atlassian.net
auth:
  ¦¦oauth: { issuer: https://login.acme.example }
views:
  v: { mode: ¦mixed, sites: [nobody] }
discovery: { staleSeconds: ¦1 }
log: { level: ¦"\${file:./not-there}" }
`,
    );

    const problems = problemsOf(text);

    expect(problems.map(({ where }) => where)).toEqual(places.map((place) => `switchyard.yaml:${place}`));
  });

  it('are counted in the sentence of the error, and stand in its lines', () => {
    expect(() => parseConfig('{}', { path: 'f.yaml', env: {} })).toThrow(
      'The configuration has 2 problems:\n  f.yaml:1:1: "version" is missing; it must be 1\n  f.yaml:1:1: "sites" is missing',
    );
  });
});
