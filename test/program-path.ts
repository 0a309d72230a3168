import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Where the first of these programs is that there is on the `PATH`. As root on Debian the package is installed first when
 * there is none; two runs at once wait for each other. `undefined`: there is none and none can be had.
 */
export function programPath(programs: readonly string[], packageName: string): string | undefined {
  const path = firstOf(programs);
  if (path !== undefined || process.getuid?.() !== 0 || firstOf(['apt-get']) === undefined) return path;
  const script = `${programs.map((program) => `command -v ${program}`).join(' || ')} || (export DEBIAN_FRONTEND=noninteractive; apt-get update -q && apt-get install -yq --no-install-recommends -o DPkg::Lock::Timeout=120 ${packageName})`;
  execFileSync('flock', [join(tmpdir(), 'switchyard-apt.lock'), 'sh', '-c', script], { stdio: 'inherit' });
  return firstOf(programs);
}

function firstOf(programs: readonly string[]): string | undefined {
  return programs.map(pathOf).find((path) => path !== undefined);
}

function pathOf(program: string): string | undefined {
  try {
    return execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}
