// `npm start`: builds what has changed, then runs the demo, or the command that is given after `--`.
import { spawnSync } from 'node:child_process';

const built = spawnSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 2, 2] });
if (built.status !== 0) process.exit(built.status ?? 1);
const { main } = await import('../apps/router/dist/cli/main.js');
await main(process.argv.length > 2 ? process.argv.slice(2) : ['demo']);
