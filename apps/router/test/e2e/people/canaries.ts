import { randomBytes } from 'node:crypto';

import { OIDC_SECRET } from './people-estate.ts';

/** Secrets by what they are. */
export type Canaries = Readonly<Record<string, string>>;

/** A text that stands nowhere else. */
function canary(): string {
  return `canary-${randomBytes(18).toString('hex')}`;
}

/** Which secrets a text holds, in one of the forms that headers, URLs and JSON give them. */
export function canariesIn(text: string, canaries: Canaries): string[] {
  return Object.keys(canaries).filter((name) =>
    spellings(canaries[name] ?? '').some((spelling) => text.includes(spelling)),
  );
}

function spellings(secret: string): string[] {
  const encoded = Buffer.from(secret).toString('base64');
  return [
    secret,
    encodeURIComponent(secret),
    encoded,
    encoded.replaceAll('=', ''),
    JSON.stringify(secret).slice(1, -1),
  ];
}

/** Every address that an answer sends somebody to, or shows. */
export function urlsOf({ text, headers }: { readonly text: string; readonly headers: Headers }): string[] {
  const shown = [...text.matchAll(/(?:href|action|src|content)="([^"]*)"/g)].map(([, url = '']) =>
    url.replaceAll('&amp;', '&').replace(/^\d+;url=/, ''),
  );
  return [headers.get('location') ?? '', headers.get('www-authenticate') ?? '', ...shown];
}

/** Secrets that the tests make up themselves: what is configured, stored, and sent where it does not belong. */
export const GIVEN = {
  'client secret at the identity provider': OIDC_SECRET,
  'encryption key': canary(),
  'audit key': canary(),
  'secret of a registered client': canary(),
  'key of a service account': canary(),
  'password of Redis': canary(),
  'API token that was linked': canary(),
  'API token that was refused': canary(),
  'API token that was passed through': canary(),
  'API token behind an enrolled token': canary(),
  'content of an argument': canary(),
  'wrong client secret': canary(),
  'wrong authorization code': canary(),
  'wrong refresh token': canary(),
  'wrong PKCE verifier': canary(),
  'client assertion': canary(),
  'token in a query': canary(),
  'token in a broken header': canary(),
  'token in broken JSON': canary(),
  'token as the name of a tool': canary(),
  'token in an unknown argument': canary(),
  'token in a registration': canary(),
  "token in an administrator's request": canary(),
  'cookie of another make': canary(),
} as const;
