/** How much of something each caller has, so that none takes the share of the others (I9). */
export interface OwnerCounts {
  of(owner: string): number;
  /** Returns the way to give it back, once. */
  take(owner: string): () => void;
}

export function createOwnerCounts(): OwnerCounts {
  const counts = new Map<string, number>();
  const of = (owner: string): number => counts.get(owner) ?? 0;
  return {
    of,
    take(owner) {
      counts.set(owner, of(owner) + 1);
      let isTaken = true;
      return () => {
        if (!isTaken) return;
        isTaken = false;
        if (of(owner) > 1) counts.set(owner, of(owner) - 1);
        else counts.delete(owner);
      };
    },
  };
}
