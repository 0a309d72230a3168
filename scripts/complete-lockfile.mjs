// `npm run lock`: after a change of dependencies. npm leaves out the lock entries of platform packages that the
// registry at hand does not offer, and `npm ci` then refuses the file on every machine. This adds them, without
// integrity: a machine of such a platform looks them up itself.
import { readFileSync, writeFileSync } from 'node:fs';

const PLATFORM = /(?:binding-|\/)(android|darwin|freebsd|linux|openharmony|win32|windows)-(\w+)(?:-(\w+))?$/;
const LIBC = { musl: ['musl'], gnu: ['glibc'] };

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
let added = 0;
for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const platform = PLATFORM.exec(name);
    if (lock.packages[`node_modules/${name}`] || !platform) continue;
    const [, os, cpu, libc] = platform;
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: [cpu === '64' ? 'x64' : cpu],
      dev: true,
      ...(LIBC[libc] && { libc: LIBC[libc] }),
      optional: true,
      os: [os === 'windows' ? 'win32' : os],
    };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
process.stderr.write(`package-lock.json: ${added} entries of other platforms added\n`);
