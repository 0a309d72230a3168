import { editObject, memberText } from '@switchyard/json-text';

import { type ClientCapabilities, ENVELOPE, MODERN_VERSION } from './era.ts';

const NO_ENVELOPE: Readonly<Record<string, undefined>> = Object.fromEntries(
  Object.values(ENVELOPE).map((key) => [key, undefined]),
);

/** `params` for a site of the session era: without the keys that described the hop before. */
export function withoutEnvelope(paramsText: string): string {
  // A key may be written with escapes: then only a reading shows what it says.
  if (!paramsText.includes('io.modelcontextprotocol') && !paramsText.includes('\\u')) return paramsText;
  const meta = memberText(paramsText, '_meta');
  return meta === undefined ? paramsText : editObject(paramsText, { _meta: editObject(meta, NO_ENVELOPE) });
}

/** `params` for a site of the stateless era: with the keys of this hop, all other `_meta` untouched. */
export function withEnvelope(
  paramsText: string,
  hop: {
    readonly clientInfo: unknown;
    readonly capabilities: ClientCapabilities;
    readonly logLevel?: string | undefined;
  },
): string {
  const meta = editObject(memberText(paramsText, '_meta') ?? '{}', {
    ...NO_ENVELOPE,
    [ENVELOPE.version]: JSON.stringify(MODERN_VERSION),
    [ENVELOPE.clientInfo]: JSON.stringify(hop.clientInfo),
    [ENVELOPE.capabilities]: JSON.stringify(hop.capabilities),
    ...(hop.logLevel === undefined ? {} : { [ENVELOPE.logLevel]: JSON.stringify(hop.logLevel) }),
  });
  return editObject(paramsText, { _meta: meta });
}
