import type { PeopleEstate } from './people-estate.ts';

/** One answer of the admin API. */
export interface AdminAnswer {
  readonly status: number;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One request to it: `PUT /switches/site/eng`. */
export interface AdminAsked {
  readonly body?: unknown;
  readonly token?: string;
}

export async function askAdmin(
  { switchyard }: Pick<PeopleEstate, 'switchyard'>,
  request: `${'GET' | 'POST' | 'PUT' | 'DELETE'} /${string}`,
  { body, token }: AdminAsked = {},
): Promise<AdminAnswer> {
  const [method = '', path = ''] = request.split(' ');
  const response = await fetch(`${switchyard.adminUrl}/admin/v1${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    text,
    body: text === '' ? {} : (JSON.parse(text) as AdminAnswer['body']),
  };
}

/** Enrolls a token; the answer is the only time that it is shown. */
export async function enroll(
  estate: Pick<PeopleEstate, 'switchyard'>,
  asked: Readonly<Record<string, unknown>>,
): Promise<{ readonly id: string; readonly token: string }> {
  const { status, body, text } = await askAdmin(estate, 'POST /tokens', {
    body: { name: 'a program', ttlSeconds: 3_600, ...asked },
  });
  if (status !== 200) throw new Error(`no token: ${status} ${text}`);
  return body as { id: string; token: string };
}
