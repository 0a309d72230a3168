/** A list or a resource of a site changed, as far as one credential sees it. */
export interface Change {
  /** Whose: credential and endpoint. */
  readonly key: string;
  /** The notification's method, such as `notifications/tools/list_changed`. */
  readonly method: string;
  readonly params?: unknown;
}

/** Hears of changes. */
export type ChangeListener = (change: Change) => void;

/** Brings changes of all sites to the open streams that they concern. */
export interface ChangeHub {
  publish(change: Change): void;
  /** A change that concerns everybody at an endpoint. */
  publishAt(endpoint: string, method: string): void;
  /** Listens for some keys; returns the way out. */
  listen(keys: Iterable<string>, listener: ChangeListener): () => void;
}

/** Which changes concern whom: the same for all sites that one credential reaches at one endpoint. */
export function changeKey(credentialId: string, endpoint: string): string {
  return `${credentialId} ${endpoint}`;
}

export function createChangeHub(): ChangeHub {
  const listeners = new Map<string, Set<ChangeListener>>();

  function remove(key: string, listener: ChangeListener): void {
    const those = listeners.get(key);
    those?.delete(listener);
    if (those?.size === 0) listeners.delete(key);
  }

  function publish(change: Change): void {
    for (const listener of listeners.get(change.key) ?? []) listener(change);
  }

  return {
    publish,
    publishAt(endpoint, method) {
      const keys = [...listeners.keys()].filter((key) => key.endsWith(` ${endpoint}`));
      for (const key of keys) publish({ key, method });
    },
    listen(keys, listener) {
      const own = [...new Set(keys)];
      for (const key of own) {
        const those = listeners.get(key) ?? new Set();
        listeners.set(key, those.add(listener));
      }
      return () => {
        for (const key of own) remove(key, listener);
      };
    },
  };
}
