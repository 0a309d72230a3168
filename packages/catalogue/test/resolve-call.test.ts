import { describe, expect, it } from 'vitest';

import { createView, locate, parseToolList, type Resolution, type SiteEntry } from '../src/index.ts';
import { ALPHA, BETA, callAt, estateOf, indexOf } from './fixture.ts';

const estate = estateOf();
const FOREIGN = /^Invalid arguments: .*(is not site|another site)/;

function sent(outcome: Resolution): unknown {
  return outcome.kind === 'call' ? JSON.parse(outcome.argumentsText) : outcome;
}

describe('a call to a name that is none', () => {
  it.each([
    'getJiraIssue',
    'nowhere__getJiraIssue',
    '__getJiraIssue',
    'eng_getJiraIssue',
    '44444444-dddd-4ddd-8ddd-000000000004__getJiraIssue',
    '',
  ])('"%s" is unknown', (name) => {
    expect(callAt(estate, { name })).toEqual({ kind: 'unknown', name, reason: 'unknown' });
  });

  it('is unknown when the list does not have the tool', () => {
    const outcome = callAt(estate, { name: 'eng__getJiraIssue', index: indexOf('getJiraUser') });

    expect(outcome).toMatchObject({ kind: 'unknown', reason: 'unknown' });
  });

  it('is unknown when there is no list and Switchyard does not know the tool', () => {
    expect(callAt(estate, { name: 'eng__brandNewTool', index: 'none' })).toMatchObject({ kind: 'unknown' });
    expect(callAt(estate, { name: 'eng__getJiraIssue', index: 'none' })).toMatchObject({ kind: 'call' });
  });

  it('is no site of the caller', () => {
    const { view, directory, site, other } = estate;

    expect(locate(view, 'eng__getJiraIssue', { sites: [other], directory })).toBeUndefined();
    expect(locate(view, 'eng__getJiraIssue', { sites: [site], directory })).toMatchObject({ site });
  });

  it.each<[string, Partial<SiteEntry>, string]>([
    ['getJiraIssue', { tools: { deny: ['*'] } }, 'tool'],
    ['getJiraIssue', { products: {} }, 'product'],
    ['createJiraIssue', { products: { jira: 'read' } }, 'access'],
    ['executeWrite', { products: { jira: 'read' } }, 'access'],
  ])('and one to the forbidden %s under %j differ in the reason alone', (tool, rules, reason) => {
    const name = `eng__${tool}`;

    expect(callAt(estateOf(rules), { name })).toEqual({ kind: 'unknown', name, reason });
  });
});

describe('the names of one site', () => {
  const { directory, site } = estate;
  const view = createView({ id: 'one', sites: [site], single: true, layers: [] });

  it.each(['getJiraIssue', 'eng__getJiraIssue', `${ALPHA}__getJiraIssue`, '11111111__getJiraIssue'])(
    'lead to its tool on its own URL: %s',
    (name) => {
      expect(locate(view, name, { sites: [site], directory })).toMatchObject({ site, rest: 'getJiraIssue' });
    },
  );

  it('lead nowhere for a caller who may not use it', () => {
    expect(locate(view, 'getJiraIssue', { sites: [], directory })).toBeUndefined();
  });

  it('do not lead to another site', () => {
    const target = locate(view, 'ops__getJiraIssue', { sites: [site], directory });

    expect(target).toMatchObject({ site, rest: 'ops__getJiraIssue' });
  });

  it('are those of Switchyard where it has one of that name', () => {
    expect(locate(view, 'switchyard_sites', { sites: [], directory })).toEqual({
      kind: 'own',
      tool: 'switchyard_sites',
    });
  });
});

