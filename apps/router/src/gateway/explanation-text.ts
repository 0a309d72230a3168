import type { Explanation } from '@switchyard/catalogue';

const MARKS = { pass: '✔', fail: '✘', unknown: '?' } as const;

/** An explanation as text, a line for each step. */
export function explanationLines({ site, tool, verdict, gates }: Explanation): string[] {
  const steps = gates.map(({ verdict: each, sentence, who, where }) => {
    const place = where === '' ? '' : ` (${where})`;
    return `${MARKS[each]} ${sentence}${each === 'pass' ? '' : ` Who can change it: ${who}${place}.`}`;
  });
  return [`${tool} on ${site}: ${verdict}`, ...steps];
}
