// The server of the conformance run as a site: the official SDK's own.
import { onTestFinished } from 'vitest';

import { CLOUD_IDS } from '../estate.ts';

const FIXTURE = new URL('../../../../../conformance/fixture.mjs', import.meta.url).href;

interface Fixture {
  readonly port: number;
  close(): Promise<void>;
}

/** Both eras, or without sessions the modern one alone. The end of the test closes it. */
export async function startSdkSite({ sessions = true }: { sessions?: boolean } = {}): Promise<string> {
  const { startFixture } = (await import(FIXTURE)) as {
    startFixture(options: { cloudId: string; sessions: boolean }): Promise<Fixture>;
  };
  const fixture = await startFixture({ cloudId: CLOUD_IDS.eng, sessions });
  onTestFinished(() => fixture.close());
  return `http://127.0.0.1:${fixture.port}`;
}
