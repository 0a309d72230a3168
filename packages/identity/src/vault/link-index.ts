import type { DurableState } from '../state/durable-state.ts';
import type { LinkName } from './link-record.ts';

/** Who has links, and which: records are found by it, but only what is sealed counts. */
export interface LinkIndex {
  people(): Promise<string[]>;
  namesOf(person: string): Promise<LinkName[]>;
  add(name: LinkName): Promise<void>;
  remove(name: LinkName): Promise<void>;
}

const PEOPLE = 'vault:people';

export function createLinkIndex(state: DurableState): LinkIndex {
  const hasLinks = async (person: string): Promise<boolean> =>
    (await state.members(setOf(person))).length > 0;
  return {
    people: () => state.members(PEOPLE),
    async namesOf(person) {
      const members = await state.members(setOf(person));
      return members.flatMap((member) => {
        const [cloudId = '', kind] = member.split(' ');
        return kind === 'oauth' || kind === 'token' ? [{ person, cloudId, kind }] : [];
      });
    },
    async add({ person, cloudId, kind }) {
      await state.addMember(PEOPLE, person);
      await state.addMember(setOf(person), `${cloudId} ${kind}`);
    },
    async remove({ person, cloudId, kind }) {
      await state.removeMember(setOf(person), `${cloudId} ${kind}`);
      if (await hasLinks(person)) return;
      await state.removeMember(PEOPLE, person);
      // Whoever linked something meanwhile must stay listed.
      if (await hasLinks(person)) await state.addMember(PEOPLE, person);
    },
  };
}

function setOf(person: string): string {
  return `vault:links:${encodeURIComponent(person)}`;
}
