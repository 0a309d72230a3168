import type { SignInSide } from '../sign-in/sign-in.ts';
import type { AdminRoute } from './admin-route.ts';
import { openSide } from './people-routes.ts';

/** Keys that are exchanged while everything goes on. */
export function keyRoutes(signIn: () => SignInSide | undefined): AdminRoute[] {
  return [
    {
      method: 'post',
      path: '/signing-keys/rotate',
      summary: 'Makes a new signing key, which takes over in a minute; no token is lost',
      async handle() {
        await openSide(signIn).server.rotateKeys();
        return { rotated: true };
      },
    },
    {
      method: 'post',
      path: '/links/reseal',
      summary: 'Encrypts every link anew under the first key of auth.oauth.keys, so that an old key can go',
      handle: async () => ({ resealed: await openSide(signIn).vault.rewrapAll() }),
    },
  ];
}
