import type * as oidc from 'oidc-provider';

/** Typed as text, so that the compiler looks for no types there: they are the package's own. */
async function load(part: string): Promise<unknown> {
  return import(`oidc-provider/lib/${part}`);
}

// The parts of the library one by one: its index does nothing else but to warn about Node 20, which we support.
const provider = (await load('provider.js')) as Pick<typeof oidc, 'Provider'>;

/** The library's authorization server. */
export const Provider: typeof oidc.Provider = provider.Provider;
/** The errors that the library turns into answers. */
export const errors: typeof oidc.errors = (await load('helpers/errors.js')) as typeof oidc.errors;
/** The library's rules of when a person is asked what. */
export const interactionPolicy: typeof oidc.interactionPolicy = (await load(
  'helpers/interaction_policy/index.js',
)) as typeof oidc.interactionPolicy;
