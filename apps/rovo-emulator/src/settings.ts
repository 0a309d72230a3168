// The emulator's switches: their defaults, and the check of values that come from outside.
import type { EmulatorSettings } from './emulator-options.ts';
import { InvalidControlError } from './invalid-control-error.ts';
import { isObject } from './json-value.ts';
import { DEFAULT_OAUTH_SETTINGS, OAUTH_SETTING_CHECKS } from './oauth/oauth-settings.ts';
import { FLAG, oneOf, type SettingCheck, wholeFrom } from './setting-check.ts';

/** Settings of an emulator that was told nothing. */
export const DEFAULT_SETTINGS: Readonly<EmulatorSettings> = {
  framing: 'json',
  idLast: false,
  getStream: false,
  structuredContent: false,
  duplicateResources: false,
  uselessTokenList: 'two',
  apiTokenAuth: true,
  ipRefused: false,
  expiredOauth: '401',
  v1ServesV2: false,
  singleExecute: false,
  rovoNames: 'search',
  permissionGroups: {},
  burstLimit: null,
  hourlyLimit: null,
  errorStyle: 'isError',
  jqlPaging: 'sound',
  issuePaddingBytes: 0,
  pageSize: 50,
  journalLimit: 10_000,
  ...DEFAULT_OAUTH_SETTINGS,
};

/** Groups that Atlassian ships switched off. */
export const GROUPS_OFF_BY_DEFAULT: ReadonlySet<string> = new Set(['delete_jira', 'manage_jira']);

const SETTING_CHECKS: Readonly<Record<keyof EmulatorSettings, SettingCheck>> = {
  framing: oneOf('json', 'sse'),
  idLast: FLAG,
  getStream: FLAG,
  structuredContent: FLAG,
  duplicateResources: FLAG,
  uselessTokenList: oneOf('two', 'twg'),
  apiTokenAuth: FLAG,
  ipRefused: FLAG,
  expiredOauth: oneOf('401', 'E4', 'E6'),
  v1ServesV2: FLAG,
  singleExecute: FLAG,
  rovoNames: oneOf('search', 'searchAtlassian'),
  permissionGroups: {
    expects: 'an object of true and false',
    accepts: (value) => isObject(value) && Object.values(value).every((on) => typeof on === 'boolean'),
  },
  burstLimit: {
    expects: 'null or {"parallel": number, "retryAfterSeconds"?: number}',
    accepts: (value) => value === null || isBurstLimit(value),
  },
  hourlyLimit: {
    expects: 'null or a whole number',
    accepts: (value) => value === null || wholeFrom(0).accepts(value),
  },
  errorStyle: oneOf('isError', 'text'),
  jqlPaging: oneOf('sound', 'no-token', 'five'),
  issuePaddingBytes: wholeFrom(0),
  pageSize: wholeFrom(1),
  journalLimit: wholeFrom(0),
  ...OAUTH_SETTING_CHECKS,
};

/** Checks settings from outside; throws InvalidControlError naming the first bad one. */
export function parseSettings(input: unknown): Partial<EmulatorSettings> {
  if (!isObject(input)) throw new InvalidControlError('settings must be a JSON object');
  for (const [name, value] of Object.entries(input)) {
    if (!isSettingName(name)) {
      throw new InvalidControlError(
        `unknown setting "${name}"; known: ${Object.keys(SETTING_CHECKS).join(', ')}`,
      );
    }
    const check = SETTING_CHECKS[name];
    if (!check.accepts(value)) throw new InvalidControlError(`setting "${name}" must be ${check.expects}`);
  }
  return input; // every entry was just checked against its table row
}

function isSettingName(name: string): name is keyof EmulatorSettings {
  return Object.hasOwn(SETTING_CHECKS, name);
}

function isBurstLimit(value: unknown): boolean {
  if (!isObject(value)) return false;
  const retryAfter = value['retryAfterSeconds'];
  return (
    wholeFrom(1).accepts(value['parallel']) && (retryAfter === undefined || wholeFrom(0).accepts(retryAfter))
  );
}
