import { LRUCache } from 'lru-cache';

const MAX_PEOPLE = 10_000;

/** Counts what each person tries; true while there are not too many. Nobody shall guess at Atlassian through here. */
export type AttemptLimit = (person: string) => boolean;

/** At most `max` in `windowMs`, on this replica. */
export function createAttemptLimit(max: number, windowMs: number): AttemptLimit {
  const counts = new LRUCache<string, { tried: number }>({ max: MAX_PEOPLE, ttl: windowMs });
  return (person) => {
    const count = counts.get(person) ?? { tried: 0 };
    if (count.tried === 0) counts.set(person, count);
    count.tried += 1;
    return count.tried <= max;
  };
}
