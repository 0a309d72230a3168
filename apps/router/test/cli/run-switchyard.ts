import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/switchyard.js', import.meta.url));

/** What a finished command left behind. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that goes on until it is told to end. */
export interface Running {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** Waits until what it has said has a text; rejects when it ends before. */
  said(stream: 'stdout' | 'stderr', text: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Sends the signal, if any, and waits for the end. */
  end(name?: NodeJS.Signals): Promise<Finished>;
}

/** Starts the real program with nothing of this process's settings in its environment. */
export function startSwitchyard(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Running {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...output }));
  });
  return {
    pid: child.pid ?? 0,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    said: (stream, text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!output[stream].includes(text)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        void ended.then(({ stderr }) => reject(new Error(`ended without saying "${text}": ${stderr}`)));
        look();
      }),
    signal: (name) => void child.kill(name),
    end: (name) => endOf(child, ended, name),
  };
}

async function endOf(
  child: ChildProcess,
  ended: Promise<Finished>,
  name: NodeJS.Signals | undefined,
): Promise<Finished> {
  if (name !== undefined) child.kill(name);
  return ended;
}

/** Runs a command to its end. */
export function runSwitchyard(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  return startSwitchyard(args, env).end();
}
