import { describe, expect, it } from 'vitest';

import { fileWith, problemsOf, readMarks, SITES } from './config-texts.ts';

/** A file with a ¦ before each place that must be complained about, and a part of each complaint, in order. */
type Row = readonly [name: string, marked: string, ...fragments: string[]];

const NOT_YAML: readonly Row[] = [
  ['an open list', 'version: 1\nsites: [\n¦', 'not valid YAML: Flow sequence'],
  ['an open quote', 'version: 1\npublicUrl: "https://x\n¦', 'Missing closing "quote'],
  ['text behind a quoted text', 'publicUrl: "a"¦b\n', 'Unexpected scalar at node end'],
  ['a key without a value', 'version: 1\n¦nonsense\n', 'Implicit map keys need to be followed by map values'],
  ['a map in a line', 'publicUrl: ¦a: b\n', 'Nested mappings are not allowed'],
  ['a tab', 'version: 1\nlisten:\n¦\tport: 1\n', 'Tabs are not allowed as indentation'],
  ['uneven columns', 'listen:\n    port: 1\n¦  host: x\n', 'must start at the same column'],
  ['a reserved character', 'publicUrl: ¦@acme\n', 'cannot start with reserved character @'],
  ['an unknown escape', 'publicUrl: "a¦\\q"\n', 'Invalid escape sequence'],
  ['a key twice', 'version: 1\n¦version: 1\n', 'the same key a second time'],
  ['a key twice, deep down', fileWith('listen: { port: 1, ¦port: 2 }\n'), 'the same key a second time'],
  ['two documents', 'version: 1\n¦---\nversion: 1\n', 'a second document begins here'],
  ['an alias of nothing', 'version: 1\npublicUrl: ¦*acme\n', 'quote a text that begins with *'],
  ['a tag of nowhere', 'version: 1\npublicUrl: ¦!acme!x y\n', 'quote a text that begins with !'],
];

const WRONG_SHAPE: readonly Row[] = [
  ['nothing', '¦', 'the file is empty'],
  ['comments only', '¦# version: 1\n', 'the file is empty'],
  ['an empty document', '¦---\n', 'the file is empty'],
  ['a list', '¦- version: 1\n', 'the file must be a map of keys, not a list'],
  ['a text', '¦switchyard\n', 'the file must be a map of keys, not a text'],
  ['a number', '¦12\n', 'the file must be a map of keys, not a number'],
  ['an empty map', '¦¦{}\n', '"version" is missing; it must be 1', '"sites" is missing; it must be a list'],
  ['sites missing', '¦version: 1\n', '"sites" is missing; it must be a list'],
  ['version missing', `¦${SITES}`, '"version" is missing; it must be 1'],
  ['another version', `version: ¦2\n${SITES}`, '"version" must be 1'],
  ['a version as text', `version: ¦"1"\n${SITES}`, '"version" must be 1'],
  ['no sites', 'version: 1\nsites: ¦[]\n', '"sites" must name at least one site'],
  ['sites as a map', 'version: 1\nsites: ¦{ eng: 1 }\n', '"sites" must be a list, not a map of keys'],
  ['a site as a text', 'version: 1\nsites: [¦eng]\n', '"sites[0]" must be a map of keys, not a text'],
  [
    'a site without its two settings',
    'version: 1\nsites:\n  - ¦¦alias: eng\n',
    '"sites[0].cloudId" is missing; it must be a text',
    '"sites[0].url" is missing; it must be a text',
  ],
];

