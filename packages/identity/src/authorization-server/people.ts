import { createSealedRecords, hashedId, type Safe } from './sealed-records.ts';

/** Somebody who signed in at the company's identity provider. */
export interface Person {
  /** Stable and opaque: a hash of who the provider says this is. */
  readonly id: string;
  readonly issuer: string;
  readonly subject: string;
  readonly name?: string;
  /** Lower case; only when the provider verified it. */
  readonly email?: string;
  /** Undefined: the provider did not say. It is not the same as none, and opens nothing either (I12). */
  readonly groups?: readonly string[];
  /** Milliseconds since 1970. */
  readonly lastSignInMs: number;
  readonly disabled?: boolean;
}

/** What a sign-in showed about a person. */
export type Profile = Omit<Person, 'id' | 'lastSignInMs' | 'disabled'>;

/** Everybody who signed in within the last 400 days. */
export interface People {
  /** Keeps what the sign-in showed; whether the person is disabled stays as it is. */
  signedIn(profile: Profile): Promise<Person>;
  find(personId: string): Promise<Person | undefined>;
  list(): Promise<Person[]>;
  /** False when nobody has this id. */
  setDisabled(personId: string, disabled: boolean): Promise<boolean>;
}

export interface PeopleOptions extends Safe {
  readonly now: () => number;
  /** Told when what is known of a person changed, so that copies are dropped. */
  readonly onChanged: (personId: string) => Promise<void>;
}

const KEPT_MS = 400 * 86_400_000;
const ALL = 'oauth:people';

/** The directory of persons: the only place where the provider's words about them are kept. */
export function createPeople({ now, onChanged, ...safe }: PeopleOptions): People {
  const records = createSealedRecords<Person>(safe, 'person');

  async function find(personId: string): Promise<Person | undefined> {
    return (await records.get(personId))?.record;
  }

  return {
    async signedIn(profile) {
      const id = personIdOf(profile.issuer, profile.subject);
      for (;;) {
        const known = await records.get(id);
        const disabled = known?.record.disabled === true;
        const person: Person = { ...profile, id, lastSignInMs: now(), ...(disabled && { disabled }) };
        if (await records.put(id, person, { ttlMs: KEPT_MS, ifVersion: known?.version ?? 0 })) {
          await safe.state.addMember(ALL, id);
          await onChanged(id);
          return person;
        }
      }
    },
    find,
    async list() {
      const found: Person[] = [];
      for (const id of await safe.state.members(ALL)) {
        const person = await find(id);
        if (person) found.push(person);
        else await safe.state.removeMember(ALL, id);
      }
      return found;
    },
    async setDisabled(personId, disabled) {
      for (;;) {
        const known = await records.get(personId);
        if (!known) return false;
        const { disabled: _was, ...rest } = known.record;
        const person: Person = { ...rest, ...(disabled && { disabled }) };
        if (await records.put(personId, person, { ttlMs: KEPT_MS, ifVersion: known.version })) {
          await onChanged(personId);
          return true;
        }
      }
    },
  };
}

/** JSON keeps the border between the two words; e-mail addresses never identify, since they change hands. */
export function personIdOf(issuer: string, subject: string): string {
  return hashedId(JSON.stringify(['person', issuer, subject]));
}
