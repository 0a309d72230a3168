/** What a GET brought, as far as a check needs it. */
export type Probe =
  | {
      readonly ok: true;
      readonly status: number;
      readonly headers: Headers;
      /** Undefined for a body that is no JSON object or larger than 256 KiB. */
      readonly json: Readonly<Record<string, unknown>> | undefined;
      /** When the request was half-way, in milliseconds since 1970. */
      readonly at: number;
    }
  | { readonly ok: false; readonly why: string };

/** Asks one address; redirects are not followed. Never rejects. */
export type ProbeUrl = (url: string) => Promise<Probe>;

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 256 * 1024;

export async function probe(url: string): Promise<Probe> {
  const startedAt = Date.now();
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    const at = (startedAt + Date.now()) / 2;
    const { status, headers } = response;
    return { ok: true, status, headers, json: readObject(await readText(response)), at };
  } catch (error) {
    return { ok: false, why: reasonOf(error) };
  }
}

async function readText({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  if (!body) return text;
  for await (const chunk of body) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > MAX_BYTES) return '';
  }
  return text;
}

function readObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/ENOTFOUND|EAI_AGAIN/, 'its name cannot be resolved (DNS)'],
  [/ECONNREFUSED/, 'nobody listens there'],
  [/ETIMEDOUT|TimeoutError|CONNECT_TIMEOUT|EHOSTUNREACH|ENETUNREACH/, 'it does not answer in time'],
  [/CERT|SIGNATURE|SSL|TLS|ALTNAME/, 'its TLS certificate is not accepted'],
];

/** Why a request came to nothing; says nothing of what was sent. */
function reasonOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  const { code, name } = (cause ?? {}) as { code?: unknown; name?: unknown };
  const text = `${String(code)} ${String(name)}`;
  const known = REASONS.find(([pattern]) => pattern.test(text))?.[1];
  if (known === undefined) return 'the connection broke';
  return typeof code === 'string' ? `${known}: ${code}` : known;
}
