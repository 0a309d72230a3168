import type { OAuthProblem, SignInProblem } from '@switchyard/identity';

import { renderOAuthError } from '../pages/message.ts';
import { pageHeaders } from '../pages/page-headers.ts';

interface Words {
  readonly title: string;
  readonly message: string;
  readonly whatToDo: string;
}

const AGAIN = 'Go back to the app and connect it again.';

/** What went wrong with a sign-in, for the person. */
const SIGN_IN: Readonly<Record<SignInProblem, Words>> = {
  unknown_state: {
    title: 'This sign-in is over',
    message: 'It took longer than ten minutes, or its answer was used before.',
    whatToDo: AGAIN,
  },
  other_browser: {
    title: 'This sign-in began in another browser',
    message: 'It can be finished only where it began, so nothing was connected.',
    whatToDo:
      'If somebody sent you a link, do not use it. Otherwise go back to the app and connect it again.',
  },
  denied_by_provider: {
    title: 'You were not signed in',
    message: "Your company's sign-in ended without signing you in.",
    whatToDo: 'Try again. If it goes on, ask your administrator whether you may use Switchyard.',
  },
  provider_unreachable: {
    title: 'The sign-in cannot be reached',
    message: "Your company's sign-in does not answer.",
    whatToDo: 'Try again in a moment. If it goes on, tell your administrator.',
  },
  bad_answer: {
    title: 'You were not signed in',
    message: "The answer of your company's sign-in could not be verified.",
    whatToDo: 'Try again. If it goes on, tell your administrator.',
  },
  no_subject: {
    title: 'You were not signed in',
    message: "Your company's sign-in did not say who you are.",
    whatToDo: 'Tell your administrator.',
  },
  claim_required: {
    title: 'This account is not admitted',
    message: 'Switchyard is open to accounts of your company only.',
    whatToDo: 'Sign in with your company account.',
  },
  disabled: {
    title: 'Your access is turned off',
    message: 'An administrator has turned off your access to Switchyard.',
    whatToDo: 'Ask your administrator.',
  },
};

/** What went wrong with a client's request, by the error codes of OAuth. */
const REQUEST: Readonly<Record<string, Words>> = {
  invalid_client: {
    title: 'This app is not known here',
    message: 'The app is not registered with this Switchyard, or no longer.',
    whatToDo: 'Remove the connector in the app and add it again.',
  },
  invalid_redirect_uri: {
    title: 'This app may not be connected',
    message: 'The app wants its answer sent to an address that is not allowed here.',
    whatToDo: 'Ask your administrator to add the address to auth.oauth.redirects.',
  },
  invalid_target: {
    title: 'There is no such connector',
    message: 'The app asks for an address that this Switchyard does not have.',
    whatToDo: 'Check the URL of the connector in the app.',
  },
};

const OTHER: Words = {
  title: 'The app could not be connected',
  message: 'Its request could not be understood.',
  whatToDo: `${AGAIN} If it goes on, tell the maker of the app.`,
};

const EXPIRED: Words = {
  title: 'This page is no longer good',
  message: 'It was answered already, is older than ten minutes, or was opened in another browser.',
  whatToDo: AGAIN,
};

/** The page for a sign-in that failed. */
export function signInProblemPage(problem: SignInProblem): string {
  return renderOAuthError(SIGN_IN[problem]);
}

/** The page for a request that is not there any more. */
export function expiredPage(): string {
  return renderOAuthError(EXPIRED);
}

/** The page for what the authorization server refuses and cannot tell the client. */
export function oauthErrorPage({ error, description }: OAuthProblem): {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
} {
  const words = (Object.hasOwn(REQUEST, error) ? REQUEST[error] : undefined) ?? OTHER;
  const details = description === undefined ? '' : ` (${error}: ${description})`;
  const html = renderOAuthError({ ...words, message: `${words.message}${details}` });
  return { html, headers: pageHeaders({ formTargets: [] }) };
}
