// Plain pages without scripts, for the sign-in and consent that people see.
import type { HttpReply } from './http-reply.ts';

const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 32rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
button, .option { display: block; width: 100%; box-sizing: border-box; margin: .5rem 0; padding: .7rem; font: inherit; text-align: left; }
fieldset { border: 1px solid #888; border-radius: 4px; }
small { opacity: .75; }
`;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Makes text safe between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

/** A whole page; `body` is HTML, `title` is text. */
export function pageReply(status: number, title: string, body: string): HttpReply {
  const heading = escapeHtml(title);
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    },
    body: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${heading}</title><style>${STYLE}</style></head>
<body><main><h1>${heading}</h1>
${body}
</main></body></html>
`,
  };
}

/** An answer that sends the browser on. */
export function redirectReply(location: string): HttpReply {
  return { status: 302, headers: { location, 'cache-control': 'no-store' } };
}
