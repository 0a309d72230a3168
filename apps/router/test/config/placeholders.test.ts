import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Config } from '../../src/config/config.ts';
import { parseConfig } from '../../src/config/load-config.ts';
import { fileWith, problemsOf, readMarks } from './config-texts.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'switchyard-config-'));
  mkdirSync(join(directory, 'secrets'));
  writeFileSync(join(directory, 'host'), 'filehost\n');
  writeFileSync(join(directory, 'two-lines'), 'one\ntwo\r\n');
  writeFileSync(join(directory, 'nested'), '${env:HOST}');
});
afterAll(() => rmSync(directory, { recursive: true }));

const ENV = { HOST: 'envhost', PORT: '7070', ON: 'true', EMPTY: '', NESTED: '${env:HOST}', LEVEL: 'debug' };

function parse(text: string): Config {
  return parseConfig(text, { path: join(directory, 'switchyard.yaml'), env: ENV });
}

describe('a placeholder that has no value', () => {
  it.each([
    ['an unset variable', '¦"${env:NOT_SET}"', 'the environment variable NOT_SET is not set'],
    ['an empty one', '¦"${env:EMPTY}"', 'the environment variable EMPTY is not set'],
    [
      'a name that every object has',
      '¦"${env:constructor}"',
      'the environment variable constructor is not set',
    ],
    ['a file that is not there', '¦"${file:none}"', 'the file none cannot be read (ENOENT)'],
    ['a folder', '¦"${file:secrets}"', 'the file secrets cannot be read (EISDIR)'],
    ['a path with a zero byte', '¦"${file:a\\0b}"', 'cannot be read (ERR_INVALID_ARG_VALUE)'],
    [
      'an unknown source',
      '¦"${vault:x}"',
      'a placeholder is ${env:NAME}, ${env:NAME:-default} or ${file:PATH}',
    ],
    ['the spelling of shells', '¦"${HOST}"', 'write $${ for a plain ${'],
    ['a name that is none', '¦"${env:A-B}"', 'a placeholder is'],
    ['no name', '¦"${env:}"', 'a placeholder is'],
    ['no end', '¦"${env:HOST"', 'a placeholder is'],
    ['no quotes', '¦${env:NOT_SET}', 'the environment variable NOT_SET is not set'],
  ])('is named with its place: %s', (_name, value, fragment) => {
    const { text, places } = readMarks(fileWith(`listen:\n  host: ${value}\n`));

    const problems = problemsOf(text, { path: join(directory, 'f.yaml'), env: ENV });

    expect(problems).toEqual([
      { where: `${join(directory, 'f.yaml')}:${places[0]}`, message: expect.stringContaining(fragment) },
    ]);
  });

  it('does not hide the others, nor what else is wrong', () => {
    const { text, places } = readMarks(
      fileWith('listen: { host: ¦¦"${env:A}${env:B}", port: ¦"${env:C}" }\nlog: { level: ¦loud }\n'),
    );

    expect(problemsOf(text).map(({ where }) => where)).toEqual(places.map((at) => `switchyard.yaml:${at}`));
  });

  it('is no problem where the setting is given elsewhere', () => {
    const text = fileWith('listen: { port: "${env:NOT_SET}" }\n');

    expect(problemsOf(text)).toHaveLength(1);
    expect(problemsOf(text, { env: { SWITCHYARD_LISTEN__PORT: '1' } })).toEqual([]);
  });
});

describe('a placeholder', () => {
  it.each([
    ['a variable', '${env:HOST}', 'envhost'],
    ['a part of a value', 'a-${env:HOST}-${env:PORT}.example', 'a-envhost-7070.example'],
    ['a default that is not needed', '${env:HOST:-other}', 'envhost'],
    ['a default for an unset variable', '${env:NOT_SET:-other}', 'other'],
    ['a default for an empty one', '${env:EMPTY:-other}', 'other'],
    ['a default with a colon', '${env:NOT_SET:-::1}', '::1'],
    ['a file beside the configuration', '${file:host}', 'filehost'],
    ['a file of two lines, without its last break', '${file:two-lines}', 'one\ntwo'],
    ['an escaped one', '$${env:HOST}', '${env:HOST}'],
    ['an escaped beginning', 'a$${b', 'a${b'],
    ['a dollar that begins none', '$HOST $$', '$HOST $$'],
    ['placeholders in what a variable brings', '${env:NESTED}', '${env:HOST}'],
    ['placeholders in what a file brings', '${file:nested}', '${env:HOST}'],
  ])('is filled in: %s', (_name, value, host) => {
    expect(parse(fileWith(`listen: { host: '${value}' }\n`)).listen.host).toBe(host);
  });

  it('takes a whole path', () => {
    const path = join(directory, 'host');

    expect(parse(fileWith(`listen: { host: "\${file:${path}}" }\n`)).listen.host).toBe('filehost');
  });

  it('becomes a number, a switch or a choice where one is wanted', () => {
    const config = parse(
      fileWith(
        'listen: { port: "${env:PORT}" }\nauth: { apiToken: { enabled: "${env:ON}" } }\nlog: { level: "${env:LEVEL}" }\n',
      ),
    );

    expect(config).toMatchObject({ listen: { port: 7070 }, apiTokenEnabled: true, logLevel: 'debug' });
  });

  it('stays a text where a text is wanted', () => {
    expect(parse(fileWith('listen: { host: "${env:PORT}" }\n')).listen.host).toBe('7070');
  });

  it('means nothing in a key or a comment', () => {
    expect(problemsOf(fileWith('# ${env:NOT_SET}\n'))).toEqual([]);
    expect(problemsOf(fileWith('"${env:HOST}": 1\n'), { env: ENV })).toEqual([
      { where: 'switchyard.yaml:2:1', message: expect.stringContaining('unknown key') },
    ]);
  });
});
