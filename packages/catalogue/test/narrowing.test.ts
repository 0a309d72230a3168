import { describe, expect, it } from 'vitest';

import { compilePolicy, parseCapabilities, parseProducts, PRODUCTS, type SiteEntry } from '../src/index.ts';
import { estateOf } from './fixture.ts';

function permits(rules: Partial<SiteEntry>, tool: string): boolean {
  return compilePolicy(estateOf(rules).site, []).shows(tool);
}

const READ = 'getJiraIssue';
const WRITE = 'createJiraIssue';
const DELETE = 'deleteJiraIssue';
const WHO_AM_I = 'atlassianUserInfo';

describe('parseCapabilities', () => {
  it.each([
    '',
    'READ',
    'JIRA',
    'READ_',
    '_JIRA',
    'READ_NOTHING',
    'FLY_JIRA',
    'READ JIRA',
    'READ_CONSTRUCTOR',
    'READ___PROTO__',
  ])('finds no capability in "%s" and says so', (text) => {
    expect(parseCapabilities(text)).toEqual({ capabilities: [], unknown: text === '' ? [] : [text] });
  });

  it.each([
    ['READ_JIRA', 'read', 'jira'],
    ['read_jira', 'read', 'jira'],
    ['SEARCH_ATLASSIAN', 'search', 'rovo'],
    ['WRITE_JSM', 'write', 'jira-service-management'],
    ['READ_JIRA_SERVICE_MANAGEMENT', 'read', 'jira-service-management'],
    ['MANAGE_CONFLUENCE', 'manage', 'confluence'],
    ['DELETE_TEAMWORK_GRAPH', 'delete', 'teamwork-graph'],
  ])('reads %s', (text, verb, product) => {
    expect(parseCapabilities(text)).toEqual({ capabilities: [{ verb, product }], unknown: [] });
  });

  it('reads a list and keeps what it does not know apart', () => {
    expect(parseCapabilities(' READ_JIRA,, nonsense ,WRITE_JIRA')).toEqual({
      capabilities: [
        { verb: 'read', product: 'jira' },
        { verb: 'write', product: 'jira' },
      ],
      unknown: ['nonsense'],
    });
  });
});

describe('parseProducts', () => {
  it('reads names in any case and keeps what it does not know apart', () => {
    expect(parseProducts('jira, Confluence,,trello,__proto__')).toEqual({
      products: { jira: 'delete', confluence: 'delete' },
      unknown: ['trello', '__proto__'],
    });
  });

  it('knows every product of the configuration', () => {
    expect(parseProducts(PRODUCTS.join(',')).unknown).toEqual([]);
  });
});

describe('the levels of a site', () => {
  it.each<[string, Partial<SiteEntry>, boolean, boolean, boolean]>([
    ['no products on a personal site', {}, true, true, false],
    ['no products on a shared site', { identity: 'shared' }, true, false, false],
    ['write on a shared site', { identity: 'shared', products: { jira: 'write' } }, true, true, false],
    ['delete on a shared site', { identity: 'shared', products: { jira: 'delete' } }, true, true, true],
    ['off', { products: { jira: 'off' } }, false, false, false],
    ['read', { products: { jira: 'read' } }, true, false, false],
    ['write', { products: { jira: 'write' } }, true, true, false],
    ['delete', { products: { jira: 'delete' } }, true, true, true],
    ['another product only', { products: { confluence: 'delete' } }, false, false, false],
    ['an empty map', { products: {} }, false, false, false],
  ])('%s', (_, rules, read, write, remove) => {
    expect([READ, WRITE, DELETE].map((tool) => permits(rules, tool))).toEqual([read, write, remove]);
  });

  it.each<[string, Partial<SiteEntry>, boolean]>([
    ['read where no map names it', { products: { jira: 'read' } }, true],
    ['read where there is no map', {}, true],
    ['off where it is turned off', { products: { platform: 'off' } }, false],
  ])('platform is %s', (_, rules, shown) => {
    expect(permits(rules, WHO_AM_I)).toBe(shown);
  });

  it.each<[string, Partial<SiteEntry>, string, boolean]>([
    ['an unplaced tool without a map', {}, 'brandNewTool', true],
    [
      'an unplaced tool with a map',
      { products: { jira: 'delete', platform: 'delete' } },
      'brandNewTool',
      false,
    ],
    [
      'an unknown tool of a product that is read only',
      { products: { jira: 'read' } },
      'readJiraSecrets',
      false,
    ],
    ['an unknown tool of a product that is write', { products: { jira: 'write' } }, 'readJiraSecrets', true],
    [
      'an unknown delete of a product that is write',
      { products: { jira: 'write' } },
      'deleteJiraBoard',
      false,
    ],
    ['a tool that is denied', { tools: { deny: ['get*'] } }, READ, false],
    ['a tool that is allowed and denied', { tools: { allow: ['get*'], deny: ['*Issue'] } }, READ, false],
    ['a tool that an allow list leaves out', { tools: { allow: ['create*'] } }, READ, false],
    ['an empty allow list', { tools: { allow: [] } }, READ, false],
    [
      'a glob with other special characters',
      { tools: { deny: ['get.*', '(get|x)*', 'getJiraIssu'] } },
      READ,
      true,
    ],
    ['a question mark', { tools: { deny: ['getJiraIssu?'] } }, READ, false],
  ])('%s', (_, rules, tool, shown) => {
    expect(permits(rules, tool)).toBe(shown);
  });
});

describe('a layer', () => {
  const site = estateOf({ products: { jira: 'delete', confluence: 'write' } }).site;

  it.each([
    ['read only', { readOnly: true }, [READ]],
    ['not read only', { readOnly: false }, [READ, WRITE, DELETE]],
    ['products', { products: parseProducts('jira').products }, [READ, WRITE, DELETE]],
    ['another product', { products: parseProducts('confluence').products }, []],
    [
      'a capability',
      { capabilities: parseCapabilities('READ_JIRA,DELETE_JIRA').capabilities },
      [READ, DELETE],
    ],
    ['no capability', { capabilities: [] }, []],
    ['a glob', { tools: { deny: ['delete*'] } }, [READ, WRITE]],
  ] as const)('of %s lets through what it names', (_, layer, expected) => {
    const policy = compilePolicy(site, [layer]);

    expect([READ, WRITE, DELETE].filter((tool) => policy.shows(tool))).toEqual(expected);
  });

  it('of capabilities leaves the platform tools alone', () => {
    expect(compilePolicy(site, [{ capabilities: [] }]).shows(WHO_AM_I)).toBe(true);
  });
});
