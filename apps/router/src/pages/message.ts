import { callout, type Tone } from './callout.ts';
import { html, type Html } from './html.ts';
import { PATHS, renderPage } from './layout.ts';

/** A page that says one thing. */
interface MessageModel {
  readonly title: string;
  readonly message: string;
  readonly whatToDo?: string;
  /** Where to go from here: a path of this origin, alone or with the words of its link. */
  readonly back?: string | { readonly url: string; readonly label: string };
  /** `info` unless said. */
  readonly tone?: Tone;
}

/** What happened, and what to do about it. */
export function renderMessage({ title, message, whatToDo, back, tone = 'info' }: MessageModel): string {
  const body = html`<h1>${title}</h1>
    ${callout(tone, html`<p>${message}</p>`)}
    ${
      whatToDo !== undefined &&
      html`<h2>What to do</h2>
        <p>${whatToDo}</p>`
    }
    ${back !== undefined && backLink(back)}`;
  return renderPage({ title, body });
}

function backLink(back: string | { readonly url: string; readonly label: string }): Html {
  const { url, label } = typeof back === 'string' ? { url: back, label: 'Go back' } : back;
  return html`<p class="actions"><a class="button" href="${url}">${label}</a></p>`;
}

/** Why an app was not connected, for the person: the app itself cannot be told, or must not be. */
export function renderOAuthError(model: Omit<MessageModel, 'tone'>): string {
  return renderMessage({ ...model, tone: 'error' });
}

/** After signing out. */
export function renderSignedOut(): string {
  return renderMessage({
    title: 'You are signed out',
    message: 'This browser no longer knows you. The apps that you connected stay connected.',
    back: { url: PATHS.sites, label: 'Sign in again' },
    tone: 'success',
  });
}
