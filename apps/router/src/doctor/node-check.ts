import { type Finding, findingOf } from './check.ts';

const OLDEST = { major: 20, minor: 19 };
/** nodejs/Release: the days after which nobody mends a version. */
const END_OF_LIFE: Readonly<Record<number, string>> = {
  20: '2026-04-30',
  22: '2027-04-30',
  24: '2028-04-30',
};
const NEWEST = 24;

/** `version` as `process.version` has it; `now` in milliseconds since 1970. */
export function checkNode(version: string, now: number): Finding {
  const finding = findingOf('node');
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const fix = `Use Node.js ${NEWEST}.`;
  if (major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor))
    return finding(
      'failed',
      `${version} is too old; ${OLDEST.major}.${OLDEST.minor} is the oldest that works`,
      fix,
    );
  const end = END_OF_LIFE[major];
  if (end !== undefined && now > Date.parse(end))
    return finding('warning', `${version} has had no security fixes since ${end}`, fix);
  if (major % 2 === 1) return finding('warning', `${version} is no long-term version`, fix);
  return finding('ok', end === undefined ? version : `${version}, maintained until ${end}`);
}
