import { callout } from './callout.ts';
import { displayedHost, displayedName } from './displayed-text.ts';
import { html, type Html } from './html.ts';
import { isolated } from './layout.ts';

/** How an app made itself known (Client ID Metadata Document, dynamic registration, or the configuration). */
export type ClientKind = 'metadata-document' | 'registered' | 'configured';

const VOUCHED_BY: Readonly<Record<ClientKind, string>> = {
  'metadata-document': 'The app published its name itself, on its own web site.',
  registered: 'The app gave its name itself. Nobody has checked it.',
  configured: 'Your administrator set this app up.',
};

/** The name that an app gives itself, safe inside a sentence. */
export function clientName(name: string): Html {
  return isolated(displayedName(name, 'An app without a name'));
}

/** What is known of the app that asks, the place that gets the answer above all. */
export function clientFacts(client: { name: string; redirectHost: string; kind?: ClientKind }): Html {
  return html`<dl class="facts">
    <div>
      <dt>App</dt>
      <dd>
        ${clientName(client.name)}${client.kind && html`<span class="hint">${VOUCHED_BY[client.kind]}</span>`}
      </dd>
    </div>
    <div>
      <dt>Sends you back to</dt>
      <dd class="host">${displayedHost(client.redirectHost)}</dd>
    </div>
  </dl>`;
}

/** Any program on a computer can listen on its loopback address: the host proves nothing there. */
export function loopbackWarning(): Html {
  return callout(
    'warning',
    html`<p>
      This app runs on your own computer, so its name cannot be proved. Go on only if you started this
      yourself, just now, in a program that you trust.
    </p>`,
    'Did you start this?',
  );
}
