// The options of a cache, checked once, with their defaults.

/** Bounds and ages; times in milliseconds. */
export interface CacheSettings {
  /** A list younger than this is an answer without asking anybody. */
  readonly freshMs: number;
  /** A list is kept this long and served while upstream is slow or down; at least `freshMs`. */
  readonly staleMs: number;
  /** `freshMs` of lists that show less than the site offers; default 30 s. */
  readonly underScopedFreshMs: number;
  /** After a failed load upstream is left alone this long; default 1 s. */
  readonly errorMs: number;
  /** How long one load may take; default 30 s. */
  readonly loadTimeoutMs: number;
  /** How long one replica may keep the others from loading; default 10 s. */
  readonly lockMs: number;
  /** Keys that are remembered. */
  readonly maxEntries: number;
  /** Bytes of tool text that are remembered, each distinct text counted once. */
  readonly maxBytes: number;
  /** Keys that are loaded at the same time; default 1000. */
  readonly maxLoads: number;
}

type Defaulted = 'underScopedFreshMs' | 'errorMs' | 'loadTimeoutMs' | 'lockMs' | 'maxLoads';

const DEFAULTS = {
  underScopedFreshMs: 30_000,
  errorMs: 1_000,
  loadTimeoutMs: 30_000,
  lockMs: 10_000,
  maxLoads: 1_000,
} as const satisfies Pick<CacheSettings, Defaulted>;

/** Settings as a caller gives them. */
export type CacheSettingsInput = Omit<CacheSettings, Defaulted> & {
  readonly [Name in Defaulted]?: number | undefined;
};

/** Throws `RangeError` with the name of the setting that cannot be used. */
export function readCacheSettings(input: CacheSettingsInput): CacheSettings {
  const settings: CacheSettings = {
    freshMs: input.freshMs,
    staleMs: input.staleMs,
    underScopedFreshMs: input.underScopedFreshMs ?? DEFAULTS.underScopedFreshMs,
    errorMs: input.errorMs ?? DEFAULTS.errorMs,
    loadTimeoutMs: input.loadTimeoutMs ?? DEFAULTS.loadTimeoutMs,
    lockMs: input.lockMs ?? DEFAULTS.lockMs,
    maxEntries: input.maxEntries,
    maxBytes: input.maxBytes,
    maxLoads: input.maxLoads ?? DEFAULTS.maxLoads,
  };
  for (const [name, value] of Object.entries(settings)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`The tool cache needs a whole number above 0 as ${name}, not ${value}`);
    }
  }
  if (settings.staleMs < settings.freshMs) {
    throw new RangeError(
      `The tool cache needs staleMs (${settings.staleMs}) to be at least freshMs (${settings.freshMs})`,
    );
  }
  return settings;
}
