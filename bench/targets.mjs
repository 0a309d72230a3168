// What must be reached, and the judgement. All but the times of the fan-out and the memory are ratios of
// the same round: what the machine was doing beside it falls out.

/** @typedef {import('./scenarios.mjs').Measured} Measured */
/** @typedef {import('./scenarios.mjs').Round} Round */

/**
 * @typedef {object} Results everything of one run; written to `results/latest.json`
 * @property {string} at
 * @property {Record<string, string | number | boolean>} conditions
 * @property {Measured[]} measured
 * @property {import('./fan-out.mjs').FanOut[]} fanOut
 * @property {import('./memory.mjs').Memory | undefined} memory
 * @property {import('./streams.mjs').Streams | undefined} streams
 * @property {Verdict[]} verdicts
 */

/**
 * @typedef {object} Row one target
 * @property {string} text
 * @property {'least' | 'most'} sense
 * @property {number} goal
 * @property {number} [floor] what noise may leave of the goal: beyond it the run fails; the goal, when there is none
 * @property {number} [short] the bound of the short form, which only looks for gross loss; none: not judged there
 * @property {string} unit
 * @property {(results: Results) => number | undefined} value undefined: was not measured
 */

/**
 * @typedef {object} Verdict
 * @property {string} text
 * @property {number | undefined} value
 * @property {string} bound
 * @property {string} unit
 * @property {'met' | 'below goal' | 'missed' | 'not measured'} verdict
 */

