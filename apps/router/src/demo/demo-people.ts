import type { EmulatedAccount, Person } from '@switchyard/rovo-emulator';

/** A made-up credential that opens the emulator. */
export interface DemoCredential {
  readonly who: string;
  readonly authorization: string;
}

/** Somebody of the emulated company, with an Atlassian account of the same address. */
export interface DemoPerson {
  readonly name: string;
  readonly email: string;
  /** How many of the sites the account reaches. */
  readonly sites: number;
}

const WHAT: Readonly<Partial<Record<EmulatedAccount['credentials'][number]['kind'], string>>> = {
  'api-token': 'API token',
  'service-key': 'service account',
};

/** The credentials that work; the emulator has broken ones too. */
export function demoCredentials(accounts: readonly EmulatedAccount[]): DemoCredential[] {
  return accounts.flatMap(({ email, name, credentials, sites }) =>
    credentials.flatMap(({ kind, secret }) => {
      const what = WHAT[kind];
      if (what === undefined || sites.some((site) => site.startsWith('44444444'))) return [];
      const who = `${email ?? name}, ${what}, ${countOf(sites.length)}`;
      if (kind === 'service-key') return [{ who, authorization: `Bearer ${secret}` }];
      return [{ who, authorization: `Basic ${Buffer.from(`${email ?? ''}:${secret}`).toString('base64')}` }];
    }),
  );
}

/** Who can sign in, and what their accounts reach. */
export function demoPeople(people: readonly Person[], accounts: readonly EmulatedAccount[]): DemoPerson[] {
  return people.map(({ name, email = '' }) => {
    const account = accounts.find((each) => each.email === email);
    return { name, email, sites: account?.sites.length ?? 0 };
  });
}

/** `1 site`, `3 sites`. */
export function countOf(sites: number): string {
  return `${sites} site${sites === 1 ? '' : 's'}`;
}
