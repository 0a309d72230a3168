import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Collects what only the start needed. The collection that is due then anyway would meet the first requests. */
export function collectGarbage(): void {
  // Node has no other way to ask for it in a process that was started without the flag.
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof collect === 'function') collect();
}
