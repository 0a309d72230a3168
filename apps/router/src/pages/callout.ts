import { html, type Html } from './html.ts';

/** How a callout looks and is announced. The icon and a word say the same as the colour. */
export type Tone = 'info' | 'success' | 'warning' | 'error';

const ICONS: Readonly<Record<Tone, Html>> = {
  info: html`<path d="M12 11v6M12 7v.5" />`,
  success: html`<path d="m7.5 12.5 3 3 6-6.5" />`,
  warning: html`<path d="M12 7v6M12 16.5v.5" />`,
  error: html`<path d="m8.5 8.5 7 7m0-7-7 7" />`,
};

const WORDS: Readonly<Record<Tone, string>> = {
  info: 'Note',
  success: 'Done',
  warning: 'Take care',
  error: 'Problem',
};

/** The icon of a tone; a word must stand beside it. */
export function icon(tone: Tone): Html {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <circle cx="12" cy="12" r="10" />
    ${ICONS[tone]}
  </svg>`;
}

/** A box that stands out. Errors are an alert and successes a status, which screen readers say at once. */
export function callout(tone: Tone, content: Html, heading: string = WORDS[tone]): Html {
  const role = tone === 'error' ? 'alert' : tone === 'success' ? 'status' : 'note';
  return html`<div class="callout ${tone}" role="${role}">
    ${icon(tone)}
    <div>
      <p class="callout-heading">${heading}</p>
      ${content}
    </div>
  </div>`;
}

/** What went wrong with a form, above it; `field` is the id of the control to go to. */
export function errorSummary(message: string, field?: { id: string; label: string }): Html {
  const link = field && html`<p><a href="${`#${field.id}`}">${field.label}</a></p>`;
  return callout(
    'error',
    html`<p>${message}</p>
      ${link}`,
    'There is a problem',
  );
}
