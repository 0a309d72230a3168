import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { z } from 'zod';

import { type Config, toConfig } from './config.ts';
import { crossCheck, readableParts } from './cross-checks.ts';
import type { Environment } from './environment.ts';
import { type Finding, findingsOf } from './issue-sentences.ts';
import { environmentOverrides, type Override } from './overrides.ts';
import { ConfigError, type Problem } from './problem.ts';
import { ConfigFile } from './schema.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

export interface ConfigSource {
  readonly path: string;
  readonly env: Environment;
  /** From the command line; stronger than the environment. */
  readonly flags?: readonly Override[];
}

/** Reads and checks a configuration file. Throws ConfigError with every problem at once. */
export function loadConfig({ path, env, flags = [] }: ConfigSource): Config {
  return parseConfig(readText(path), { path, env, flags });
}

/** The same for a text that is at hand. */
export function parseConfig(text: string, { path, env, flags = [] }: ConfigSource): Config {
  const directory = dirname(resolve(path));
  const source = readYaml(text, path, { env, directory });
  if (source.problems.length > 0) throw new ConfigError(source.problems);
  if (source.value === null || source.value === undefined) {
    throw new ConfigError([
      { where: `${path}:1:1`, message: 'the file is empty; it needs at least "version: 1" and "sites"' },
    ]);
  }
  const overrides = [...environmentOverrides(env), ...flags];
  const value = structuredClone(source.value);
  for (const override of overrides) setIn(value, override.path, override.value);
  const parsed = validate(value);
  const findings = [
    ...(parsed.success ? [] : describe(parsed.error, value)),
    ...crossCheck(readableParts(value)),
  ];
  const problems = place(findings, source, overrides);
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return toConfig(parsed.data);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    throw new ConfigError([
      {
        where: path,
        message: `the configuration file cannot be read (${code}); name it with --config or SWITCHYARD_CONFIG`,
      },
    ]);
  }
}

/** Texts from the environment become numbers and switches where the schema wants those. */
function validate(value: unknown): z.ZodSafeParseResult<ConfigFile> {
  const first = ConfigFile.safeParse(value);
  if (first.success) return first;
  let changed = false;
  for (const issue of first.error.issues) {
    if (issue.code !== 'invalid_type') continue;
    const given = getIn(value, issue.path);
    const converted = typeof given === 'string' ? convert(given, issue.expected) : undefined;
    if (converted === undefined) continue;
    setIn(value, issue.path.map(String), converted);
    changed = true;
  }
  return changed ? ConfigFile.safeParse(value) : first;
}

function convert(text: string, expected: string): number | boolean | undefined {
  if (expected === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return /^(number|int)$/.test(expected) && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function describe(error: z.ZodError, value: unknown): Finding[] {
  return error.issues.flatMap((issue) => findingsOf(issue, getIn(value, issue.path), knownKeys));
}

/** Findings and placeholders without a value, in the order of the file. */
function place(findings: readonly Finding[], source: YamlSource, overrides: readonly Override[]): Problem[] {
  const problems = findings.map(({ path, atKey, otherPath, message }) => {
    const override = overrideOf(path, overrides) ?? overrideOf(otherPath ?? [], overrides);
    return { where: override?.source ?? source.locate(path, atKey), message };
  });
  const replaced = new Set(overrides.map(({ path }) => source.locate(path)));
  const faults = source.faults.filter(({ where }) => !replaced.has(where));
  // What a placeholder without a value looks like says nothing more.
  const others = problems.filter(({ where }) => faults.every((fault) => fault.where !== where));
  return [...faults, ...others].sort((a, b) => a.where.localeCompare(b.where, 'en', { numeric: true }));
}

function overrideOf(path: readonly PropertyKey[], overrides: readonly Override[]): Override | undefined {
  return overrides.findLast((each) => each.path.join('.') === path.map(String).join('.'));
}

/** The keys that the schema knows at a path: for "did you mean". */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let node: unknown = z.toJSONSchema(ConfigFile, { io: 'input' });
  for (const part of path)
    node =
      typeof part === 'number'
        ? pick(node, 'items')
        : (pick(pick(node, 'properties'), String(part)) ?? pick(node, 'additionalProperties'));
  const names = pick(pick(node, 'propertyNames'), 'enum');
  return Array.isArray(names) ? names.map(String) : Object.keys(pick(node, 'properties') ?? {});
}

function pick(node: unknown, key: string): object | undefined {
  const value: unknown =
    node !== null && typeof node === 'object' ? (node as Record<string, unknown>)[key] : undefined;
  return value !== null && typeof value === 'object' ? value : undefined;
}

function getIn(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (node, part) =>
      node !== null && typeof node === 'object' ? (node as Record<PropertyKey, unknown>)[part] : undefined,
    value,
  );
}

/** What is there and is no map stays, for the schema to complain about. */
function setIn(root: unknown, path: readonly string[], value: unknown): void {
  let node = root;
  for (const [at, part] of path.entries()) {
    if (node === null || typeof node !== 'object') return;
    const map = node as Record<string, unknown>;
    if (at === path.length - 1) map[part] = value;
    else node = map[part] ??= {};
  }
}
