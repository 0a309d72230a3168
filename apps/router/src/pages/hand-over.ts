import { clientFacts, clientName, loopbackWarning } from './client-facts.ts';
import { displayedName } from './displayed-text.ts';
import { html, type Html } from './html.ts';
import { csrfField, isolated, renderPage } from './layout.ts';

/** The page before the company's sign-in. `action` takes a form (`csrf`); `continueUrl` is a link. */
type HandOverModel = {
  readonly clientName: string;
  readonly redirectHost: string;
  readonly loopback: boolean;
  /** The account of this browser's last sign-in. */
  readonly signedInAs?: string;
} & (
  | { readonly action: string; readonly csrf: string; readonly continueUrl?: never }
  | { readonly continueUrl: string; readonly csrf?: string; readonly action?: never }
);

/** Says who asks and where the answer will go, before anybody signs in for it. */
export function renderHandOver(model: HandOverModel): string {
  const { redirectHost, loopback, signedInAs } = model;
  const body = html`<h1>Sign in to connect ${clientName(model.clientName)}</h1>
    <p class="lead">An app asks for access to your Atlassian sites through Switchyard.</p>
    ${clientFacts({ name: model.clientName, redirectHost })} ${loopback && loopbackWarning()}
    <ol class="steps">
      <li>You sign in with your company account.</li>
      <li>You choose which sites and products the app may use.</li>
      <li>You go back to the app. Until then it gets nothing.</li>
    </ol>
    ${signedInAs !== undefined && html`<p>You signed in as <strong>${isolated(displayedName(signedInAs, 'somebody'))}</strong> before.</p>`}
    ${continueControl(model)}
    <p class="hint">If you did not expect this page, close it. Nothing has been shared.</p>`;
  return renderPage({ title: 'Sign in to connect an app', body });
}

function continueControl(model: HandOverModel): Html {
  if (model.action === undefined) {
    return html`<p class="actions">
      <a class="button primary" href="${model.continueUrl}">Continue to sign in</a>
    </p>`;
  }
  return html`<form method="post" action="${model.action}">
    ${csrfField(model.csrf)}
    <div class="actions"><button class="primary" type="submit">Continue to sign in</button></div>
  </form>`;
}
