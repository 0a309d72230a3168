// How one setting that comes from outside is checked, and what the answer says when it is wrong.

/** What a setting may be. */
export interface SettingCheck {
  /** Ends the sentence "setting … must be". */
  readonly expects: string;
  readonly accepts: (value: unknown) => boolean;
}

/** True or false. */
export const FLAG: SettingCheck = {
  expects: 'true or false',
  accepts: (value) => typeof value === 'boolean',
};

/** A list of strings. */
export const TEXTS: SettingCheck = {
  expects: 'an array of strings',
  accepts: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
};

/** One of a closed set of strings. */
export function oneOf(...values: readonly string[]): SettingCheck {
  return {
    expects: `one of ${values.join(', ')}`,
    accepts: (value) => values.some((known) => known === value),
  };
}

/** A whole number of at least `least`. */
export function wholeFrom(least: number): SettingCheck {
  return {
    expects: `a whole number of at least ${least}`,
    accepts: (value) => typeof value === 'number' && Number.isInteger(value) && value >= least,
  };
}
