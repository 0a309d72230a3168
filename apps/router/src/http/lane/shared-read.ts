import { Socket } from 'node:net';
import { platform } from 'node:process';

const READ_BYTES = 65_536;

/** What is read is told within the read that brings it, so one place does for all connections. */
const shared = Buffer.allocUnsafeSlow(READ_BYTES);

/** Told what has come: the bytes are valid during the call only. */
export type TakeBytes = (bytes: Buffer) => void;

/** Where Node keeps the two halves of `onread`; undefined where it has neither, or keeps them elsewhere. */
const PLACES = findPlaces();

/**
 * Reads a connection that was accepted into one buffer for all of them, as `onread` does for one that was opened
 * from here: a buffer of 64 KiB for each read, cut to what came, and the stream's queue behind it cost 7 % of a call. Node offers
 * that for accepted connections nowhere, so it is put where `onread` would be; false: this Node is another one, and 'data'
 * tells what comes.
 */
export function readShared(socket: Socket, take: TakeBytes): boolean {
  const handle: unknown = Reflect.get(socket, '_handle');
  // Windows reads ahead, before anybody asks.
  if (!PLACES || platform === 'win32' || !canReadInto(handle)) return false;
  handle.useUserBuffer(shared);
  Reflect.set(socket, PLACES.buffer, shared);
  Reflect.set(socket, PLACES.callback, (size: number) => {
    take(shared.subarray(0, size));
    return true;
  });
  return true;
}

/** Gives what comes from now on to the stream's own readers. */
export function readAlone(socket: Socket): void {
  if (!PLACES || Reflect.get(socket, PLACES.buffer) !== shared) return;
  Reflect.set(socket, PLACES.callback, (size: number) => socket.push(Buffer.from(shared.subarray(0, size))));
}

interface Places {
  readonly buffer: symbol;
  readonly callback: symbol;
}

/** By what a socket with `onread` has there, not by their names. */
function findPlaces(): Places | undefined {
  const buffer = Buffer.alloc(1);
  const callback = goOn;
  // The types know `onread` for `connect` alone.
  const options = { readable: true, onread: { buffer, callback } };
  const probe = new Socket(options);
  const symbolOf = (value: unknown): symbol | undefined =>
    Object.getOwnPropertySymbols(probe).find((each) => Reflect.get(probe, each) === value);
  const found = { buffer: symbolOf(buffer), callback: symbolOf(callback) };
  probe.destroy();
  return found.buffer && found.callback && { buffer: found.buffer, callback: found.callback };
}

function goOn(): boolean {
  return true;
}

function canReadInto(handle: unknown): handle is { useUserBuffer(buffer: Uint8Array): void } {
  return (
    typeof handle === 'object' &&
    handle !== null &&
    typeof Reflect.get(handle, 'useUserBuffer') === 'function'
  );
}
