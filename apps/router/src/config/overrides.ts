import type { Environment } from './environment.ts';

/** A setting given outside the file: flags beat the environment, the environment beats the file. */
export interface Override {
  /** `--port` or `SWITCHYARD_LISTEN__PORT`: named in errors. */
  readonly source: string;
  readonly path: readonly string[];
  readonly value: string;
}

/** Settings of one value that may come from the environment: `SWITCHYARD_` and the path, `__` between its parts. */
const FROM_ENVIRONMENT: readonly (readonly string[])[] = [
  ['publicUrl'],
  ['listen', 'host'],
  ['listen', 'port'],
  ['admin', 'host'],
  ['admin', 'port'],
  ['redis', 'url'],
  ['upstream', 'endpoint'],
  ['auth', 'apiToken', 'enabled'],
  ['discovery', 'deadlineMs'],
  ['discovery', 'freshSeconds'],
  ['discovery', 'staleSeconds'],
  ['discovery', 'concurrency'],
  ['limits', 'callTimeoutMs'],
  ['limits', 'maxBodyBytes'],
  ['log', 'level'],
];

export function environmentOverrides(env: Environment): Override[] {
  return FROM_ENVIRONMENT.flatMap((path) => {
    const source = variableOf(path);
    const value = env[source];
    return value === undefined || value === '' ? [] : [{ source, path, value }];
  });
}

/** `['listen', 'port']` -> `SWITCHYARD_LISTEN__PORT`, `['publicUrl']` -> `SWITCHYARD_PUBLIC_URL`. */
function variableOf(path: readonly string[]): string {
  const words = path.map((part) => part.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase());
  return `SWITCHYARD_${words.join('__')}`;
}

/** The variables that override a setting, for the reference page. */
export const ENVIRONMENT_VARIABLES: readonly { variable: string; setting: string }[] = FROM_ENVIRONMENT.map(
  (path) => ({
    variable: variableOf(path),
    setting: path.join('.'),
  }),
);