const UNKNOWN_KEYS: readonly Row[] = [
  ['at the top', fileWith('¦publicURL: x\n'), 'unknown key "publicURL"; did you mean "publicUrl"?'],
  ['like nothing known', fileWith('¦zzz: x\n'), 'unknown key "zzz"; known here: version, publicUrl, listen'],
  ['a number', fileWith('¦7: x\n'), 'unknown key "7"'],
  ['of an object of the language', fileWith('¦__proto__: { a: 1 }\n'), 'unknown key "__proto__"'],
  ['in listen', fileWith('listen: { ¦prot: 1 }\n'), 'unknown key "prot"; did you mean "port"?'],
  ['in admin', fileWith('admin: { ¦hots: x }\n'), 'unknown key "hots"; did you mean "host"?'],
  ['in redis', fileWith('redis: { url: redis://x, ¦ulr: 1 }\n'), 'did you mean "url"?'],
  ['in upstream', fileWith('upstream: { ¦endpiont: x }\n'), 'did you mean "endpoint"?'],
  ['in a site', fileWith('', '    ¦aliass: eng\n'), 'unknown key "aliass"; did you mean "alias"?'],
  ['in a credential', fileWith('', '    credential: { ¦apitoken: x }\n'), 'did you mean "apiToken"?'],
  ['in tools', fileWith('', '    tools: { ¦denny: [] }\n'), 'did you mean "deny"?'],
  ['in auth', fileWith('auth: { ¦apiTokens: {} }\n'), 'did you mean "apiToken"?'],
  ['in auth.apiToken', fileWith('auth: { apiToken: { ¦enable: true } }\n'), 'did you mean "enabled"?'],
  ['in a view', fileWith('views: { all: { ¦readonly: true } }\n'), 'did you mean "readOnly"?'],
  ['in discovery', fileWith('discovery: { ¦deadlineMS: 1 }\n'), 'did you mean "deadlineMs"?'],
  ['in limits', fileWith('limits: { ¦callTimoutMs: 1 }\n'), 'did you mean "callTimeoutMs"?'],
  ['in log', fileWith('log: { ¦lvl: info }\n'), 'unknown key "lvl"; known here: level'],
  ['a product', fileWith('', '    products: { ¦jria: read }\n'), 'unknown key "jria"; did you mean "jira"?'],
  ["a view's product", fileWith('views: { v: { products: { ¦wiki: read } } }\n'), 'known here: jira, '],
];

const WRONG_VALUES: readonly Row[] = [
  ['an empty block', fileWith('listen:¦\n'), '"listen" must be a map of keys, not empty'],
  [
    'a text for a number',
    fileWith('listen: { port: ¦http }\n'),
    '"listen.port" must be a number, not a text',
  ],
  [
    'a fraction',
    fileWith('listen: { port: ¦80.5 }\n'),
    '"listen.port" must be a whole number, not a fraction',
  ],
  ['a port too high', fileWith('listen: { port: ¦65536 }\n'), '"listen.port" must be at most 65535'],
  ['a port too low', fileWith('admin: { port: ¦-1 }\n'), '"admin.port" must be at least 0'],
  ['an empty host', fileWith('listen: { host: ¦"" }\n'), '"listen.host" must not be empty'],
  ['a number for a text', fileWith('listen: { host: ¦127 }\n'), '"listen.host" must be a text, not a number'],
  [
    'a word for a switch',
    fileWith('auth: { apiToken: { enabled: ¦yes } }\n'),
    'must be true or false, not a text',
  ],
  [
    'a text for a list',
    fileWith('trustedProxies: ¦10.0.0.0/8\n'),
    '"trustedProxies" must be a list, not a text',
  ],
  [
    'a proxy that is no address',
    fileWith('trustedProxies: [¦10.0.0.0/33]\n'),
    'an IP address or a CIDR such as',
  ],
  ['a proxy that is everybody', fileWith('trustedProxies: [10.0.0.1, ¦0.0.0.0/0]\n'), 'and not everybody'],
  ['every proxy of version 6', fileWith('trustedProxies: [¦"::/0"]\n'), 'and not everybody'],
  [
    'a bad CIDR',
    fileWith('auth: { ipAllowlist: [¦office] }\n'),
    '"auth.ipAllowlist[0]" must be an IP address',
  ],
  ['a public URL with a path', fileWith('publicUrl: ¦https://a.example/mcp\n'), 'address without a path'],
  ['a public URL without a scheme', fileWith('publicUrl: ¦a.example\n'), 'an http:// or https:// address'],
  [
    'a Redis over HTTP',
    fileWith('redis: { url: ¦http://x }\n'),
    '"redis.url" must be a redis:// or rediss:// URL',
  ],
  ['redis without its address', fileWith('¦redis: {}\n'), '"redis.url" is missing; it must be a text'],
  ['a plain endpoint', fileWith('upstream: { endpoint: ¦http://mcp.example }\n'), 'must be an https:// URL'],
  [
    'a plain one that looks near',
    fileWith('', '    endpoint: ¦http://127.0.0.1.nip.example/mcp\n'),
    'only on loopback',
  ],
  [
    'an endpoint with a password',
    fileWith('', '    endpoint: ¦https://u:p@mcp.example/\n'),
    'must be an https:// URL',
  ],
  [
    'an endpoint with a fragment',
    fileWith('', '    endpoint: ¦https://mcp.example/#x\n'),
    'must be an https:// URL',
  ],
  [
    'an alias with capitals',
    fileWith('', '    alias: ¦Eng\n'),
    '"sites[0].alias" must be 1 to 12 of a-z, 0-9 and -',
  ],
  ['an alias too long', fileWith('', '    alias: ¦engineering-1\n'), 'must be 1 to 12 of'],
  ['an empty alias', fileWith('', '    alias: ¦""\n'), 'must be 1 to 12 of'],
  [
    'an unknown identity',
    fileWith('', '    identity: ¦personel\n'),
    'one of personal, shared; did you mean "personal"?',
  ],
  [
    'an unknown level',
    fileWith('', '    products: { jira: ¦raed }\n'),
    'off, read, write, delete; did you mean "read"?',
  ],
  [
    'a level that YAML reads',
    fileWith('', '    products: { jira: ¦true }\n'),
    'must be one of off, read, write, delete',
  ],
  [
    'an empty glob',
    fileWith('', '    tools: { deny: [¦""] }\n'),
    '"sites[0].tools.deny[0]" must not be empty',
  ],
  [
    'a view without sites',
    fileWith('views: { v: { sites: ¦[] } }\n'),
    '"views.v.sites" must name at least one site',
  ],
  [
    'a bad name of a view',
    fileWith('views: { ¦My_View: {} }\n'),
    '"My_View" must be 1 to 40 of a-z, 0-9 and -',
  ],
  ['an unknown mode', fileWith('views: { v: { mode: ¦plain } }\n'), 'one of namespaced, merged, lean'],
  [
    'no time at all',
    fileWith('discovery: { deadlineMs: ¦0 }\n'),
    '"discovery.deadlineMs" must be at least 1',
  ],
  [
    'more time than timers have',
    fileWith('limits: { callTimeoutMs: ¦3000000000 }\n'),
    'must be at most 2147483647',
  ],
  ['too many at once', fileWith('discovery: { concurrency: ¦5000 }\n'), 'must be at most 1000'],
  ['a body too small', fileWith('limits: { maxBodyBytes: ¦10 }\n'), 'must be at least 1024'],
  ['an unknown log level', fileWith('log: { level: ¦warning }\n'), 'debug, info, warn, error, silent'],
  ['an infinite number', fileWith('limits: { maxBodyBytes: ¦.inf }\n'), '"limits.maxBodyBytes" must be'],
];

