import { createSiteDirectory, Secret } from '@switchyard/catalogue';
import {
  createKeyRing,
  createEnrolledTokens,
  createMemoryState,
  type EnrolledTokens,
} from '@switchyard/identity';
import express, { type Express } from 'express';
import { onTestFinished } from 'vitest';

import { createAdminApi } from '../../src/admin/admin-api.ts';
import { createAdminGuard } from '../../src/admin/admin-guard.ts';
import { tokenRoutes } from '../../src/admin/token-routes.ts';
import { siteEntry } from '../gateway/site-entry.ts';

export const ADMIN = 'good-admin-token';

export interface TokenEstate {
  readonly app: Express;
  readonly tokens: EnrolledTokens;
  /** Nothing can be looked up any more. */
  goAway(): Promise<void>;
}

/** The admin API with its tokens, as one process without Redis has it. */
export function openTokenEstate(): TokenEstate {
  const state = createMemoryState();
  const tokens = createEnrolledTokens({
    state,
    keys: createKeyRing([{ id: 'k1', secret: new Secret('a secret of this test') }]),
    credentialKey: new Uint8Array(32).fill(7),
  });
  onTestFinished(() => tokens.close());
  const directory = createSiteDirectory([siteEntry('eng', 1), siteEntry('ops', 2)]);
  const guard = createAdminGuard({
    groups: () => ['admins'],
    verify: async (token) => (token === ADMIN ? 'ann@acme.example' : undefined),
  });
  const routes = tokenRoutes({ tokens, directory: () => directory });
  const app = express();
  app.use('/admin/v1', createAdminApi({ routes, guard, onAction: () => undefined }));
  return { app, tokens, goAway: () => state.close() };
}
