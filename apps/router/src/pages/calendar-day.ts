import { html, type Html } from './html.ts';

const FORMAT = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});
/** The last moment that a Date can hold (ECMA-262, time values). */
const LAST_MS = 8.64e15;

/** The day (UTC) of a moment in milliseconds since 1970, for people and programs. */
export function calendarDay(ms: number): Html {
  if (!(Math.abs(ms) <= LAST_MS)) return html`an unknown day`;
  const date = new Date(ms);
  return html`<time datetime="${date.toISOString().slice(0, 10)}">${FORMAT.format(date)}</time>`;
}