/** @param {number[]} values */
export function median(values) {
  const sorted = values.filter(Number.isFinite).toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length === 0
    ? undefined
    : ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

/**
 * The median over rounds of what a function makes of the systems' figures of one round.
 * @param {string} scenario
 * @param {string[]} names
 * @param {(...rounds: Round[]) => number} make
 * @returns {(results: Results) => number | undefined}
 */
function ofRounds(scenario, names, make) {
  return ({ measured }) => {
    const rounds = measured.find((each) => each.scenario === scenario)?.rounds;
    const columns = names.map((name) => rounds?.[name] ?? []);
    const length = Math.min(...columns.map((column) => column.length));
    const values = Array.from({ length }, (_, at) => make(...columns.flatMap((column) => column[at] ?? [])));
    return median(values);
  };
}

/**
 * @param {string} scenario
 * @param {string} other
 */
const speedup = (scenario, other) =>
  ofRounds(scenario, ['switchyard', other], (ours, theirs) => ours.perSecond / theirs.perSecond);

/**
 * @param {string} scenario
 * @param {string} [proxy]
 */
const cpuRatio = (scenario, proxy = 'nginx') =>
  ofRounds(
    scenario,
    ['switchyard', proxy],
    (ours, theirs) => (ours.cpuPer1k ?? Number.NaN) / (theirs.cpuPer1k ?? Number.NaN),
  );

/**
 * @param {number} sites
 * @param {(times: import('./fan-out.mjs').FanOut) => number | undefined} value
 * @returns {(results: Results) => number | undefined}
 */
function ofFanOut(sites, value) {
  return ({ fanOut }) => {
    const times = fanOut.find((each) => each.sites === sites);
    return times && value(times);
  };
}

/** @type {Row[]} */
const CALLS = ['c16', 'c64', 'c256'].flatMap((load) => [
  {
    text: `2 KB calls ${load}: throughput to nginx`,
    sense: /** @type {const} */ ('least'),
    goal: 1,
    floor: 0.8,
    ...(load === 'c16' && { short: 0.15 }),
    unit: 'x',
    value: speedup(`call 2 KB ${load}`, 'nginx'),
  },
  {
    text: `2 KB calls ${load}: throughput to naive`,
    sense: /** @type {const} */ ('least'),
    goal: 12,
    ...(load === 'c16' && { short: 3 }),
    unit: 'x',
    value: speedup(`call 2 KB ${load}`, 'naive'),
  },
]);

/**
 * The same bounds against nginx as its package comes, which is the easier comparison: never in the place of the other.
 * @type {Row[]}
 */
const TO_PACKAGED = [
  ...['2 KB c16', '2 KB c64', '2 KB c256', '64 KB c16'].map((load) => ({
    text: `${load.replace(' c', ' calls c')}: throughput to nginx as packaged`,
    sense: /** @type {const} */ ('least'),
    goal: 1,
    floor: 0.8,
    unit: 'x',
    value: speedup(`call ${load}`, 'nginx as packaged'),
  })),
  ...['2 KB c64', '64 KB c16'].map((load) => ({
    text: `CPU a call, ${load}, to nginx as packaged`,
    sense: /** @type {const} */ ('most'),
    goal: 2.5,
    unit: 'x',
    value: cpuRatio(`call ${load}`, 'nginx as packaged'),
  })),
];

/** @type {Row[]} */
export const TARGETS = [
  ...CALLS,
  {
    text: '64 KB calls c16: throughput to nginx',
    sense: 'least',
    goal: 1,
    floor: 0.8,
    unit: 'x',
    value: speedup('call 64 KB c16', 'nginx'),
  },
  {
    text: '2 KB calls c1: added p50 to that of nginx',
    sense: 'most',
    goal: 1.6,
    unit: 'x',
    value: ofRounds(
      'call 2 KB c1',
      ['switchyard', 'nginx', 'direct'],
      (ours, theirs, direct) => (ours.p50 - direct.p50) / (theirs.p50 - direct.p50),
    ),
  },
  {
    text: '2 KB calls c16: p99 to nginx',
    sense: 'most',
    goal: 1.5,
    unit: 'x',
    value: ofRounds('call 2 KB c16', ['switchyard', 'nginx'], (ours, theirs) => ours.p99 / theirs.p99),
  },
  {
    text: 'CPU a call, 2 KB c64, to nginx',
    sense: 'most',
    goal: 2.5,
    unit: 'x',
    value: cpuRatio('call 2 KB c64'),
  },
  {
    text: 'CPU a call, 64 KB c16, to nginx',
    sense: 'most',
    goal: 2.5,
    unit: 'x',
    value: cpuRatio('call 64 KB c16'),
  },
  ...TO_PACKAGED,
  {
    text: 'warm list c16: throughput to a file of nginx',
    sense: 'least',
    goal: 0.6,
    short: 0.12,
    unit: 'x',
    value: speedup('list c16', 'nginx'),
  },
  {
    text: 'warm list c16: throughput to naive',
    sense: 'least',
    goal: 15,
    short: 3,
    unit: 'x',
    value: speedup('list c16', 'naive'),
  },
  {
    text: 'warm list c1: p50',
    sense: 'most',
    goal: 1.5,
    unit: 'ms',
    value: ofRounds('list c1', ['switchyard'], ({ p50 }) => p50),
  },
  {
    text: 'handshakes c16: throughput to naive',
    sense: 'least',
    goal: 10,
    short: 3,
    unit: 'x',
    value: speedup('handshake c16', 'naive'),
  },
  {
    text: 'first list, 100 sites of 20 ms',
    sense: 'most',
    goal: 200,
    unit: 'ms',
    value: ofFanOut(100, ({ list }) => median(list)),
  },
  {
    text: 'first list, 500 sites of 20 ms',
    sense: 'most',
    goal: 800,
    unit: 'ms',
    value: ofFanOut(500, ({ list }) => median(list)),
  },
  {
    text: 'refresh of 100 sites to the network floor',
    sense: 'most',
    goal: 2,
    unit: 'x',
    value: ofFanOut(100, ({ refresh, floor }) =>
      median(refresh.map((ms, at) => ms / (floor[at] ?? Number.NaN))),
    ),
  },
  {
    text: 'resident memory after all of it',
    sense: 'most',
    goal: 150,
    unit: 'MB',
    value: ({ memory }) => memory?.after,
  },
  {
    text: 'resident memory that 10,000 sessions add',
    sense: 'most',
    goal: 5,
    unit: 'MB',
    value: ({ memory }) => memory?.added,
  },
  {
    text: 'resident memory that 1,000 open streams add',
    sense: 'most',
    goal: 15,
    unit: 'MB',
    value: ({ streams }) => streams?.added,
  },
  {
    text: '2 KB calls c64 beside 1,000 open streams: throughput to that without',
    sense: 'least',
    goal: 0.9,
    unit: 'x',
    value: ({ streams }) => streams && median(streams.speed),
  },
  {
    text: 'requests to sites during warm lists and handshakes',
    sense: 'most',
    goal: 0,
    short: 0,
    unit: '',
    value: ({ measured }) => total(measured.map(({ asked }) => asked ?? 0)),
  },
  {
    text: 'wrong answers (all but those of naive)',
    sense: 'most',
    goal: 0,
    short: 0,
    unit: '',
    value: ({ measured, memory, streams }) =>
      total([...measured.map(wrongIn), memory?.wrong ?? 0, streams?.wrong ?? 0]),
  },
];

/** @param {number[]} values */
const total = (values) => values.reduce((sum, value) => sum + value, 0);

/** @param {Measured} measured */
function wrongIn({ rounds }) {
  const judged = Object.entries(rounds).filter(([name]) => name !== 'naive');
  return total(judged.flatMap(([, figures]) => figures.map(({ wrong }) => wrong)));
}

/**
 * One verdict a target; in the short form, one for each that has a bound there.
 * @param {Results} results
 * @param {{ isShort: boolean }} options
 * @returns {Verdict[]}
 */
export function judge(results, { isShort }) {
  const rows = isShort ? TARGETS.filter(({ short }) => short !== undefined) : TARGETS;
  return rows.map((row) => {
    const goal = isShort ? (row.short ?? row.goal) : row.goal;
    const floor = isShort ? goal : (row.floor ?? goal);
    const value = row.value(results);
    const bound = `${row.sense === 'least' ? '>=' : '<='} ${goal}${floor === goal ? '' : ` (floor ${floor})`}`;
    return { text: row.text, value, bound, unit: row.unit, verdict: verdictOf({ row, value, goal, floor }) };
  });
}

/**
 * @param {{ row: Row, value: number | undefined, goal: number, floor: number }} options
 * @returns {Verdict['verdict']}
 */
function verdictOf({ row: { sense }, value, goal, floor }) {
  if (value === undefined || Number.isNaN(value)) return 'not measured';
  const reaches = (/** @type {number} */ bound) => (sense === 'least' ? value >= bound : value <= bound);
  if (reaches(goal)) return 'met';
  return reaches(floor) ? 'below goal' : 'missed';
}

/**
 * Whether the run fails. What nginx would have to be compared with may be missing, all else must be there.
 * @param {Verdict[]} verdicts
 * @param {{ hasNginx: boolean }} options
 */
export function hasFailed(verdicts, { hasNginx }) {
  return verdicts.some(
    ({ verdict, text }) =>
      verdict === 'missed' || (verdict === 'not measured' && (hasNginx || !text.includes('nginx'))),
  );
}
