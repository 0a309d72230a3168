/** Requests under way, so that a client's `notifications/cancelled` finds the one that it means. */
export interface InFlight {
  /** A signal that ends when the client cancels; call `done` in any case. */
  start(
    caller: string,
    idText: string,
  ): { readonly signal: AbortSignal; readonly cancel: () => void; readonly done: () => void };
  /** Cancels what runs under this id. Two clients of one caller may use one id at once: then it is not known who is meant, and nobody is cancelled. */
  cancel(caller: string, idText: string): void;
}

export function createInFlight(): InFlight {
  const running = new Map<string, Set<AbortController>>();
  return {
    start(caller, idText) {
      const key = `${caller} ${idText}`;
      const controller = new AbortController();
      const those = running.get(key) ?? new Set();
      running.set(key, those.add(controller));
      return {
        signal: controller.signal,
        cancel: () => controller.abort(),
        done() {
          those.delete(controller);
          if (those.size === 0 && running.get(key) === those) running.delete(key);
        },
      };
    },
    cancel(caller, idText) {
      const [only, ...others] = running.get(`${caller} ${idText}`) ?? [];
      if (others.length === 0) only?.abort();
    },
  };
}
