import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

import {
  createEmulator,
  createIdentityProvider,
  defaultPeople,
  type Emulator,
  type EmulatorOptions,
  type IdentityProvider,
} from '@switchyard/rovo-emulator';
import { inject, onTestFinished } from 'vitest';

import { parseConfig } from '../../../src/config/load-config.ts';
import { startSwitchyard, type Switchyard } from '../../../src/switchyard.ts';
import { type SiteSpec, sitesText } from '../estate.ts';

/** A Switchyard that people sign in to: its company's provider, and Atlassian with its own sign-in. */
export interface PeopleEstate {
  readonly emulator: Emulator;
  readonly idp: IdentityProvider;
  readonly switchyard: Switchyard;
  readonly url: string;
  /** Of the company's provider. */
  readonly issuer: string;
  /** Lines of the log, as they were written. */
  readonly log: string[];
  /** Starts another replica behind the same public address. */
  startReplica(changed?: ReplicaOptions): Promise<Replica>;
  /** Exchanges `more` of the configuration, and reads it again. */
  reload(more: string): void;
}

/** One more process of the same Switchyard: asked at `url`, with the public one's name as Host, it answers as that. */
export interface Replica {
  readonly switchyard: Switchyard;
  readonly url: string;
}

type ReplicaOptions = Pick<PeopleEstateOptions, 'oauth'>;

export interface PeopleEstateOptions {
  readonly sites: readonly SiteSpec[];
  /** More lines of `auth.oauth`. */
  readonly oauth?: string;
  /** More lines of `auth`. */
  readonly auth?: string;
  /** More YAML at top level. */
  readonly more?: string;
  /** The port of the public address, where other processes need to know it; default: any. */
  readonly port?: number;
  readonly people?: Parameters<typeof createIdentityProvider>[0]['people'];
  readonly emulator?: EmulatorOptions;
}

/** Three sites that people can link by a consent: the plain v1 endpoint has an older sign-in that breaks the protocol. */
export const LINKABLE_SITES: readonly SiteSpec[] = [
  { name: 'eng', alias: 'eng' },
  { name: 'ops', alias: 'ops', path: '/v1/mcp/authv2' },
  { name: 'labs' },
];

export const OIDC_SECRET = 'demo-oidc-secret-of-the-tests';

/** Everything is closed when the test is over. */
export async function startPeopleEstate(options: PeopleEstateOptions): Promise<PeopleEstate> {
  const { people = defaultPeople, port: publicPort = 0 } = options;
  const emulator = createEmulator(options.emulator ?? {});
  const { url: upstream } = await emulator.listen();
  const idp = createIdentityProvider({ people });
  const { issuer } = await idp.start();
  const log: string[] = [];
  const write = (line: string): void => void log.push(line);
  let more = options.more ?? '';

  async function start(port: number, changed: ReplicaOptions = {}): Promise<Switchyard> {
    const readConfig = (): ReturnType<typeof parseConfig> =>
      parseConfig(configText({ ...options, more, ...changed }, { issuer, upstream, port, publicPort }), {
        path: 'switchyard.yaml',
        env: {},
      });
    const started = await startSwitchyard({ config: readConfig(), readConfig, logDestination: { write } });
    onTestFinished(() => started.close());
    return started;
  }

  onTestFinished(async () => {
    await idp.stop();
    await emulator.close();
  });
  const switchyard = await start(publicPort);
  const url = switchyard.publicUrl;
  idp.control.putClient({
    clientId: 'switchyard',
    clientSecret: OIDC_SECRET,
    redirectUris: [`${url}/oauth/callback`],
  });
  return {
    emulator,
    idp,
    switchyard,
    url,
    issuer,
    log,
    async startReplica(changed) {
      const port = await freePort();
      return { switchyard: await start(port, changed), url: `http://127.0.0.1:${port}` };
    },
    reload(next) {
      more = next;
      switchyard.reload();
    },
  };
}

interface Places {
  readonly issuer: string;
  readonly upstream: string;
  readonly port: number;
  readonly publicPort: number;
}

function configText(
  { sites, oauth = '', auth = '', more = '' }: PeopleEstateOptions,
  { issuer, upstream, port, publicPort }: Places,
): string {
  return `version: 1
listen: { port: ${port} }
${publicPort === 0 ? '' : `publicUrl: http://127.0.0.1:${publicPort}`}
${more.includes('admin:') ? '' : 'admin: { port: 0 }'}
auth:
${indented(auth, 2)}
  oauth:
    issuer: ${issuer}
    clientId: switchyard
    clientSecret: ${OIDC_SECRET}
${indented(oauth, 4)}
${sitesText(upstream, sites)}
${more}
`;
}

/** A port that nobody has, where one must be known before it is opened. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** A Redis database that no other test uses, as a block of the configuration. */
export function redisBlock(database: number): string {
  const url = new URL(inject('redisUrl'));
  url.pathname = `/${database}`;
  return `redis: { url: '${url.href}' }`;
}

function indented(lines: string, by: number): string {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ' '.repeat(by) + line)
    .join('\n');
}
