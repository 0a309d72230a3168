// What people see at Atlassian: who are you, which site, may this app.
import type { EmulatedAccount, EmulatedSite } from '../emulator-options.ts';
import { escapeHtml, pageReply } from '../html-page.ts';
import type { HttpReply } from '../http-reply.ts';
import type { AuthorizeRequest } from './authorize-request.ts';

/** Paths that the forms post to. */
export const FORM_PATHS = { account: '/authorize/account', decision: '/authorize/decision' } as const;

/** Asks who signs in. */
export function accountPage(
  transaction: string,
  request: AuthorizeRequest,
  accounts: readonly EmulatedAccount[],
): HttpReply {
  const buttons = accounts.map(
    ({ accountId, name, email = '' }) =>
      `<button name="account" value="${escapeHtml(accountId)}">${escapeHtml(name)} <small>${escapeHtml(email)}</small></button>`,
  );
  return pageReply(
    200,
    'Log in to Atlassian (emulated)',
    `<p>to go on to <b>${escapeHtml(request.client.name)}</b></p>
<form method="post" action="${FORM_PATHS.account}">${hidden(transaction)}
${buttons.join('\n')}
</form>`,
  );
}

/** Asks for the site and the consent; without sites to choose from it asks for the consent only. */
export function consentPage(
  transaction: string,
  request: AuthorizeRequest,
  { account, sites }: { readonly account: EmulatedAccount; readonly sites: readonly EmulatedSite[] },
): HttpReply {
  const scopes = (request.scopes ?? []).map((scope) => `<li>${escapeHtml(scope)}</li>`);
  return pageReply(
    200,
    `${request.client.name} asks for access`,
    `<p>Signed in as ${escapeHtml(account.name)} <small>${escapeHtml(account.email ?? '')}</small>.
The answer goes to <b>${escapeHtml(new URL(request.redirectUri).host)}</b>.</p>
<form method="post" action="${FORM_PATHS.decision}">${hidden(transaction)}
${sites.length === 0 ? '' : sitePicker(sites)}
<details><summary>Scopes</summary><ul>${scopes.join('')}</ul></details>
<button name="decision" value="accept">Accept</button>
<button name="decision" value="cancel">Cancel</button>
</form>`,
  );
}

/** Says why nobody is sent back to the client. */
export function problemPage(status: number, code: string, text: string): HttpReply {
  return pageReply(
    status,
    'Something went wrong',
    `<p>${escapeHtml(text)}</p>\n<p><small>${code}</small></p>`,
  );
}

function sitePicker(sites: readonly EmulatedSite[]): string {
  const options = sites.map(
    ({ cloudId, name, url }, index) =>
      `<label class="option"><input type="radio" name="site" value="${escapeHtml(cloudId)}"${index === 0 ? ' checked' : ''}> ${escapeHtml(name)} <small>${escapeHtml(url)}</small></label>`,
  );
  return `<fieldset><legend>Use app on</legend>\n${options.join('\n')}\n</fieldset>`;
}

function hidden(transaction: string): string {
  return `<input type="hidden" name="transaction" value="${escapeHtml(transaction)}">`;
}
