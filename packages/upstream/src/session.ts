import { withoutEnvelope } from '@switchyard/wire';
import type { Dispatcher } from 'undici';

import { type HandshakeOptions, shakeHands } from './handshake.ts';
import { createHeaderLines } from './session-headers.ts';
import { createSiteStream } from './site-stream.ts';
import type { Stagger } from './stagger.ts';
import type { SessionRef, UpstreamRequest } from './target.ts';

/** A way to talk to one endpoint in one caller's name: an initialised session, or the stateless protocol. */
export interface Session {
  readonly era: 'legacy' | 'modern';
  readonly url: URL;
  readonly ref: SessionRef;
  /** What the site offers. */
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** Headers of every request, as lines, with the credential's newest value. */
  headerLines(): string;
  /** Turns a request into what this hop sends: keys of the hop before are replaced. */
  prepare(request: UpstreamRequest): { readonly paramsText: string; readonly headers: string };
  /** Ends it here and, best effort, at the site. */
  close(): Promise<void>;
}

export interface SessionOptions extends Omit<HandshakeOptions, 'url'> {
  readonly calls: Dispatcher;
  /** For the long GET stream: on the pool for calls, waiting streams would starve the calls. */
  readonly streams: Dispatcher;
  /** Many sessions opened together ask for their streams when their lists have come. */
  readonly stagger: Stagger;
  readonly onNotification: (method: string, params: unknown) => void;
}

/** Initialises, and leaves the GET stream for list_changed to the SDK's transport. Throws UpstreamError. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { target } = options;
  const url = new URL(target.endpoint);
  const { capabilities, isAccepted, ...agreed } = await shakeHands({ ...options, url });
  const ref = { endpoint: url.href, ...agreed };
  const headerLines = createHeaderLines(target.credential, url.host, agreed);
  const stream = createSiteStream({ ...options, url, credential: target.credential, ref });
  const withdraw = isAccepted ? options.stagger.begin(stream.start) : undefined;
  let closing: Promise<void> | undefined;

  return {
    era: 'legacy',
    url,
    headerLines,
    ref,
    capabilities,
    prepare: ({ paramsText }) => ({ paramsText: withoutEnvelope(paramsText), headers: headerLines() }),
    close() {
      withdraw?.();
      return (closing ??= stream.close());
    },
  };
}
