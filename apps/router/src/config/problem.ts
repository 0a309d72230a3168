/** One thing that is wrong with a configuration: where, what, and how to mend it. */
export interface Problem {
  /** `switchyard.yaml:12:5`, or the name of an environment variable or flag. */
  readonly where: string;
  readonly message: string;
}

/** Every problem of a configuration at once. Nothing was started. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError' as const;
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    const lines = problems.map(({ where, message }) => `  ${where}: ${message}`);
    super(`The configuration has ${count}:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}
