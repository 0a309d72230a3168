import { displayedHost } from './displayed-text.ts';
import { html } from './html.ts';
import { renderPage } from './layout.ts';

/**
 * The answer to a form that leads to another origin: the browser goes there by itself, at once. A redirect would have to stay
 * inside `form-action` at every further hop, and nobody knows where an identity provider or a client sends a browser next.
 */
export function renderOnward({ url, host }: { readonly url: string; readonly host?: string }): string {
  const head = html`<meta http-equiv="refresh" content="0;url=${url}" />`;
  const body = html`<h1>One moment</h1>
    <p class="lead">
      You are on your way${host !== undefined && html` to <span class="host">${displayedHost(host)}</span>`}.
    </p>
    <p class="actions"><a class="button" href="${url}">Continue</a></p>`;
  return renderPage({ title: 'One moment', body, head });
}
