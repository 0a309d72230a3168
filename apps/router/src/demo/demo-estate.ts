import { randomBytes } from 'node:crypto';

import { createEmulator, createIdentityProvider, defaultPeople } from '@switchyard/rovo-emulator';

import { DEMO_CLIENT_ID, type DemoSurroundings } from './demo-config.ts';

/** The world of the demo: an emulated Atlassian and an emulated company, on loopback. */
export interface DemoEstate extends DemoSurroundings {
  /** From now on people may sign in to the Switchyard at this public URL. */
  admit(publicUrl: string): void;
  close(): Promise<void>;
}

/** Starts both on free ports. The company's secret is new with every start: what it seals is good for one run. */
export async function startDemoEstate(): Promise<DemoEstate> {
  const clientSecret = randomBytes(32).toString('base64url');
  const emulator = createEmulator();
  const company = createIdentityProvider({ people: defaultPeople });
  const close = async (): Promise<void> => {
    await company.stop();
    await emulator.close();
  };
  try {
    const { url: upstream } = await emulator.listen();
    const { issuer } = await company.start();
    return {
      upstream,
      issuer,
      clientSecret,
      admit(publicUrl) {
        const redirectUris = [`${publicUrl}/oauth/callback`];
        company.control.putClient({ clientId: DEMO_CLIENT_ID, clientSecret, redirectUris });
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
