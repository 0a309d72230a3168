import type { IncomingMessage, ServerResponse } from 'node:http';

/** One cookie of the whole origin: scripts cannot read it, and no other host can set it. */
export interface OwnCookie {
  /** Undefined when it is absent, or there twice: one of the two is not ours. */
  read(req: IncomingMessage): string | undefined;
  /** Without `maxAgeSeconds` it ends with the browser. */
  write(res: ServerResponse, value: string, maxAgeSeconds?: number): void;
  clear(res: ServerResponse): void;
}

/** The `__Host-` prefix wants https; on plain http, for development, the name goes without it. */
export function createOwnCookie(name: string, publicUrl: () => string): OwnCookie {
  const isSecure = (): boolean => publicUrl().startsWith('https:');
  const fullName = (): string => (isSecure() ? `__Host-${name}` : name);

  function append(res: ServerResponse, value: string, age: string): void {
    const attributes = `Path=/; HttpOnly; SameSite=Lax${isSecure() ? '; Secure' : ''}${age}`;
    res.appendHeader('set-cookie', `${fullName()}=${value}; ${attributes}`);
  }

  return {
    read({ headers }) {
      const prefix = `${fullName()}=`;
      const found = (headers.cookie ?? '').split(/; */).filter((pair) => pair.startsWith(prefix));
      return found.length === 1 ? found[0]?.slice(prefix.length) : undefined;
    },
    write: (res, value, maxAgeSeconds) =>
      append(res, value, maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`),
    clear: (res) => append(res, '', '; Max-Age=0'),
  };
}
