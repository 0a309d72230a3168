import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

import { describe, expect, test } from 'vitest';

import { createOwnCookie } from '../../src/oauth/cookies.ts';

function exchange(cookie?: string): { req: IncomingMessage; res: ServerResponse } {
  const req = new IncomingMessage(new Socket());
  if (cookie !== undefined) req.headers.cookie = cookie;
  return { req, res: new ServerResponse(req) };
}

describe('cookies of our own', () => {
  test('over https no other host can set them and no script can read them', () => {
    const { res } = exchange();
    createOwnCookie('switchyard', () => 'https://mcp.acme.example').write(res, 'value', 60);
    expect(res.getHeader('set-cookie')).toBe(
      '__Host-switchyard=value; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60',
    );
  });

  test('over plain http, for development, the prefix is left out, which browsers would refuse', () => {
    const { res } = exchange();
    createOwnCookie('switchyard', () => 'http://127.0.0.1:8080').write(res, 'value');
    expect(res.getHeader('set-cookie')).toBe('switchyard=value; Path=/; HttpOnly; SameSite=Lax');
  });

  test.each([
    ['a=b; __Host-switchyard=x; c=d', 'x'],
    ['__Host-switchyard=x;a=b', 'x'],
    ['__Host-switchyard=', ''],
    ['switchyard=x', undefined],
    ['x__Host-switchyard=x', undefined],
    ['__Host-switchyard-browser=x', undefined],
    // A cookie that was planted beside ours: nobody knows which is which.
    ['__Host-switchyard=x; __Host-switchyard=y', undefined],
    [undefined, undefined],
  ])('%j is read as %j', (header, value) => {
    const { req } = exchange(header);
    expect(createOwnCookie('switchyard', () => 'https://mcp.acme.example').read(req)).toBe(value);
  });
});
