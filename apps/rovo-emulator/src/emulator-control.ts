// What tests and the demo can do to a running emulator.
import type { EmulatorSettings, Generation, ToolChange } from './emulator-options.ts';
import type { ActiveFault, Faults, FaultSpec } from './faults.ts';
import { eventText } from './http-reply.ts';
import type { Journal, RecordedRequest } from './journal.ts';
import type { OAuthControl } from './oauth/oauth-control.ts';
import { servedGeneration } from './rpc-methods.ts';
import type { Sessions } from './sessions.ts';
import type { CatalogueTool } from './tool-catalogue.ts';
import type { ToolLists } from './tool-lists.ts';

/** A tool of the catalogue as control shows it. */
export type ListedTool = Pick<CatalogueTool, 'name' | 'product' | 'access' | 'primary' | 'schemaConfidence'>;

/** Run-time control; all of it takes effect with the next request. */
export interface EmulatorControl {
  /** Puts a fault in force and answers its id. */
  addFault(spec: FaultSpec): string;
  /** False when there was no such fault. */
  removeFault(id: string): boolean;
  clearFaults(): void;
  faults(): readonly ActiveFault[];
  settings(): Readonly<EmulatorSettings>;
  updateSettings(partial: Partial<EmulatorSettings>): void;
  /** The last requests at MCP URLs, oldest first, without secrets. */
  requests(): RecordedRequest[];
  clearRequests(): void;
  /** Forgets every session: the next request of each is answered 404. */
  expireSessions(): void;
  /** Sessions that are open now. */
  sessionCount(): number;
  changeTools(change: ToolChange): void;
  /** Every tool of a generation, whoever may see it; `lane` defaults to no lane. */
  listTools(generation: Generation, lane?: string): readonly ListedTool[];
  /** Grants and tokens of the OAuth side. */
  readonly oauth: OAuthControl;
}

/** What control acts on. */
export interface ControlParts {
  readonly faults: Faults;
  readonly journal: Journal;
  readonly lists: ToolLists;
  readonly oauth: OAuthControl;
  readonly sessions: Sessions;
  readonly settings: EmulatorSettings;
}

const LIST_CHANGED = eventText('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}');

/** Builds the control of an emulator from its parts. */
export function createEmulatorControl({
  faults,
  journal,
  lists,
  oauth,
  sessions,
  settings,
}: ControlParts): EmulatorControl {
  return {
    oauth,
    addFault: (spec) => faults.add(spec),
    removeFault: (id) => faults.remove(id),
    clearFaults: () => faults.clear(),
    faults: () => faults.list(),
    settings: () => ({ ...settings }),
    updateSettings(partial) {
      Object.assign(settings, partial);
      lists.forget();
    },
    requests: () => journal.requests(),
    clearRequests: () => journal.clear(),
    expireSessions: () => sessions.endAll(),
    sessionCount: () => sessions.size,
    changeTools(change) {
      lists.change(change);
      if (change.notify === true) announce(change, sessions, settings);
    },
    listTools: (generation, lane = '') =>
      lists.all(generation, lane).map(({ name, product, access, primary, schemaConfidence }) => ({
        name,
        product,
        access,
        primary,
        schemaConfidence,
      })),
  };
}

function announce(change: ToolChange, sessions: Sessions, settings: Readonly<EmulatorSettings>): void {
  for (const session of sessions.all()) {
    const isConcerned =
      servedGeneration(session.generation, settings) === change.generation &&
      (change.lane ?? session.lane) === session.lane;
    if (!isConcerned) continue;
    for (const stream of session.streams) stream.write(LIST_CHANGED);
  }
}
