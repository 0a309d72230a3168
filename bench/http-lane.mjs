// One keep-alive HTTP/1.1 connection with one request under way at a time, and almost no cost of its own:
// bodies are handed on in pieces from one buffer, never gathered.
import { connect } from 'node:net';

const READ_BYTES = 262_144;
const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/**
 * @typedef {object} LaneEvents
 * @property {(bytes: Buffer, offset: number) => void} onBody a piece of the body; valid during the call only
 * @property {(status: number, length: number) => void} onEnd the answer is whole
 * @property {(reason: string) => void} onBroken the connection is gone
 */

/**
 * @typedef {object} Lane
 * @property {(request: string) => void} send
 * @property {() => string} head the last answer's status line and headers
 * @property {() => void} close
 */

/**
 * Connects. Rejects when nobody listens.
 * @param {number} port on loopback
 * @param {LaneEvents} events
 * @returns {Promise<Lane>}
 */
export async function openLane(port, events) {
  const reader = createAnswerReader(events);
  let closing = false;
  const socket = connect({
    port,
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      buffer: Buffer.allocUnsafe(READ_BYTES),
      callback: (size, buffer) => {
        reader.push(/** @type {Buffer} */ (buffer).subarray(0, size));
        return true;
      },
    },
  });
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => {});
  socket.on('close', () => closing || events.onBroken('the connection was closed'));
  return {
    send: (request) => void socket.write(request, 'latin1'),
    head: reader.head,
    close: () => {
      closing = true;
      socket.destroy();
    },
  };
}

/**
 * Takes answers out of what arrives, in pieces of any size.
 * @param {LaneEvents} events
 * @returns {{ push: (bytes: Buffer) => void, head: () => string }}
 */
export function createAnswerReader({ onBody, onEnd }) {
  /** @type {Buffer | undefined} */
  let headPart;
  let head = '';
  let status = 0;
  let length = 0;
  let got = 0;
  /** @type {Buffer[] | undefined} */
  let chunked;
  let inBody = false;

  /** @param {Buffer} bytes */
  function readHead(bytes) {
    const all = headPart ? Buffer.concat([headPart, bytes]) : bytes;
    const end = all.indexOf(HEAD_END);
    headPart = end === -1 ? Buffer.from(all) : undefined;
    if (end === -1) return;
    head = all.toString('latin1', 0, end);
    status = Number(head.slice(9, 12));
    const declared = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    chunked = declared === undefined && status !== 204 ? [] : undefined;
    length = Number(declared ?? 0);
    got = 0;
    inBody = true;
    readBody(all.subarray(end + HEAD_END.length));
  }

  /** @param {Buffer} bytes */
  function readBody(bytes) {
    if (chunked) return readChunks(chunked, bytes);
    if (bytes.length > 0) onBody(bytes, got);
    got += bytes.length;
    if (got >= length) finish();
  }

  /**
   * Only slow servers send chunks: gathering them is good enough.
   * @param {Buffer[]} parts
   * @param {Buffer} bytes
   */
  function readChunks(parts, bytes) {
    parts.push(Buffer.from(bytes));
    const raw = Buffer.concat(parts);
    if (!raw.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)) return;
    const body = decodeChunks(raw);
    onBody(body, 0);
    got = length = body.length;
    finish();
  }

  function finish() {
    inBody = false;
    onEnd(status, got);
  }

  return { push: (bytes) => (inBody ? readBody(bytes) : readHead(bytes)), head: () => head };
}

/** @param {Buffer} raw */
function decodeChunks(raw) {
  const parts = [];
  for (let at = 0; at < raw.length;) {
    const lineEnd = raw.indexOf('\r\n', at);
    const size = Number.parseInt(raw.toString('latin1', at, lineEnd), 16);
    parts.push(raw.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(parts);
}
