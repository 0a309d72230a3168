import { didYouMean } from './did-you-mean.ts';
import type { Finding } from './issue-sentences.ts';
import type { ConfigFile } from './schema.ts';

type RuleFile = ConfigFile['rules'][number];

/** A readable rule and its place in the file's list. */
export interface PlacedRule {
  readonly at: number;
  readonly rule: RuleFile;
}

/** What a rule can name. `sites` is undefined while not all of them are readable: what is missing then proves nothing. */
export interface Nameable {
  readonly sites: readonly string[] | undefined;
  readonly views: readonly string[];
}

const EFFECTS = ['readOnly', 'products', 'tools', 'projects', 'spaces', 'confirm'] as const;

/** What no single value of a rule shows. */
export function checkRule({ at, rule }: PlacedRule, { sites, views }: Nameable): Finding[] {
  const path = ['rules', at];
  return [
    ...checkEffects(rule, path),
    ...checkNames({ path, key: 'sites', known: sites, said: 'no site is called' }, rule.sites),
    ...checkNames({ path, key: 'views', known: views, said: 'no view is called' }, rule.views),
    ...[...(rule.callers ?? []).entries()]
      .filter(([, glob]) => glob !== '*' && !/^[^@\s]+@[^@\s]+$/.test(glob))
      .map(([index]) => ({
        path: [...path, 'callers', index],
        message: 'must be an e-mail glob such as *@acme.example, or *',
      })),
  ];
}

function checkEffects(rule: RuleFile, path: Finding['path']): Finding[] {
  const effects = EFFECTS.filter((key) => rule[key] !== undefined);
  if (rule.block && effects.length > 0) {
    const message = `"block" leaves nothing; remove ${effects.map((key) => `"${key}"`).join(', ')}`;
    return [{ path, message }];
  }
  if (rule.block || effects.length > 0) return [];
  const message = `takes nothing away; add "block" or one of ${EFFECTS.map((key) => `"${key}"`).join(', ')}`;
  return [{ path, message }];
}

interface NameCheck {
  readonly path: Finding['path'];
  readonly key: 'sites' | 'views';
  readonly known: readonly string[] | undefined;
  readonly said: string;
}

function checkNames({ path, key, known, said }: NameCheck, names: readonly string[] = []): Finding[] {
  if (!known) return [];
  return [...names.entries()]
    .filter(([, name]) => !known.includes(key === 'sites' ? name.toLowerCase() : name))
    .map(([at, name]) => ({
      path: [...path, key, at],
      message: `${said} "${name}"${didYouMean(name, known)}`,
    }));
}
