import type { Router } from 'express';

import { adminEntry } from '../gateway/audit-entries.ts';
import type { Parts } from '../parts.ts';
import { accessRoutes } from './access-routes.ts';
import { createAdminApi } from './admin-api.ts';
import { createAdminGuard } from './admin-guard.ts';
import { changeRoutes } from './change-routes.ts';
import { explainRoutes } from './explain-routes.ts';
import { keyRoutes } from './key-routes.ts';
import { peopleRoutes } from './people-routes.ts';
import { siteRoutes } from './site-routes.ts';
import { tokenRoutes } from './token-routes.ts';

/** The admin API of a process: every table of routes, and who may use them. */
export function createProcessAdminApi(parts: Parts, reload: () => string[]): Router {
  const { gateway, switches, doors, telemetry, audit } = parts;
  const { signIn, enrolled } = doors;
  return createAdminApi({
    routes: [
      ...siteRoutes({ gateway, switches, reload }),
      ...explainRoutes({ gateway }),
      ...accessRoutes({ gateway, signIn, enrolled }),
      ...peopleRoutes(signIn),
      ...keyRoutes(signIn),
      ...changeRoutes({ gateway, drift: gateway.drift }),
      ...tokenRoutes({ tokens: enrolled, directory: () => gateway.runtime().directory }),
    ],
    guard: createAdminGuard({
      groups: () => gateway.runtime().config.admin.groups,
      verify: doors.verifyAdmin,
    }),
    onAction(action) {
      telemetry.log.info({ ...action }, 'admin');
      audit.record(adminEntry(action));
    },
  });
}
