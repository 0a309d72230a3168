// The sign-in page: everybody's name on a button.
import { escapeHtml, pageReply } from '../html-page.ts';
import type { HttpReply } from '../http-reply.ts';
import type { Person } from './identity-provider-options.ts';

/** Asks who signs in; the answer repeats the request with `person`. */
export function peoplePage(query: URLSearchParams, people: readonly Person[]): HttpReply {
  const fields = [...query]
    .filter(([name]) => name !== 'person')
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`);
  const buttons = people.map(
    ({ sub, name, email = '' }) =>
      `<button name="person" value="${escapeHtml(sub)}">${escapeHtml(name)} <small>${escapeHtml(email)}</small></button>`,
  );
  return pageReply(
    200,
    'Sign in',
    `<p>This identity provider is for demos and tests: pick who you are.</p>
<form method="get" action="/auth">${fields.join('')}
${buttons.join('\n')}
</form>`,
  );
}
