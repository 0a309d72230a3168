import { chromium, type Browser } from 'playwright-core';
import { inject } from 'vitest';

/** Nothing but what a test asks for goes over the network; the sandbox needs rights that a container lacks. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A headless Chromium of one test file, which must close it. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: inject('chromiumPath'), args: FLAGS });
}
