import express, { type Express, type RequestHandler } from 'express';

import type { Gateway } from '../gateway/gateway.ts';
import { isMcpPath } from '../gateway/url-views.ts';
import { METADATA_PATH, resourceMetadata } from './challenge.ts';

/** Clients that run in a browser read the metadata across origins, with a header of theirs; it is public. */
const ANY_ORIGIN: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET',
  'access-control-allow-headers': 'mcp-protocol-version',
  'access-control-max-age': '3600',
};

/** What people open in their browsers; the rest of OAuth is for programs. */
const PAGES = ['/connect', '/oauth/authorize', '/oauth/interaction', '/oauth/callback', '/oauth/sign-in'];

/** Everything on the MCP listener that is not an MCP message. */
export function createPublicApp({
  gateway,
  publicUrl,
  signIn,
}: {
  readonly gateway: Gateway;
  readonly publicUrl: () => string;
  /** Pages for people and the protocol of OAuth; what it does not serve goes on. */
  readonly signIn: RequestHandler;
}): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use((req, res, next) => {
    const { addresses } = gateway.runtime();
    if (addresses.admits(addresses.clientAddress(req))) return next();
    res.status(403).json({ error: 'Your address is not allowed to use this connector.' });
  });
  app.use(METADATA_PATH, (req, res, next) => {
    res.set(ANY_ORIGIN);
    if (req.method !== 'OPTIONS') return next();
    res.status(204).end();
  });
  app.get([METADATA_PATH, `${METADATA_PATH}/*path`], (req, res) => {
    const path = req.path.slice(METADATA_PATH.length).replace(/\/$/, '') || '/mcp';
    if (isMcpPath(path))
      res.json(
        resourceMetadata(publicUrl(), { mcpPath: path, oauth: gateway.runtime().config.oauth !== undefined }),
      );
    else res.status(404).json({ error: 'Not found' });
  });
  app.use(PAGES, (req, res, next) => {
    const { browserAddresses } = gateway.runtime();
    if (browserAddresses.admits(browserAddresses.clientAddress(req))) return next();
    res.status(403).json({
      error:
        'Your address is not allowed to sign in here. Ask the administrator to add it to auth.addresses.browser.',
    });
  });
  app.use(signIn);
  app.use((req, res) => {
    res
      .status(404)
      .json({ error: `There is nothing at ${req.path}; the connector is at ${publicUrl()}/mcp` });
  });
  return app;
}
