/** No key or choice is nearly as long; comparing takes the product of both lengths. */
const LONGEST_WORD = 64;

/** `; did you mean "jira"?` when a known word is near enough to be what was meant, else nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  if (word.length > LONGEST_WORD) return '';
  const best = known
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  const near = best && best.distance <= Math.max(1, Math.floor(best.candidate.length / 3));
  return near ? `; did you mean "${best.candidate}"?` : '';
}

/** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours count one each. */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j += 1) row.push(Math.min(...steps(rows, a.slice(0, i), b.slice(0, j))));
  }
  return rows[a.length]?.[b.length] ?? 0;
}

/** What it costs to get from one beginning to the other, by each possible last step. */
function steps(rows: readonly (readonly number[])[], a: string, b: string): number[] {
  const [i, j] = [a.length, b.length];
  const cost = (up: number, left: number): number => rows[i - up]?.[j - left] ?? Infinity;
  const swapped = a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1);
  const replaced = cost(1, 1) + (a.at(-1) === b.at(-1) ? 0 : 1);
  return [cost(1, 0) + 1, cost(0, 1) + 1, replaced, swapped ? cost(2, 2) + 1 : Infinity];
}
