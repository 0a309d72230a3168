import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';

import { Secret } from '@switchyard/catalogue';
import { describe, expect, it } from 'vitest';

import { type LogFields, type LogLevel, type Logger, createTelemetry } from '../src/index.ts';

const canary = 'canary-7f3a9b';

interface Recorder {
  readonly log: Logger;
  readonly text: () => string;
  readonly lines: () => Record<string, unknown>[];
}

function recordingLogger(logLevel: LogLevel = 'debug', base?: LogFields): Recorder {
  const written: string[] = [];
  const { log } = createTelemetry({
    sites: [],
    version: '1.2.3',
    logLevel,
    destination: { write: (line) => written.push(line) },
    ...(base && { base }),
  });
  return {
    log,
    text: () => written.join(''),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

const circle = (): Record<string, unknown> => {
  const self: Record<string, unknown> = { authorization: canary };
  self['self'] = self;
  return self;
};

const nested = (depth: number, leaf: unknown): unknown =>
  depth === 0 ? leaf : { next: nested(depth - 1, leaf) };

const leaks: [name: string, fields: LogFields][] = [
  ['a Secret', { value: new Secret(canary) }],
  ['a Secret at depth 5', { value: nested(5, new Secret(canary)) }],
  ['a Secret below the depth that is printed', { value: nested(50, new Secret(canary)) }],
  [
    'a Secret in a list, a map and a set',
    { a: [new Secret(canary)], b: new Map([['k', new Secret(canary)]]), c: new Set([new Secret(canary)]) },
  ],
  [
    'headers in any case',
    {
      headers: {
        Authorization: `Bearer ${canary}`,
        COOKIE: canary,
        'Set-Cookie': [canary],
        'proxy-authorization': canary,
      },
    },
  ],
  [
    'the names of credentials',
    {
      token: canary,
      apiToken: canary,
      API_TOKEN: canary,
      access_token: canary,
      clientSecret: canary,
      secret: canary,
      Password: canary,
      serviceAccountKey: canary,
    },
  ],
  ['a whole object below the name of a credential', { secret: { deeper: [canary] } }],
  ['the names of credentials in a map', { entries: new Map([['authorization', canary]]) }],
  ['an error with a Secret in its message', { err: new Error(`refused ${String(new Secret(canary))}`) }],
  [
    'an error with a header in its message',
    { err: new Error(`bad header Authorization: Basic ${canary}==`) },
  ],
  [
    'an error with a credential in the message of its cause',
    { err: new Error('failed', { cause: new Error(`token=${canary}`) }) },
  ],
  [
    'an error with a request hung on it',
    { err: Object.assign(new Error('failed'), { request: { headers: [canary] }, config: canary }) },
  ],
  [
    'an error whose cause is an object',
    { err: new Error('failed', { cause: { headers: { authorization: canary } } }) },
  ],
  ['an AggregateError', { err: new AggregateError([new Error(`Bearer ${canary}`)], 'all failed') }],
  [
    'a URL with a user part',
    { url: new URL(`https://user:${canary}@example.com/`), text: `redis://:${canary}@127.0.0.1:6379` },
  ],
  ['an Atlassian token anywhere in a text', { text: `sent ATATT3xFf${canary}=AB12 upstream` }],
  ['a JSON Web Token anywhere in a text', { text: `got eyJhbGciOi.eyJzdWIi${canary}.c2lnbmF0dXJl` }],
  ['a credential as JSON in a text', { text: `{"apiToken":"${canary}"}` }],
  ['a key that is a credential itself', { [`Bearer ${canary}`]: 1 }],
  ['bytes', { body: Buffer.from(canary) }],
  ['a circle', circle()],
  [
    'a getter that throws a credential',
    {
      get broken(): string {
        throw new Error(canary);
      },
    },
  ],
];

describe('a log line', () => {
  it.each(leaks)('shows no byte of %s', (_name, fields) => {
    const { log, text } = recordingLogger();

    log.error(fields, 'Something failed');

    expect(text()).toContain('Something failed');
    expect(text()).not.toContain(canary);
    expect(text()).not.toContain(Buffer.from(canary).toString('base64'));
  });

  it('shows no credential that got into the message', () => {
    const { log, text } = recordingLogger();

    log.warn({}, `Refused Bearer ${canary}`);

    expect(text()).toContain('Refused Bearer [redacted]');
  });

  it('shows no credential of the base fields', () => {
    const { log, text } = recordingLogger('info', { service: 'switchyard', password: canary });

    log.info({}, 'Started');

    expect(text()).toContain('"service":"switchyard","password":"[redacted]"');
  });

  it('stays short whatever it is given', () => {
    const { log, text } = recordingLogger();
    const wide = Object.fromEntries(Array.from({ length: 5000 }, (_value, index) => [`key${index}`, index]));

    log.info({ wide, list: Array.from({ length: 5000 }, () => 1), text: 'x'.repeat(1_000_000) }, 'Large');

    expect(text().length).toBeLessThan(8_000);
  });

  it('ends a chain of causes', () => {
    const { log, lines } = recordingLogger();
    let error = new Error('first');
    for (let index = 0; index < 100; index += 1) error = new Error(`number ${index}`, { cause: error });

    log.error({ err: error }, 'Failed');

    expect(inspect(lines()[0], { depth: 50 }).match(/number/g)?.length).toBeLessThan(8);
  });

  it('is JSON with level, time and msg, then nothing of the process', () => {
    const { log, lines } = recordingLogger();

    log.info({ site: 'eng', count: 3, big: 12n, none: null, at: new Date(0) }, 'Ready');

    expect(lines()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        msg: 'Ready',
        site: 'eng',
        count: 3,
        big: '12',
        none: null,
        at: '1970-01-01T00:00:00.000Z',
      },
    ]);
  });

  it('shows an error as name, message, code and cause', () => {
    const { log, lines } = recordingLogger();
    const cause = Object.assign(new TypeError('socket closed'), { code: 'ECONNRESET' });

    log.error({ err: new Error('site did not answer', { cause }) }, 'Failed');

    expect(lines()[0]?.['err']).toEqual({
      name: 'Error',
      message: 'site did not answer',
      cause: { name: 'TypeError', message: 'socket closed', code: 'ECONNRESET' },
    });
  });

  it.each([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
    ['silent', []],
  ] satisfies [LogLevel, string[]][])('is written at the level %s for %j', (level, expected) => {
    const { log, lines } = recordingLogger(level);

    for (const name of ['debug', 'info', 'warn', 'error'] as const) log[name]({}, 'Said');

    expect(lines().map((line) => line['level'])).toEqual(expected);
  });

  it('goes to stderr, since stdout carries data', () => {
    const source = fileURLToPath(new URL('../dist/index.js', import.meta.url));
    const program = `import { createTelemetry } from ${JSON.stringify(source)};
      createTelemetry({ sites: [], version: '1' }).log.info({}, 'Ready');`;

    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    });

    expect(stdout).toBe('');
    expect(stderr).toContain('"msg":"Ready"');
  });
});