describe('a cloudId that contradicts the name', () => {
  it.each<[string, string]>([
    ['another site by UUID', `{"cloudId":"${BETA}"}`],
    ['in capitals', `{"cloudId":"${BETA.toUpperCase()}"}`],
    ['by alias', '{"cloudId":"ops"}'],
    ['by host', '{"cloudId":"beta-ops.atlassian.net"}'],
    ['by URL', '{"cloudId":"https://beta-ops.atlassian.net"}'],
    ['by its first digits', '{"cloudId":"22222222"}'],
    ['a site of nobody here', '{"cloudId":"44444444-dddd-4ddd-8ddd-000000000004"}'],
    ['an empty one', '{"cloudId":""}'],
    ['null', '{"cloudId":null}'],
    ['a number', '{"cloudId":1}'],
    ['a list', `{"cloudId":["${BETA}"]}`],
    ['an object', `{"cloudId":{"id":"${ALPHA}"}}`],
    ['in other key case', `{"cloudid":"${BETA}"}`],
    ['in other key case beside a right one', `{"cloudId":"${ALPHA}","CLOUDID":"${BETA}"}`],
    ['in inputs', `{"inputs":{"cloudId":"${BETA}"}}`],
    ['in inputs beside a right one', `{"cloudId":"${ALPHA}","inputs":{"cloudId":"${BETA}"}}`],
    ['deep inside', `{"a":[{"b":{"cloudID":"${BETA}"}}]}`],
    ['with an escaped key', `{"\\u0063loudId":"${BETA}"}`],
    ['with an escaped value', `{"cloudId":"\\u006fps"}`],
    ['with an escaped key inside', `{"inputs":{"cloud\\u0049d":"${BETA}"}}`],
    ['as resource name', `{"id":"ari:cloud:jira:${BETA}:issue/10001"}`],
    ['as resource name in capitals', `{"id":"ARI:cloud:jira:${BETA.toUpperCase()}:issue/1"}`],
    ['as resource name with escapes', `{"id":"\\u0061ri:cloud:jira:${BETA}:issue/1"}`],
    ['as resource name in a list', `{"ids":["x","ari:cloud:compass:${BETA}:component/a/b"]}`],
    ['as resource name in inputs', `{"inputs":{"id":"ari:cloud:confluence:${BETA}:page/1"}}`],
    ['as resource name of the site', `{"id":"ari:cloud:platform::site/${BETA}"}`],
    ['as resource name of the site in a product', `{"id":"ari:cloud:jira::site/${BETA}"}`],
  ])('is refused: %s', (_, argsText) => {
    const outcome = callAt(estate, { name: 'eng__getJiraIssue', argsText });

    expect(outcome).toMatchObject({ kind: 'invalid', reason: 'site' });
    expect(outcome.kind === 'invalid' && outcome.message).toMatch(FOREIGN);
  });

  it.each([
    `{"cloudId":"${BETA}","cloudId":"${ALPHA}"}`,
    `{"cloudId":"${ALPHA}","cloudI\\u0064":"${ALPHA}"}`,
    '{"issueIdOrKey":"A-1","issueIdOrKey":"A-2"}',
  ])('cannot hide behind a key that is given twice: %s', (argsText) => {
    expect(callAt(estate, { name: 'eng__getJiraIssue', argsText })).toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('given twice') as string,
    });
  });

  it.each([
    `{"name":"getJiraIssue","inputs":{"cloudId":"${BETA}","cloudId":"${ALPHA}"}}`,
    '{"name":"getJiraIssue","name":"deleteJiraIssue"}',
    '{"name":"getJiraIssue","inputs":{},"inputs":{"a":1}}',
  ])('cannot hide behind one in an envelope: %s', (argsText) => {
    expect(callAt(estate, { name: 'eng__executeRead', argsText })).toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('given twice') as string,
    });
  });

  it('is told what to write instead', () => {
    const outcome = callAt(estate, { name: 'eng__getJiraIssue', args: { cloudId: 'ops' } });

    for (const spelling of [ALPHA, 'https://alpha-eng.atlassian.net', '"eng"']) {
      expect(outcome.kind === 'invalid' && outcome.message).toContain(spelling);
    }
  });
});

describe('the cloudId of a call', () => {
  it.each(['eng', ALPHA, ALPHA.toUpperCase(), ' 11111111 ', 'https://alpha-eng.atlassian.net/wiki'])(
    'may be given as "%s" and goes upstream as the UUID',
    (cloudId) => {
      expect(sent(callAt(estate, { name: 'eng__getJiraIssue', args: { cloudId, a: 1 } }))).toEqual({
        cloudId: ALPHA,
        a: 1,
      });
    },
  );

  it('is filled in where it is missing', () => {
    expect(sent(callAt(estate, { name: 'eng__getJiraIssue' }))).toEqual({ cloudId: ALPHA });
    expect(sent(callAt(estate, { name: 'eng__getJiraIssue', index: 'none' }))).toEqual({ cloudId: ALPHA });
  });

  it('is taken out where the tool knows none', () => {
    const index = parseToolList('[{"name":"atlassianUserInfo","inputSchema":{"type":"object"}}]');
    const call = { name: 'eng__atlassianUserInfo', args: { cloudId: 'eng' } };

    expect(sent(callAt(estate, { ...call, index }))).toEqual({});
    expect(sent(callAt(estate, { ...call, index: 'none' }))).toEqual({});
  });

  it('is replaced in the inputs of an envelope as well', () => {
    const args = { name: 'getJiraIssue', inputs: { cloudId: 'eng', issueIdOrKey: 'A-1' } };

    expect(sent(callAt(estate, { name: 'eng__executeRead', args }))).toEqual({
      name: 'getJiraIssue',
      cloudId: ALPHA,
      inputs: { cloudId: ALPHA, issueIdOrKey: 'A-1' },
    });
  });

  it('leaves every other byte of the arguments alone', () => {
    const argsText = '{"big":9007199254740993,"one":1.0,"u":"\\u00e9\\/","nested":{ "a" : [1,  2] }}';
    const outcome = callAt(estate, { name: 'eng__getJiraIssue', argsText });

    expect(outcome.kind === 'call' && outcome.argumentsText).toBe(
      `{"big":9007199254740993,"one":1.0,"u":"\\u00e9\\/","nested":{ "a" : [1,  2] },"cloudId":"${ALPHA}"}`,
    );
  });

  it.each([
    `ari:cloud:jira:${ALPHA}:issue/1`,
    `ari:cloud:platform::site/${ALPHA}`,
    'ari:cloud:identity::user/712020:alice',
    'ari:cloud:ecosystem::app/1',
    `text about ari:cloud:jira:${BETA}:issue/1`,
    BETA,
  ])('is not contradicted by the text "%s"', (text) => {
    expect(callAt(estate, { name: 'eng__getJiraIssue', args: { text } }).kind).toBe('call');
  });
});
