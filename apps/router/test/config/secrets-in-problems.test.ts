import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fileWith, problemsOf } from './config-texts.ts';

const SECRET = 'ATATT3xFf-hunter2';
const SHARED = '    identity: shared\n    allow: ["*"]\n';

describe('a problem with a secret', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'switchyard-config-'));
    writeFileSync(join(directory, 'secret'), `${SECRET}\n`);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it.each([
    ['text behind the closing quote', `apiToken: "x" ${SECRET}\n`],
    ['a bracket too many', `credential: { apiToken: x }}${SECRET}\n`],
    ['an open quote', `apiToken: "${SECRET}\n`],
    ['a star in front', `apiToken: *${SECRET}\n`],
    ['an exclamation mark in front', `apiToken: !${SECRET}!x\n`],
    ['a block header', `apiToken: |${SECRET} 9\n`],
    ['no space after the colon', `version: 1\napiToken:${SECRET}\n`],
    [
      'no space after the colon in braces',
      fileWith('', `${SHARED}    credential: { email: a@b.example, apiToken:${SECRET} }\n`),
    ],
    ['no known key before the colon', fileWith('', `${SHARED}    credential: { "token=${SECRET}" }\n`)],
    ['a secret in place of a block', fileWith('', `${SHARED}    credential: ${SECRET}\n`)],
    [
      'a secret in place of an e-mail',
      fileWith('', `${SHARED}    credential: { email: ${SECRET}, apiToken: t }\n`),
    ],
    ['a secret in place of a level', fileWith('', `    products: { jira: ${SECRET} }\n`)],
    ['a secret in allow', fileWith('', `    allow: [${SECRET}]\n`)],
    [
      'a secret with a dollar and braces',
      fileWith('', `${SHARED}    credential: { serviceAccountKey: "a\${${SECRET}}" }\n`),
    ],
    ['the same, open', fileWith('', `${SHARED}    credential: { serviceAccountKey: "a\${${SECRET}" }\n`)],
    ['a Redis URL', fileWith(`redis: { url: "http://:${SECRET}@redis" }\n`)],
    ['a Redis URL from a file', fileWith('redis: { url: "${file:secret}" }\n')],
    ['a port from the environment', fileWith('listen: { port: "${env:SECRET}" }\n')],
    ['an endpoint', fileWith(`upstream: { endpoint: "https://u:${SECRET}@mcp.example" }\n`)],
    ['a refused block', fileWith(`auth: { oauth: { issuer: x, clientId: y, clientSecret: ${SECRET} } }\n`)],
  ])('does not repeat it: %s', (_name, text) => {
    const problems = problemsOf(text, { path: join(directory, 'switchyard.yaml'), env: { SECRET } });

    expect(problems).not.toEqual([]);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  it('does not repeat what a variable of a setting holds', () => {
    const problems = problemsOf(fileWith(''), { env: { SWITCHYARD_REDIS__URL: `http://:${SECRET}@redis` } });

    expect(problems).toEqual([
      { where: 'SWITCHYARD_REDIS__URL', message: '"redis.url" must be a redis:// or rediss:// URL' },
    ]);
  });
});
