import { connect } from 'node:net';

import { expect, it } from 'vitest';

import { CREDENTIALS } from '../estate.ts';
import { AT_ENG, startRouter } from '../interactive/router.ts';
import { textOf } from './large-client.ts';
import { startLargeSite } from './large-site.ts';

const MAX = 100_000;
const PIECE = `1000\r\n${'x'.repeat(0x1000)}\r\n`;

it.each([
  ['in chunks', 'Transfer-Encoding: chunked'],
  ['of a length', 'Content-Length: 100000000'],
])(
  'a body without end that comes %s is refused at its bound, and no more of it is read',
  async (_, field) => {
    const site = await startLargeSite('legacy', ({ res }) => res.destroy());
    const { url } = await startRouter(site.url, { more: `limits: { maxBodyBytes: ${MAX} }` });
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    let answer = '';
    socket.on('data', (chunk: Buffer) => void (answer += chunk.toString()));
    socket.on('error', () => {});
    const lines = [
      `POST ${AT_ENG} HTTP/1.1`,
      'Host: 127.0.0.1',
      `Authorization: ${CREDENTIALS.alice}`,
      field,
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    const sendOn = setInterval(() => void (socket.writableLength > MAX || socket.write(PIECE)), 1);
    await new Promise((resolve) => socket.once('close', resolve));
    clearInterval(sendOn);
    // Who goes on sending may lose the answer with the connection.
    expect(['HTTP/1.1 413', '']).toContain(answer.slice(0, 12));
    expect(socket.bytesWritten).toBeLessThan(100 * MAX);
    expect(site.count()).toBe(0);
    expect(await textOf(url, { tool: 'small' })).toContain('"small"');
  },
);
