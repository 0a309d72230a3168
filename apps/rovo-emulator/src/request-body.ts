import type { IncomingMessage } from 'node:http';

/** Reads a body of at most `limitBytes`; undefined when it is longer. Rejects when the client goes away. */
export function readBody(request: IncomingMessage, limitBytes: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      // The rest is read and dropped: closing on unread bytes would reset the connection and lose the answer.
      if (size > limitBytes) resolve(undefined);
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the client went away')));
  });
}
