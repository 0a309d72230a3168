import type { z } from 'zod';

import { didYouMean } from './did-you-mean.ts';

type Issue = z.core.$ZodIssue;

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
};

/** A place in the file and a sentence: what is wrong there and how to mend it. No value of the file is repeated but short words. */
export interface Finding {
  readonly path: readonly PropertyKey[];
  /** The place is the key itself, not its value. */
  readonly atKey?: boolean;
  /** The other setting of a rule between two: it is the place when it was given outside the file. */
  readonly otherPath?: readonly string[];
  readonly message: string;
}

/** What a schema issue says in plain words. `knownKeys` tells which keys a path has. */
export function findingsOf(
  issue: Issue,
  value: unknown,
  knownKeys: (path: readonly PropertyKey[]) => string[],
): Finding[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(issue.path);
    return issue.keys.map((key) => unknownKey([...issue.path, key], key, known));
  }
  if (issue.code === 'invalid_key') {
    const key = String(issue.path.at(-1));
    const known = knownKeys(issue.path.slice(0, -1));
    const why = issue.issues[0]?.message ?? 'is not a key that is known here';
    return [
      known.length > 0
        ? unknownKey(issue.path, key, known)
        : { path: issue.path, atKey: true, message: `"${key}" ${why}` },
    ];
  }
  return [{ path: issue.path, message: `${nameOf(issue.path)} ${sentence(issue, value)}` }];
}

function unknownKey(path: readonly PropertyKey[], key: string, known: readonly string[]): Finding {
  const hint = didYouMean(key, known) || `; known here: ${known.join(', ')}`;
  return { path, atKey: true, message: plainKey(key, known) ?? `unknown key "${key}"${hint}` };
}

/** In `{ apiToken:secret }` the secret became a part of the key: what does not look like a key is not repeated. */
function plainKey(key: string, known: readonly string[]): string | undefined {
  if (/^[\w-]{1,30}$/.test(key)) return undefined;
  const glued = known.find((each) => key.startsWith(`${each}:`));
  if (glued !== undefined) return `unknown key; write a space after "${glued}:"`;
  return `unknown key; known here: ${known.join(', ')}`;
}

function nameOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'the file' : `"${formatPath(path)}"`;
}

/** `sites[0].products.jira` */
function formatPath(path: readonly PropertyKey[]): string {
  const parts = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`));
  return parts.join('').replace(/^\./, '');
}

function sentence(issue: Issue, value: unknown): string {
  if (issue.code === 'invalid_type') return typeSentence(issue.expected, value);
  if (issue.code === 'invalid_value') return choiceSentence(issue.values.map(String), value);
  if (issue.code === 'too_small' && issue.origin !== 'array') {
    return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`;
  }
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}`;
  if (issue.code === 'invalid_format' && issue.format === 'email') return 'must be an e-mail address';
  return issue.message;
}

function choiceSentence(choices: readonly string[], value: unknown): string {
  const several = choices.length > 1;
  const wanted = several ? `one of ${choices.join(', ')}` : String(choices[0]);
  if (value === undefined) return `is missing; it must be ${wanted}`;
  return `must be ${wanted}${several && typeof value === 'string' ? didYouMean(value, choices) : ''}`;
}

function typeSentence(expected: string, value: unknown): string {
  const wanted = TYPE_NAMES[expected] ?? expected;
  if (value === undefined) return `is missing; it must be ${wanted}`;
  const scalar = typeof value === 'number' || typeof value === 'boolean';
  const hint = expected === 'string' && scalar ? '; write it in quotes' : '';
  return `must be ${wanted}, not ${kindOf(value)}${hint}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' && !Number.isInteger(value)) return 'a fraction';
  return TYPE_NAMES[typeof value] ?? typeof value;
}
