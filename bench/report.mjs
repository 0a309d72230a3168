// Tables of a run's results. `node bench/report.mjs` writes those of the last run into docs/performance.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { median } from './targets.mjs';

/** @typedef {import('./targets.mjs').Results} Results */
/** @typedef {import('./scenarios.mjs').Round} Round */

const LATEST = new URL('results/latest.json', import.meta.url);
const PAGE = new URL('../docs/performance.md', import.meta.url);
const MARKED = /(<!-- results:begin -->\n)[\s\S]*?(\n<!-- results:end -->)/;

/**
 * The results as sections of Markdown.
 * @param {Results} results
 */
export function reportText(results) {
  const conditions = Object.entries(results.conditions).map(([name, value]) => `${name}: ${value}`);
  return [
    `Measured ${results.at.slice(0, 10)}. ${conditions.join(' · ')}`,
    table(['Target', 'Bound', 'Measured', 'Verdict'], results.verdicts.map(verdictRow)),
    table(
      ['Scenario', 'System', 'req/s', 'p50 ms', 'p99 ms', 'CPU ms / 1,000', 'RSS MB', 'wrong'],
      results.measured.flatMap(({ scenario, rounds }) =>
        Object.entries(rounds).map(([name, figures]) => [scenario, name, ...figureCells(figures)]),
      ),
    ),
    ...fanOutTable(results),
    ...memoryLine(results),
    ...streamsLine(results),
  ].join('\n\n');
}

/** @param {import('./targets.mjs').Verdict} verdict */
function verdictRow({ text, bound, value, unit, verdict }) {
  return [
    text,
    `${bound} ${unit}`.trim(),
    value === undefined ? '–' : `${number(value)} ${unit}`.trim(),
    verdict,
  ];
}

/** @param {Round[]} rounds */
function figureCells(rounds) {
  const of = (/** @type {(round: Round) => number | undefined} */ pick) =>
    number(median(rounds.map((round) => pick(round) ?? Number.NaN)));
  const wrong = rounds.reduce((sum, round) => sum + round.wrong, 0);
  return [
    of(({ perSecond }) => perSecond),
    of(({ p50 }) => p50),
    of(({ p99 }) => p99),
    of(({ cpuPer1k }) => cpuPer1k),
    of(({ rssMb }) => rssMb),
    String(wrong),
  ];
}

/** @param {Results} results */
function fanOutTable({ fanOut }) {
  if (fanOut.length === 0) return [];
  const cells = fanOut.map(({ sites, floor, connect, list, refresh }) =>
    [sites, median(floor), median(connect), median(list), median(refresh)].map(number),
  );
  return [
    table(
      ['Sites of 20 ms', 'network floor ms', 'first initialize ms', 'first list ms', 'refresh ms'],
      cells,
    ),
  ];
}

/** @param {Results} results */
function memoryLine({ memory }) {
  if (!memory) return [];
  const { after, sessions, added } = memory;
  return [
    `Resident memory after all of it: ${number(after)} MB; ${number(sessions)} sessions add ${number(added)} MB.`,
  ];
}

/** @param {Results} results */
function streamsLine({ streams }) {
  if (!streams) return [];
  return [
    `${number(streams.count)} open streams add ${number(streams.added)} MB; calls beside them: ${number(median(streams.speed))} x of those without.`,
  ];
}

/** @param {number | undefined} value */
function number(value) {
  if (value === undefined || Number.isNaN(value)) return '–';
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}

/**
 * @param {string[]} head
 * @param {string[][]} rows
 */
function table(head, rows) {
  const widths = head.map((cell, at) =>
    Math.max(3, cell.length, ...rows.map((row) => (row[at] ?? '').length)),
  );
  const line = (/** @type {string[]} */ cells) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const results = JSON.parse(readFileSync(LATEST, 'utf8'));
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(
    PAGE,
    page.replace(MARKED, (_, begin, end) => `${begin}\n${reportText(results)}\n${end}`),
  );
}
