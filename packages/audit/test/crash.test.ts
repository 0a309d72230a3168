import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { expect, it } from 'vitest';

import { queryAudit, auditFiles } from '../src/index.ts';
import { temporaryDirectory, verify } from './fixture.ts';

const CHILD = fileURLToPath(new URL('crash-child.mjs', import.meta.url));

/** Starts a writer, kills it in the middle, and says how many events it had seen on disk. */
async function writeAndCrash(directory: string, batches: number): Promise<number> {
  const child = spawn(process.execPath, [CHILD, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let told = '';
  for await (const chunk of child.stdout) {
    told += String(chunk);
    if (told.split('\n').length > batches) child.kill('SIGKILL');
  }
  await ended;
  return Number(told.split('\n').at(-2));
}

it('loses nothing that was said to be on disk when it is killed, and verifies before and after the next start', async () => {
  const directory = await temporaryDirectory();
  let promised = 0;
  for (const batches of [3, 20, 7]) {
    promised += await writeAndCrash(directory, batches);
    const report = await verify(directory);
    expect(report).toMatchObject({ ok: true, chains: [{ host: 'one', lost: 0 }] });
  }

  let found = 0;
  for await (const { event } of queryAudit(await auditFiles([directory]))) found += event === 'call' ? 1 : 0;
  expect(promised).toBeGreaterThan(1_000);
  expect(found).toBeGreaterThanOrEqual(promised);
});
