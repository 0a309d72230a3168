import type { ClientRecipe, ClientTarget, RecipePart } from './client-recipe.ts';

/** Clients in their makers' clouds. They register themselves; nobody types a client id. */
export const HOSTED_RECIPES: readonly ClientRecipe[] = [
  {
    id: 'claude',
    title: 'Claude (web, desktop, mobile)',
    hosted: true,
    signIn: ['browser'],
    parts: (target) => [
      steps('Add the connector; on Team and Enterprise an owner does it once', [
        'Open Settings, Connectors (Team and Enterprise: Organization settings, Connectors).',
        'Choose "Add custom connector".',
        ...named(target),
        'Leave the advanced settings empty: Claude registers itself.',
        'Choose "Add".',
      ]),
      steps('Connect, each person', [
        'Open Settings, Connectors and choose "Connect".',
        'Sign in with your company, and pick sites and products.',
        `Link the sites at ${new URL(target.url).origin}/connect`,
      ]),
    ],
  },
  {
    id: 'chatgpt',
    title: 'ChatGPT',
    hosted: true,
    signIn: ['browser'],
    parts: (target) => [
      steps('Add the connector; needs developer mode, in a workspace an admin turns it on', [
        'Open Settings, Apps (also called Connectors), Advanced settings, and turn on "Developer mode".',
        'Go back and choose "Create".',
        ...named(target),
        'Authentication: OAuth',
        'Choose "Create", sign in with your company, and pick sites and products.',
        `Link the sites at ${new URL(target.url).origin}/connect`,
      ]),
      steps('After tools have changed', ['Open the connector in Settings and choose "Refresh".']),
    ],
  },
];

function steps(title: string, lines: readonly string[]): RecipePart {
  return { kind: 'steps', title, text: lines.join('\n') };
}

function named({ name, url }: ClientTarget): string[] {
  return [`Name: ${name}`, `URL: ${url}`];
}
