import { html, type Html } from './html.ts';

/** Made when the first page needs it: it costs 20 ms of a start. */
let format: Intl.DateTimeFormat | undefined;

function inWords(date: Date): string {
  format ??= new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return format.format(date);
}

/** The last moment that a Date can hold (ECMA-262, time values). */
const LAST_MS = 8.64e15;

/** The day (UTC) of a moment in milliseconds since 1970, for people and programs. */
export function calendarDay(ms: number): Html {
  if (!(Math.abs(ms) <= LAST_MS)) return html`an unknown day`;
  const date = new Date(ms);
  return html`<time datetime="${date.toISOString().slice(0, 10)}">${inWords(date)}</time>`;
}
