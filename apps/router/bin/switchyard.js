#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/cli/main.js', import.meta.url);
if (!existsSync(main)) {
  // A checkout that was never built: build it now, talking on stderr, where data does not go.
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (built.status !== 0) process.exit(1);
}
const { main: run } = await import(main.href);
await run(process.argv.slice(2));
