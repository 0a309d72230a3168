import type { TestProject } from 'vitest/node';

import { programPath } from './program-path.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    chromiumPath: string;
  }
}

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome'];

/** The browser of the end-to-end tests: the one on the `PATH`, installed first where that can be done. */
export default function setup(project: TestProject): void {
  const path = programPath(PROGRAMS, 'chromium');
  if (path === undefined)
    throw new Error(
      'The end-to-end tests need a Chromium: put chromium on the PATH, or run them as root on Debian so that they can install it.',
    );
  project.provide('chromiumPath', path);
}
