/** stdout carries data, stderr carries talk. */
export interface ConsoleIo {
  /** Data: one JSON document with `--json`, lines of text without. */
  print(json: unknown, lines: () => readonly string[]): void;
  talk(line: string): void;
}

export function createConsoleIo(asJson: boolean): ConsoleIo {
  return {
    print(json, lines) {
      process.stdout.write(asJson ? `${JSON.stringify(json)}\n` : `${lines().join('\n')}\n`);
    },
    talk: (line) => void process.stderr.write(`${line}\n`),
  };
}

/** Rows as columns that line up. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
