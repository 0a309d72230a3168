// nginx as the byte proxy to compare with: no log, one worker, nothing on disk but in its own folder. Twice: tuned, with
// connections to the upstream that are kept, and as the package comes, with `proxy_pass` and nothing else.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { GATEWAY_CORE, start } from './processes.mjs';

/** Finds nginx; as root on Debian installs it. Returns its path, or undefined and says why on stderr. */
export function findNginx() {
  return lookUp() ?? (canInstall() ? install() : missing());
}

function lookUp() {
  return ['nginx', '/usr/sbin/nginx'].find((path) => spawnSync(path, ['-v']).status === 0);
}

function canInstall() {
  return process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;
}

function install() {
  process.stderr.write('bench: installing nginx\n');
  // In runlevel 1 the package does not start the server that it installs.
  const apt = ['env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'apt-get', '-q'];
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'nginx']]) {
    spawnSync(apt[0] ?? '', [...apt.slice(1), ...args], { stdio: ['ignore', 'ignore', 2] });
  }
  return lookUp() ?? missing();
}

function missing() {
  process.stderr.write(
    'bench: no nginx on the PATH and no way to install it here: ratios to nginx are left out\n',
  );
  return undefined;
}

/**
 * @param {{ program: string, folder: string, upstreamPort: number, isPackaged?: boolean }} options
 * @returns {Promise<import('./processes.mjs').Running & { port: number, root: string }>} `root`: files in it are served below /static/
 */
export async function startNginx({ program, folder: parent, upstreamPort, isPackaged = false }) {
  const port = await freePort();
  const folder = join(parent, isPackaged ? 'nginx-as-packaged' : 'nginx');
  const root = join(folder, 'static');
  mkdirSync(root, { recursive: true });
  const config = join(folder, 'nginx.conf');
  const proxy = isPackaged ? packagedProxy(upstreamPort) : tunedProxy(upstreamPort);
  writeFileSync(config, configOf({ folder, port, proxy }));
  const running = await start([program, '-p', folder, '-e', join(folder, 'error.log'), '-c', config], {
    core: GATEWAY_CORE,
    isSilent: true,
  });
  await untilListening(port);
  return { ...running, port, root };
}

/**
 * @typedef {object} Proxy lines of the configuration
 * @property {string} http
 * @property {string} location
 */

/**
 * @param {number} upstreamPort
 * @returns {Proxy}
 */
function tunedProxy(upstreamPort) {
  return {
    http: `upstream sites {
    server 127.0.0.1:${upstreamPort};
    keepalive 512;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
  }`,
    location: `proxy_pass http://sites;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffer_size 16k;
      proxy_buffers 8 32k;
      proxy_busy_buffers_size 64k;`,
  };
}

/**
 * What nginx does until it is told otherwise: a connection to the upstream for each request.
 * @param {number} upstreamPort
 * @returns {Proxy}
 */
function packagedProxy(upstreamPort) {
  return { http: '', location: `proxy_pass http://127.0.0.1:${upstreamPort};` };
}

/** @param {{ folder: string, port: number, proxy: Proxy }} options */
function configOf({ folder, port, proxy }) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  return `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 4096; }
http {
  ${temporary.join('\n  ')}
  access_log off;
  sendfile on;
  tcp_nopush on;
  open_file_cache max=10;
  keepalive_timeout 600s;
  keepalive_requests 1000000000;
  types { application/json json; }
  ${proxy.http}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    client_body_buffer_size 64k;
    location /static/ { root ${folder}; }
    location / {
      ${proxy.location}
    }
  }
}
`;
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

/** @param {number} port */
async function untilListening(port) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const up = await fetch(`http://127.0.0.1:${port}/static/none`).then(
      () => true,
      () => false,
    );
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('nginx does not listen');
}
