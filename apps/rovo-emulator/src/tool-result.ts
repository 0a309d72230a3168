// How a tool's outcome becomes the JSON text of a `tools/call` result, in either generation's shape.
import type { EmulatorSettings, Generation } from './emulator-options.ts';
import { ERROR_TEXTS, type ErrorTextId } from './error-texts.ts';

/** What a tool came to: data, a sentence saying why not, or one of Atlassian's known errors. */
export type ToolOutcome =
  | { readonly kind: 'data'; readonly data: unknown }
  | { readonly kind: 'failure'; readonly text: string }
  | {
      readonly kind: 'known-error';
      readonly id: ErrorTextId;
      readonly style?: EmulatorSettings['errorStyle'];
    }
  | { readonly kind: 'raw'; readonly text: string };

/** A tool that worked. */
export function succeeded(data: unknown): ToolOutcome {
  return { kind: 'data', data };
}

/** A tool that could not do it; the text is what the model reads. */
export function failed(text: string): ToolOutcome {
  return { kind: 'failure', text };
}

/** A failure with one of Atlassian's own texts. */
export function knownError(id: ErrorTextId): ToolOutcome {
  return { kind: 'known-error', id };
}

/** JSON text of the result: v1 puts the data into text content, v2 wraps it in `{"data":…}` first. */
export function encodeOutcome(
  outcome: ToolOutcome,
  generation: Generation,
  settings: Readonly<EmulatorSettings>,
): string {
  switch (outcome.kind) {
    case 'raw':
      return outcome.text;
    case 'failure':
      return JSON.stringify({ content: textContent(outcome.text), isError: true });
    case 'known-error':
      return encodeKnownError(ERROR_TEXTS[outcome.id], outcome.style ?? settings.errorStyle);
    case 'data': {
      if (generation === 'v1') return JSON.stringify({ content: textContent(JSON.stringify(outcome.data)) });
      const wrapped = { data: outcome.data };
      const content = textContent(JSON.stringify(wrapped));
      return JSON.stringify(
        settings.structuredContent ? { content, structuredContent: wrapped } : { content },
      );
    }
  }
}

function encodeKnownError(message: string, style: EmulatorSettings['errorStyle']): string {
  if (style === 'isError') return JSON.stringify({ content: textContent(message), isError: true });
  return JSON.stringify({ content: textContent(JSON.stringify({ error: true, message })) });
}

function textContent(text: string): readonly { readonly type: 'text'; readonly text: string }[] {
  return [{ type: 'text', text }];
}
