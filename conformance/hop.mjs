// A hop that adds a credential: the suite cannot send one. Everything else passes as it came, Host and Origin
// too, so that what Switchyard says about a foreign Host is what the suite sees.
import { createServer, request } from 'node:http';
import { pipeline } from 'node:stream';

import { listen } from './listen.mjs';

/**
 * Starts the hop on a free port of 127.0.0.1; `target` is asked for every request.
 * @param {{target: () => string, authorization: string}} options `target`: an origin, such as `http://127.0.0.1:8080`
 * @returns {Promise<{port: number, close: () => Promise<void>}>}
 */
export async function startHop({ target, authorization }) {
  return listen(
    createServer((req, res) => {
      const { hostname, port } = new URL(target());
      const headers = [...withoutAuthorization(req.rawHeaders), 'Authorization', authorization];
      const onward = request({ hostname, port, method: req.method, path: req.url, headers, agent: false });
      onward.on('response', (answer) => {
        res.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
        res.flushHeaders();
        pipeline(answer, res, ignore);
      });
      onward.on('error', () => res.destroy());
      res.on('close', () => onward.destroy());
      pipeline(req, onward, ignore);
    }),
  );
}

/** @param {readonly string[]} rawHeaders names and values in turn */
function withoutAuthorization(rawHeaders) {
  return rawHeaders.filter((_, index) => rawHeaders[index - (index % 2)]?.toLowerCase() !== 'authorization');
}

/** One side went away; `pipeline` has ended the other. */
function ignore() {}