const CLOUD_ID = 'version: 1\nsites:\n  - cloudId: ¦VALUE\n    url: https://alpha-eng.atlassian.net\n';
const URL_OF_SITE =
  'version: 1\nsites:\n  - cloudId: 11111111-aaaa-4aaa-8aaa-000000000001\n    url: ¦VALUE\n';

const BAD_SITES: readonly Row[] = [
  ['a short cloudId', CLOUD_ID.replace('VALUE', 'eng'), '"sites[0].cloudId" must be a UUID such as'],
  [
    'a number as cloudId',
    CLOUD_ID.replace('VALUE', '11'),
    'must be a text, not a number; write it in quotes',
  ],
  ['an URL with a path', URL_OF_SITE.replace('VALUE', 'https://a.atlassian.net/wiki'), 'without a path'],
  ['a plain URL', URL_OF_SITE.replace('VALUE', 'http://a.atlassian.net'), 'must be an https:// address'],
  ['a host name as URL', URL_OF_SITE.replace('VALUE', 'a.atlassian.net'), 'must be an https:// address'],
];

describe.each([
  ['is not YAML', NOT_YAML],
  ['has the wrong shape', WRONG_SHAPE],
  ['has an unknown key', UNKNOWN_KEYS],
  ['has a wrong value', WRONG_VALUES],
  ['has a bad site', BAD_SITES],
])('a file that %s', (_, rows) => {
  it.each(rows)('is refused, with place and reason: %s', (_name, marked, ...fragments) => {
    const { text, places } = readMarks(marked);

    const problems = problemsOf(text);

    expect(problems.map(({ where }) => where)).toEqual(places.map((place) => `switchyard.yaml:${place}`));
    expect(problems.map(({ message }) => message)).toEqual(
      fragments.map((part) => expect.stringContaining(part)),
    );
  });
});
