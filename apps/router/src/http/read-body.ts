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
    req.on('end', () => resolve({ kind: 'text', text: textOfChunks(chunks) }));
    // Also after an error, and, to no effect, after the end.
    req.on('close', () => resolve({ kind: 'gone' }));
  });
}

/** Requests are small: one piece is the rule. */
function textOfChunks(chunks: readonly Buffer[]): string {
  const [only] = chunks;
  return (chunks.length === 1 && only ? only : Buffer.concat(chunks)).toString('utf8');
}
