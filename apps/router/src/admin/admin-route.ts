import type { Request } from 'express';

/** One operation of the admin API: what OpenAPI says of it and what it does. */
export interface AdminRoute {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** Below `/admin/v1`, with `{name}` for parameters. */
  readonly path: string;
  readonly summary: string;
  readonly query?: Readonly<Record<string, string>>;
  /** What the body may hold, by key. */
  readonly body?: Readonly<Record<string, string>>;
  /** Answers 200 with what it returns, 204 for undefined; throws AdminProblem. */
  readonly handle: (asked: Asked) => unknown;
}

/** What a route sees of a request. */
export interface Asked {
  /** A parameter of the path; routes name their own, so it is always there. */
  param(name: string): string;
  /** A parameter of the query that is given once, or undefined. */
  query(name: string): string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
  /** Who asks, for the audit trail. */
  readonly admin: string;
}

/** An answer that is not what was asked for (RFC 9457). `detail` says what to do. */
export class AdminProblem extends Error {
  readonly status: number;

  constructor(status: 400 | 401 | 403 | 404 | 409 | 422 | 503, detail: string) {
    super(detail);
    this.name = 'AdminProblem';
    this.status = status;
  }
}

export function askedOf(
  req: Request,
  { params, admin }: { readonly params: Request['params']; readonly admin: string },
): Asked {
  const body: unknown = req.body;
  return {
    admin,
    body: isObject(body) ? body : {},
    param: (name) => String(params[name]),
    query(name) {
      const value = req.query[name];
      return typeof value === 'string' ? value : undefined;
    },
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
