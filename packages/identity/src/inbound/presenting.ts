import type { AuthFailure } from './auth-outcome.ts';
import {
  type AuthMethod,
  methodOf,
  parseAuthorization,
  type ParsedAuthorization,
} from './parse-authorization.ts';

type Readable = Extract<ParsedAuthorization, { ok: true }>;

/** A header that can be looked up: the key of its verdict, and what it says for when there is none. */
interface Presented {
  readonly ok: true;
  readonly method: AuthMethod;
  readonly key: string;
  read(): Readable;
}

/** Turns a header into the key of its verdict. A header that the same connection brought before costs no hash. */
export type Present = (
  authorization: string,
  connection: object | undefined,
) => Presented | ({ readonly ok: false } & AuthFailure);

/** The last header of a connection lives and dies with it; the connection's parser holds the same text anyway. */
export function createPresent(keyOf: (canonical: string) => string): Present {
  const last = new WeakMap<object, { readonly authorization: string; readonly presented: Presented }>();

  return function present(authorization, connection) {
    const known = connection && last.get(connection);
    if (known?.authorization === authorization) return known.presented;
    const read = parseAuthorization(authorization);
    if (!read.ok) return { ok: false, method: read.method, reason: 'malformed', cause: read.cause };
    const key = keyOf(read.authorization.reveal());
    const presented: Presented = { ok: true, method: methodOf(authorization), key, read: () => read };
    if (connection) last.set(connection, { authorization, presented });
    return presented;
  };
}
