import type { IncomingMessage } from 'node:http';

/** A body, or why there is none: past the bound, or the client left before its end. */
export type Body =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'gone' };

export async function readBody(req: IncomingMessage, maxBytes: number): Promise<Body> {
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) return { kind: 'too-large' };
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve) => {
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        req.removeAllListeners('data');
        resolve({ kind: 'too-large' });
      } else {
        chunks.push(chunk);
      }
    });
    req.on('end', () => resolve({ kind: 'text', text: Buffer.concat(chunks, size).toString('utf8') }));
    req.on('error', () => resolve({ kind: 'gone' }));
    req.on('close', () => resolve({ kind: 'gone' }));
  });
}
