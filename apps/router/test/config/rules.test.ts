import { describe, expect, it } from 'vitest';

import { parseConfig } from '../../src/config/load-config.ts';
import { fileWith, problemsOf, readMarks } from './config-texts.ts';

const SITE = '    alias: eng\n    products: { jira: write }\n';
const VIEWS = 'views: { triage: { readOnly: true } }\n';

function withRule(rule: string): string {
  return fileWith(`${VIEWS}rules:\n  - ${rule}\n`, SITE);
}

/** Rules with a ¦ before what must be complained about. */
const WRONG: readonly (readonly [name: string, rule: string, fragment: string])[] = [
  [
    'a site that is none',
    '{ sites: [¦emg], readOnly: true }',
    'no site is called "emg"; did you mean "eng"?',
  ],
  [
    'a view that is none',
    '{ views: [¦triag], readOnly: true }',
    'no view is called "triag"; did you mean "triage"?',
  ],
  ['a view by the name of an inherited key', '{ views: [¦constructor], block: true }', 'no view is called'],
  ['a caller that is no address', '{ callers: [¦acme.example], block: true }', 'must be an e-mail glob'],
  ['nothing to take away', '¦{ sites: [eng] }', 'takes nothing away'],
  ['no selector and no effect', '¦{}', 'takes nothing away'],
  ['block and more', '¦{ block: true, readOnly: true, confirm: [delete] }', 'remove "readOnly", "confirm"'],
  ['block: false', '{ block: ¦false }', 'true'],
  ['readOnly: false', '{ readOnly: ¦false }', 'true'],
  ['no site at all', '{ sites: ¦[], readOnly: true }', 'must name at least one'],
  ['an unknown key', '{ ¦reedOnly: true }', 'did you mean "readOnly"?'],
  ['an unknown list', '{ projects: { ¦alow: [ENG] } }', 'did you mean "allow"?'],
  ['an unknown product', '{ products: { ¦jria: read } }', 'did you mean "jira"?'],
  ['something to confirm that is none', '{ confirm: [¦read] }', 'delete'],
];

describe('a rule with', () => {
  it.each(WRONG)('%s is refused where it stands', (_, rule, fragment) => {
    const { text, places } = readMarks(withRule(rule));
    const problems = problemsOf(text);

    expect(problems.map(({ where }) => where)).toEqual(places.map((place) => `switchyard.yaml:${place}`));
    expect(problems[0]?.message).toContain(fragment);
  });
});

describe('the rules of a file', () => {
  const text = fileWith(
    `${VIEWS}rules:
  - { name: no deletions, sites: [ENG, alpha-eng.atlassian.net], confirm: [delete] }
  - { groups: [interns], callers: ["*@x.example"], clients: ["cimd:*"], views: [triage], block: true }
`,
    `${SITE}    projects: { allow: [ENG] }\n    spaces: { deny: [HR], readOnly: ["~*"] }\n    confirm: [write]\n`,
  );
  const config = parseConfig(text, { path: 'switchyard.yaml', env: {} });

  it('come with the place where they stand', () => {
    expect(config.rules).toEqual([
      {
        source: { kind: 'rule', where: 'rules[0] "no deletions"' },
        sites: ['ENG', 'alpha-eng.atlassian.net'],
        confirm: ['delete'],
      },
      {
        source: { kind: 'rule', where: 'rules[1]' },
        groups: ['interns'],
        callers: ['*@x.example'],
        clients: ['cimd:*'],
        views: ['triage'],
        block: true,
      },
    ]);
  });

  it('can be those of a site', () => {
    expect(config.sites[0]).toMatchObject({
      projects: { allow: ['ENG'] },
      spaces: { deny: ['HR'], readOnly: ['~*'] },
      confirm: ['write'],
    });
  });

  it('are none unless there are some', () => {
    expect(parseConfig(fileWith(''), { path: 'switchyard.yaml', env: {} }).rules).toEqual([]);
  });
});
