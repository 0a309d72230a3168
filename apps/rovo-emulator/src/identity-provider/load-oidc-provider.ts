import type * as OidcProvider from 'oidc-provider';

/** Typed as text, so that the compiler looks for no types there: they are the package's own. */
const PROVIDER_MODULE: string = 'oidc-provider/lib/provider.js';

/**
 * The library's provider. Its main module does nothing else but to warn about Node 20, which we support;
 * all other warnings and errors stay as they are.
 */
export async function loadOidcProvider(): Promise<Pick<typeof OidcProvider, 'Provider'>> {
  return (await import(PROVIDER_MODULE)) as typeof OidcProvider;
}
