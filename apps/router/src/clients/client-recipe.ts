/** What a client is given: a name for the connector and its MCP URL. */
export interface ClientTarget {
  readonly name: string;
  readonly url: string;
}

/** One thing to do: steps for a person, commands for a shell, a file to write, or a link to open. */
export interface RecipePart {
  readonly kind: 'steps' | 'shell' | 'file' | 'link';
  /** What it is for. */
  readonly title: string;
  /** Of a file: where it belongs. */
  readonly path?: string;
  /** As it is to be pasted; of steps, one a line. */
  readonly text: string;
}

/** How one client is connected. */
export interface ClientRecipe {
  readonly id: string;
  /** As its maker calls it. */
  readonly title: string;
  /** Runs in its maker's cloud: it reaches public `https://` URLs only, and sends no header of its user's. */
  readonly hosted: boolean;
  /** How its user proves who that is: sign-in in the browser (OAuth), or a token in a header. */
  readonly signIn: readonly ('browser' | 'token')[];
  readonly parts: (target: ClientTarget) => readonly RecipePart[];
}

/** The environment variable that recipes without a browser take the token from; the command line takes it from there, too. */
export const TOKEN_VARIABLE = 'SWITCHYARD_TOKEN';
