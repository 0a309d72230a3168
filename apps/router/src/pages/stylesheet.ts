import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The style sheet of every page. It stands inside the page: no second request, so replicas of two versions serve one visitor well. */
export const stylesheet: string = readFileSync(new URL('../../data/pages.css', import.meta.url), 'utf8');

/** The only style that a page may have, as a source of its Content-Security-Policy. */
export const stylesheetSource: string = `'sha256-${createHash('sha256').update(stylesheet).digest('base64')}'`;
