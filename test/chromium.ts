import { execFileSync } from 'node:child_process';

import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    chromiumPath: string;
  }
}

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome'];

/** The browser of the end-to-end tests: the one on the `PATH`, installed first where that can be done. */
export default function setup(project: TestProject): void {
  project.provide('chromiumPath', findChromium() ?? installChromium());
}

function findChromium(): string | undefined {
  return PROGRAMS.map(pathOf).find((path) => path !== undefined);
}

function installChromium(): string {
  if (process.getuid?.() === 0 && pathOf('apt-get') !== undefined) {
    execFileSync('apt-get', ['update', '-q'], { stdio: 'inherit' });
    execFileSync('apt-get', ['install', '-yq', 'chromium'], { stdio: 'inherit' });
  }
  const path = findChromium();
  if (path !== undefined) return path;
  throw new Error(
    'The end-to-end tests need a Chromium: put chromium on the PATH, or run them as root on Debian so that they can install it.',
  );
}

function pathOf(program: string): string | undefined {
  try {
    return execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}
