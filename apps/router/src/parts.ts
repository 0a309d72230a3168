import { createMemoryState, createRedisState } from '@switchyard/identity';
import type { Telemetry } from '@switchyard/telemetry';
import { createRedisStore } from '@switchyard/tool-cache';

import type { Config } from './config/config.ts';
import { type Audit, createAudit } from './gateway/audit-trail.ts';
import { createGateway, type Gateway } from './gateway/gateway.ts';
import { createKillSwitches, type KillSwitches } from './gateway/kill-switches.ts';
import { type ChangeStreams, createChangeStreams } from './http/change-stream.ts';
import { connectRedis } from './redis.ts';
import { credentialKeyOf, keyRingOf } from './secrets.ts';
import { createOwnDoors, type OwnDoors } from './sign-in/own-doors.ts';

/** Everything but the listeners. */
export interface Parts {
  readonly telemetry: Telemetry;
  readonly audit: Audit;
  readonly switches: KillSwitches;
  readonly gateway: Gateway;
  readonly doors: OwnDoors;
  readonly streams: ChangeStreams;
  /** The address that clients use; empty until the listener that it is taken from is open. */
  publicUrl(): string;
  /** Says what it is, where the configuration does not. */
  settlePublicUrl(url: string): void;
  /** What the process does without for now. */
  degraded(): string[];
  close(): Promise<void>;
}

/** Builds every part and wires them. */
export async function buildParts(config: Config, telemetry: Telemetry): Promise<Parts> {
  const link = await connectRedis(config, telemetry);
  await link?.settled();
  const durable = link ? createRedisState({ redis: link.redis }) : createMemoryState();
  const switches = await createKillSwitches(durable, telemetry.log);
  const audit = createAudit(config.audit, { telemetry });
  await audit.flush();
  const address = { publicUrl: config.publicUrl ?? '' };
  const publicUrl = (): string => address.publicUrl;
  const credentialKey = credentialKeyOf(config);
  const shared = link && createRedisStore({ redis: link.redis });
  const surroundings = { telemetry, switches, durable, publicUrl, credentialKey, audit, shared };
  const gateway = createGateway(config, surroundings);
  const keys = keyRingOf(config);
  const streams = createChangeStreams();
  const onForgotten = streams.endResting;
  const doors = createOwnDoors({ ...surroundings, config, state: durable, keys, gateway, onForgotten });
  telemetry.setSites(gateway.runtime().directory.sites);
  return {
    telemetry,
    audit,
    switches,
    gateway,
    doors,
    streams,
    publicUrl,
    settlePublicUrl: (url) => void (address.publicUrl ||= url),
    degraded: () => [...(link?.isUp() === false ? ['redis'] : []), ...(audit.isWritable() ? [] : ['audit'])],
    async close() {
      await doors.close();
      await gateway.close();
      switches.close();
      await audit.close();
      await durable.close();
      link?.close();
    },
  };
}
