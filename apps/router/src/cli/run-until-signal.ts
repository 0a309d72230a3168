import type { Switchyard } from '../switchyard.ts';

/**
 * Runs until SIGTERM or SIGINT, then ends in order; a second signal ends at once. SIGHUP reloads. Listens
 * for signals from the call on: call it before saying that the program is up.
 */
export async function runUntilSignal(
  switchyard: Switchyard,
  afterwards: () => Promise<void> = async () => {},
): Promise<void> {
  await new Promise<void>((resolve) => {
    let stopping = false;
    const stop = (): void => {
      if (stopping) process.exit(130);
      stopping = true;
      resolve();
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    process.on('SIGHUP', () => reloadQuietly(switchyard));
  });
  await switchyard.close();
  await afterwards();
}

/** What is wrong is in the log; the running configuration stays. */
function reloadQuietly(switchyard: Switchyard): void {
  try {
    switchyard.reload();
  } catch {
    return;
  }
}
