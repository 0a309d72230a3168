// Client-id metadata documents: a client whose id is the URL of its own description.
import { isObject, type JsonObject, textOf, textsOf } from '../json-value.ts';
import { OAuthError } from './oauth-error.ts';

/** What a document says of its client. */
export interface ClientDescription {
  readonly name: string;
  readonly redirectUris: readonly string[];
}

const TIMEOUT_MS = 2_500;
const MOST_BYTES = 5_120;

/** True for ids that are URLs of documents: https, or http on loopback. */
export function isDocumentUrl(clientId: string): boolean {
  if (!URL.canParse(clientId)) return false;
  const { protocol, hostname, pathname } = new URL(clientId);
  const isLoopback = hostname === '127.0.0.1' || hostname === 'localhost' || hostname === '[::1]';
  return pathname !== '/' && (protocol === 'https:' || (protocol === 'http:' && isLoopback));
}

/** Fetches and checks a document; throws OAuthError `invalid_client` that says what is wrong with it. */
export async function readClientMetadata(clientId: string): Promise<ClientDescription> {
  const document = await fetchDocument(clientId);
  if (document['client_id'] !== clientId) {
    throw new OAuthError('invalid_client', 'The client_id of the document is not its URL.');
  }
  const redirectUris = textsOf(document['redirect_uris']).filter((uri) => URL.canParse(uri));
  if (redirectUris.length === 0) {
    throw new OAuthError('invalid_client', 'The document names no redirect_uris.');
  }
  return { redirectUris, name: textOf(document['client_name']) ?? clientId };
}

async function fetchDocument(url: string): Promise<JsonObject> {
  try {
    const response = await fetch(url, {
      redirect: 'error',
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const document: unknown = response.ok ? JSON.parse(await boundedText(response)) : undefined;
    if (isObject(document)) return document;
  } catch {
    // What went wrong on the way is the document's owner's to find out; below is all that Atlassian tells.
  }
  throw new OAuthError('invalid_client', 'The client_id metadata document could not be read.');
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new RangeError('too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
