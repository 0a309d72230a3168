import express, { type Express } from 'express';

import type { Gateway } from '../gateway/gateway.ts';
import { isMcpPath } from '../gateway/url-views.ts';
import { METADATA_PATH, resourceMetadata } from './challenge.ts';

/** Everything on the MCP listener that is not an MCP message. */
export function createPublicApp({
  gateway,
  publicUrl,
}: {
  gateway: Gateway;
  publicUrl: () => string;
}): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use((req, res, next) => {
    const { addresses } = gateway.runtime();
    if (addresses.admits(addresses.clientAddress(req))) return next();
    res.status(403).json({ error: 'Your address is not allowed to use this connector.' });
  });
  app.get([METADATA_PATH, `${METADATA_PATH}/*path`], (req, res) => {
    const path = req.path.slice(METADATA_PATH.length).replace(/\/$/, '') || '/mcp';
    if (isMcpPath(path)) res.json(resourceMetadata(publicUrl(), path));
    else res.status(404).json({ error: 'Not found' });
  });
  app.use((req, res) => {
    res
      .status(404)
      .json({ error: `There is nothing at ${req.path}; the connector is at ${publicUrl()}/mcp` });
  });
  return app;
}
