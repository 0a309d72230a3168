import { displayedName } from './displayed-text.ts';
import { html, type Html } from './html.ts';
import { stylesheet } from './stylesheet.ts';

/** Where the pages of a signed-in person stand. */
export const PATHS = {
  sites: '/connect',
  clients: '/connect/clients',
  signOut: '/connect/sign-out',
} as const;

/** Who is signed in, as the company's identity provider says. */
export interface PageAccount {
  readonly name?: string;
  readonly email?: string;
}

/** What the pages of a signed-in person have at their top. */
interface PageNavigation {
  readonly current: 'sites' | 'clients';
  readonly account: PageAccount;
  readonly csrf: string;
}

const HEAD = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' fill='%232a4fb8'/%3E%3Cpath d='M9 25V7m0 13c0-7 14-3 14-13' fill='none' stroke='%23fff' stroke-width='3' stroke-linecap='round'/%3E%3C/svg%3E">
<style>${stylesheet}</style>
`;

/** A whole document. Without `navigation` it is one step of a flow, in a narrow column. */
export function renderPage(page: {
  title: string;
  body: Html;
  navigation?: PageNavigation;
  head?: Html;
}): string {
  const { title, body, navigation, head } = page;
  const content = html`<title>${title} · Switchyard</title>${head}
    </head>
    <body class="${navigation ? 'wide' : 'narrow'}">
      <a class="skip" href="#content">Skip to the content</a>
      <header class="top">
        <p class="brand">${MARK}<span>Switchyard</span></p>
        ${navigation && renderNavigation(navigation)}
      </header>
      <main id="content" tabindex="-1">${body}</main>
      <footer class="bottom">
        <p>Switchyard connects apps to your Atlassian sites. It never shows them your passwords or tokens.</p>
      </footer>
    </body>
    </html> `;
  return HEAD + content.text;
}

const MARK = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
  <rect width="32" height="32" rx="8" />
  <path d="M9 25V7m0 13c0-7 14-3 14-13" />
</svg>`;

const TABS = [
  { key: 'sites', label: 'Your sites' },
  { key: 'clients', label: 'Connected apps' },
] as const;

function renderNavigation({ current, account, csrf }: PageNavigation): Html {
  const tabs = TABS.map(
    ({ key, label }) =>
      html`<li>
        <a href="${PATHS[key]}" aria-current="${key === current ? 'page' : 'false'}">${label}</a>
      </li>`,
  );
  return html`<nav aria-label="Your account">
      <ul>
        ${tabs}
      </ul>
    </nav>
    <form class="account" method="post" action="${PATHS.signOut}">
      ${csrfField(csrf)}
      <p>Signed in as ${accountName(account)}</p>
      <button class="quiet" type="submit">Sign out</button>
    </form>`;
}

/** The anti-forgery token that every form sends back as `csrf`. */
export function csrfField(csrf: string): Html {
  return html`<input type="hidden" name="csrf" value="${csrf}" />`;
}

/** A name from outside, which cannot reorder the sentence around it. */
export function isolated(name: string): Html {
  return html`<bdi>${name}</bdi>`;
}

/** The e-mail address when there is one: names repeat. */
export function accountName({ name, email }: PageAccount): Html {
  return html`<strong>${isolated(displayedName(email ?? name ?? '', 'an account without a name'))}</strong>`;
}
