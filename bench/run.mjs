// `npm run bench`: builds, starts everything, measures, judges. Exit code 1 when a target is missed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

import { CONCURRENCY, measureFanOut } from './fan-out.mjs';
import { startTargets, temporaryFolder } from './gateways.mjs';
import { measureMemory } from './memory.mjs';
import { findNginx } from './nginx.mjs';
import { pinSelf } from './processes.mjs';
import { reportText } from './report.mjs';
import { measure, SCENARIOS, warmUp } from './scenarios.mjs';
import { measureStreams } from './streams.mjs';
import { hasFailed, judge } from './targets.mjs';

const SITES = 10;
const MOST_FAN_OUTS = 4;
const USAGE = `npm run bench -- [options]

  --short          gross floors only, about 80 s
  --json           the results as JSON on stdout
  --only <words>   scenarios whose name has these words; nothing is judged
  --rounds <n>     interleaved rounds (7; short: 3)
  --seconds <s>    length of one measurement (1; short: 0.7)
  --skip-build     measures what was built before
`;

const { values: flags } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    'skip-build': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const options = {
  rounds: Number(flags.rounds ?? (flags.short ? 3 : 7)),
  seconds: Number(flags.seconds ?? (flags.short ? 0.7 : 1)),
};

/** @param {string} line */
const talk = (line) => void process.stderr.write(`bench: ${line}\n`);

/** @param {string} id */
const isWanted = (id) => flags.only === undefined || id.includes(flags.only);

function build() {
  if (flags['skip-build']) return;
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('the build failed');
}

/**
 * @param {{ pinned: boolean, nginx: string | undefined }} where
 * @returns {import('./targets.mjs').Results['conditions']}
 */
function conditionsOf({ pinned, nginx }) {
  const version = nginx && /nginx\/(\S+)/.exec(spawnSync(nginx, ['-v']).stderr.toString())?.[1];
  return {
    machine: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    'Node.js': process.version,
    nginx: version ?? 'none',
    'own core for the gateway': pinned,
    rounds: options.rounds,
    seconds: options.seconds,
    'discovery.concurrency of the fan-outs': CONCURRENCY,
    form: flags.short ? 'short' : 'full',
  };
}

/**
 * @param {string} folder
 * @param {string | undefined} nginx
 */
async function measureLoad(folder, nginx) {
  const scenarios = SCENARIOS.filter(({ id, inShort }) => isWanted(id) && (inShort || !flags.short));
  const wantsMemory = isWanted('memory') && !flags.short;
  const wantsStreams = isWanted('open streams') && !flags.short;
  if (scenarios.length === 0 && !wantsMemory && !wantsStreams)
    return { measured: [], memory: undefined, streams: undefined };
  const bench = { sites: SITES, ...(await startTargets({ sites: SITES, nginx, folder })) };
  talk('warm-up');
  await warmUp(bench, flags.short ? { calls: 25_000, seconds: 6 } : { calls: 80_000, seconds: 20 });
  const measured = [];
  for (const scenario of scenarios) {
    talk(scenario.id);
    measured.push(await measure(scenario, bench, options));
  }
  const memory = wantsMemory ? await measureMemory(bench.switchyard) : undefined;
  if (wantsStreams) talk('open streams');
  const streams = wantsStreams ? await measureStreams(bench, options) : undefined;
  await Promise.all([...bench.targets.map(({ process }) => process?.stop()), bench.upstream.stop()]);
  return { measured, memory, streams };
}

/** @param {string} folder */
async function measureFanOuts(folder) {
  const fanOut = [];
  for (const sites of flags.short ? [100] : [100, 500]) {
    if (!isWanted('fan-out')) continue;
    talk(`fan-out, ${sites} sites`);
    fanOut.push(
      await measureFanOut({
        sites,
        rounds: Math.min(options.rounds, MOST_FAN_OUTS),
        folder,
        withRefresh: sites === 100,
      }),
    );
  }
  return fanOut;
}

async function main() {
  build();
  const nginx = findNginx();
  const pinned = pinSelf();
  if (!pinned) talk('cannot choose cores here (taskset, two cores): the ratios say less');
  const folder = temporaryFolder();
  const { measured, memory, streams } = await measureLoad(folder, nginx);
  const fanOut = await measureFanOuts(folder);
  const at = new Date().toISOString();
  const conditions = conditionsOf({ pinned, nginx });
  /** @type {import('./targets.mjs').Results} */
  const results = { at, conditions, measured, fanOut, memory, streams, verdicts: [] };
  if (flags.only === undefined) results.verdicts = judge(results, { isShort: flags.short });
  const resultsFolder = new URL('results/', import.meta.url);
  mkdirSync(resultsFolder, { recursive: true });
  writeFileSync(new URL('latest.json', resultsFolder), `${JSON.stringify(results, undefined, 2)}\n`);
  process.stdout.write(flags.json ? `${JSON.stringify(results)}\n` : `${reportText(results)}\n`);
  return hasFailed(results.verdicts, { hasNginx: nginx !== undefined }) ? 1 : 0;
}

if (flags.help) process.stdout.write(USAGE);
else process.exitCode = await main();
