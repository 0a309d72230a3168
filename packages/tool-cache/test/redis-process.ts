import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';

import { onTestFinished } from 'vitest';

/** A Redis that a test may kill, freeze and start again on the same port. */
export interface RedisProcess {
  readonly url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
  /** It keeps its connections and answers nobody. */
  freeze(): void;
  thaw(): void;
}

export async function startRedisProcess(): Promise<RedisProcess> {
  const port = await freePort();
  let server: ChildProcess | undefined;

  async function start(): Promise<void> {
    const where = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', tmpdir()];
    server = spawn('redis-server', [...where, '--save', '', '--appendonly', 'no'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { stdout } = server;
    for (let log = ''; !log.includes('Ready to accept');)
      log += String((await once(stdout ?? server, 'data'))[0]);
    stdout?.resume();
  }

  async function kill(): Promise<void> {
    if (server === undefined || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
  }

  await start();
  onTestFinished(kill);
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    kill,
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
