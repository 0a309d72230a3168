import { budgetOf, clientBudgets, type Mode, type ToolBudget, type View } from '@switchyard/catalogue';
import { elements, memberText } from '@switchyard/json-text';
import type { Telemetry } from '@switchyard/telemetry';
import { LRUCache } from 'lru-cache';

/** What the newest list of one URL costs its clients. */
export interface ListBudget extends ToolBudget {
  /** Undefined where the URL is that of no view of the configuration. */
  readonly view: string | undefined;
  readonly mode: Mode;
  readonly sites: readonly string[];
}

/** Watches the lists that are made. */
export interface ListBudgets {
  /** A list was made; says it when clients would cut it. */
  note(view: View, list: NotedList): void;
  /** Of the URLs that were asked lately, the newest first. Tokens are counted now: a list itself does not pay for it. */
  all(): ListBudget[];
}

interface NotedList {
  readonly tools: number;
  /** The result of tools/list, as long as it is kept. */
  readonly result: () => Buffer | undefined;
}

const MAX_VIEWS = 100;
const SAID_AGAIN_AFTER_MS = 3_600_000;

export function createListBudgets(log: Pick<Telemetry['log'], 'warn'>): ListBudgets {
  const noted = new LRUCache<string, NotedList & { readonly view: View }>({ max: MAX_VIEWS });
  const said = new LRUCache<string, true>({ max: MAX_VIEWS, ttl: SAID_AGAIN_AFTER_MS });
  return {
    note(view, list) {
      noted.set(view.id, { ...list, view });
      const tooMany = clientBudgets(list.tools).filter(({ dropped }) => dropped > 0);
      if (tooMany.length === 0 || said.has(view.id)) return;
      said.set(view.id, true);
      log.warn(
        {
          view: view.name,
          mode: view.mode,
          sites: view.sites.length,
          tools: list.tools,
          cutBy: tooMany.map(({ client, limit }) => `${client} (${limit})`),
        },
        'more tools than some clients take; mode merged or lean has fewer',
      );
    },
    all: () =>
      [...noted.values()].flatMap(({ view, result }) => {
        const bytes = result();
        if (!bytes) return [];
        const definitions = elements(memberText(bytes.toString('utf8'), 'tools') ?? '') ?? [];
        const { name, mode, sites } = view;
        return [{ view: name, mode, sites: sites.map((site) => site.name), ...budgetOf(definitions) }];
      }),
  };
}
