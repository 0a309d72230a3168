// The load: C connections, each sends its next request when the last is answered, and every answer is
// compared byte by byte with the one that was read and judged first.
import { EventEmitter, once } from 'node:events';

import { openLane } from './http-lane.mjs';

/** Ids have one width, so that requests and answers differ in these digits alone. */
const FIRST_ID = 1_000_000_000;
const ID_WIDTH = 10;
/** Nothing that is measured here takes longer. */
const STALL_MS = 30_000;

let lastId = FIRST_ID;

/**
 * @typedef {object} Template an answer that was judged right
 * @property {Buffer} bytes
 * @property {number} idAt where its id stands; -1: it has none
 */

/**
 * @typedef {object} Request a request around its id
 * @property {string} before
 * @property {string} after
 */

/**
 * @typedef {object} Figures
 * @property {number} perSecond
 * @property {number} count
 * @property {number} wrong
 * @property {number} p50 in milliseconds
 * @property {number} p99 in milliseconds
 */

/**
 * @typedef {object} Load
 * @property {(ms: number) => Promise<Figures>} drive sends for so long
 * @property {(count: number) => Promise<Figures>} driveCount sends so many
 * @property {() => void} close
 */

/**
 * A POST of one JSON-RPC request with room for its id.
 * @param {{ path: string, headers?: Record<string, string>, method: string, params: unknown }} options
 * @returns {Request}
 */
export function postRequest({ path, headers = {}, method, params }) {
  const start = '{"jsonrpc":"2.0","id":';
  const rest = `,"method":${JSON.stringify(method)},"params":${JSON.stringify(params)}}`;
  const all = {
    host: '127.0.0.1',
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...headers,
    'content-length': String(start.length + ID_WIDTH + Buffer.byteLength(rest)),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return { before: `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${start}`, after: rest };
}

/**
 * @param {string} path
 * @returns {Request} a GET, which has no place for an id
 */
export function getRequest(path) {
  return { before: `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`, after: '' };
}

/** @param {Request} request */
const takesId = ({ after }) => after !== '';

/**
 * @param {Request} request
 * @param {number} id
 */
const textFor = (request, id) =>
  takesId(request) ? `${request.before}${id}${request.after}` : request.before;

/**
 * Sends one request on a connection of its own and returns the whole answer.
 * @param {number} port
 * @param {Request} request
 * @returns {Promise<{ status: number, head: string, body: Buffer, id: number }>}
 */
export async function askOnce(port, request) {
  const id = (lastId += 1);
  /** @type {Buffer[]} */
  const parts = [];
  const answered = new EventEmitter();
  const lane = await openLane(port, {
    onBody: (bytes) => void parts.push(Buffer.from(bytes)),
    onEnd: (status) => void answered.emit('end', status),
    onBroken: (reason) => void answered.emit('error', new Error(reason)),
  });
  lane.send(textFor(request, id));
  const [status] = await once(answered, 'end');
  lane.close();
  return { status, head: lane.head(), body: Buffer.concat(parts), id };
}

/**
 * Asks once, has the answer judged, and makes it the pattern of all others. Throws when it is wrong.
 * @param {number} port
 * @param {Request} request
 * @param {(message: any) => boolean} isRight what is asked of the parsed answer besides its id
 * @returns {Promise<Template>}
 */
export async function learnAnswer(port, request, isRight) {
  const { status, body, id } = await askOnce(port, request);
  const message = status === 200 ? JSON.parse(body.toString()) : undefined;
  const idAt = takesId(request) ? body.indexOf(String(id)) : -1;
  if (!message || (takesId(request) && message.id !== id) || !isRight(message)) {
    throw new Error(`wrong answer: ${status} ${body.toString('utf8', 0, 300)}`);
  }
  return { bytes: body, idAt };
}

/**
 * Opens one connection for each request; connection n sends request n again and again.
 * @param {{ port: number, requests: Request[], template: Template }} options
 * @returns {Promise<Load>}
 */
export async function openLoad({ port, requests, template }) {
  const state = createTally();
  const lanes = await Promise.all(
    requests.map((request) => openWorker({ port, request, template: copyOf(template), state })),
  );

  /**
   * @param {() => boolean} goesOn
   * @param {number} [ms] how long that is, where it is known
   */
  async function run(goesOn, ms = 0) {
    state.begin(goesOn);
    const startedAt = performance.now();
    const stalled = setTimeout(() => lanes.forEach((lane) => lane.giveUp('stalled')), ms + STALL_MS * 4);
    await Promise.all(lanes.map((lane) => lane.start()));
    clearTimeout(stalled);
    return state.figures(performance.now() - startedAt);
  }

  return {
    drive(ms) {
      const end = performance.now() + ms;
      return run(() => performance.now() < end, ms);
    },
    driveCount(count) {
      let left = count;
      return run(() => (left -= 1) >= 0);
    },
    close: () => lanes.forEach((lane) => lane.close()),
  };
}

/** @param {Template} template */
const copyOf = ({ bytes, idAt }) => ({ bytes: Buffer.from(bytes), idAt });

function createTally() {
  /** @type {number[]} */
  let times = [];
  let wrong = 0;
  /** @type {(() => boolean) | undefined} */
  let test;
  return {
    /** @param {() => boolean} goesOn */
    begin(goesOn) {
      times = [];
      wrong = 0;
      test = goesOn;
    },
    goesOn: () => test?.() === true,
    /**
     * @param {number} ms
     * @param {boolean} right
     */
    count(ms, right) {
      times.push(ms);
      if (!right) wrong += 1;
    },
    /** @param {number} elapsedMs */
    figures(elapsedMs) {
      const sorted = Float64Array.from(times).sort();
      const count = sorted.length - wrong;
      return {
        count,
        wrong,
        perSecond: (count / elapsedMs) * 1_000,
        p50: sorted[Math.floor(sorted.length * 0.5)] ?? Number.NaN,
        p99: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
      };
    },
  };
}

/**
 * One connection that sends as long as the tally says. A connection that breaks counts as a wrong answer and ends.
 * @param {{ port: number, request: Request, template: Template, state: ReturnType<typeof createTally> }} options
 */
async function openWorker({ port, request, template, state }) {
  const { bytes: expected, idAt } = template;
  let sentAt = 0;
  let right = true;
  let busy = false;
  /** @type {(() => void) | undefined} */
  let done;

  function next() {
    busy = state.goesOn();
    if (!busy) return done?.();
    right = true;
    const id = (lastId += 1);
    if (idAt !== -1) expected.write(String(id), idAt, 'latin1');
    sentAt = performance.now();
    lane.send(textFor(request, id));
  }

  /** @param {string} _reason */
  function giveUp(_reason) {
    if (!busy) return;
    busy = false;
    state.count(performance.now() - sentAt, false);
    done?.();
  }

  const lane = await openLane(port, {
    onBody(bytes, offset) {
      const end = offset + bytes.length;
      right &&= end <= expected.length && bytes.compare(expected, offset, end) === 0;
    },
    onEnd(status, length) {
      state.count(performance.now() - sentAt, right && status === 200 && length === expected.length);
      next();
    },
    onBroken: giveUp,
  });
  return {
    start: () =>
      new Promise((resolve) => {
        done = () => resolve(undefined);
        next();
      }),
    giveUp,
    close: lane.close,
  };
}
