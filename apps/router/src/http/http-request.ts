import type { IncomingMessage } from 'node:http';

/** The head of an HTTP request, as far as anybody here reads it: node's own, or the lane's. Header names are in lower case. */
export type HttpRequest = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'socket'>;
