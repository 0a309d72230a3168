import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { DockerfileParser } from 'dockerfile-ast';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Step {
  readonly keyword: string;
  readonly text: string;
}

interface Stage {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** The stages with their instructions in order; a step's text is on one line, without its keyword. */
function stagesOf(dockerfile: string): Stage[] {
  const stages: { name: string; steps: Step[] }[] = [];
  for (const instruction of DockerfileParser.parse(dockerfile).getInstructions()) {
    const keyword = instruction.getKeyword();
    // The arguments as the library has them lack the flags.
    const text = instruction
      .getTextContent()
      .replace(/^\w+\s+/, '')
      .replaceAll(/\\\s*\n\s*/g, '');
    if (keyword === 'FROM') stages.push({ name: / AS (\S+)$/i.exec(text)?.[1] ?? '', steps: [] });
    stages.at(-1)?.steps.push({ keyword, text });
  }
  return stages;
}

const dockerfile = read('Dockerfile');
const stages = stagesOf(dockerfile);
const steps = stages.flatMap((stage) => stage.steps);
const runtime = stages.at(-1)?.steps ?? [];
const textOf = (keyword: string): string[] =>
  runtime.filter((step) => step.keyword === keyword).map(({ text }) => text);
const admin = (parse(read('deploy/switchyard.yaml')) as { admin: { port: number } }).admin;

describe('the Dockerfile', () => {
  it('has the four stages, each with a name', () => {
    expect(stages.map(({ name }) => name)).toEqual(['pruner', 'builder', 'dependencies', 'runtime']);
  });

  it('names one base image, pinned to Node 24 on one Debian', () => {
    expect(dockerfile).toMatch(/^ARG NODE_IMAGE=node:24-bookworm-slim$/m);
    for (const { text } of steps.filter(({ keyword }) => keyword === 'FROM'))
      expect(text).toMatch(/^\$\{NODE_IMAGE\} AS /);
  });

  it('knows no instruction that is obsolete or fetches from elsewhere', () => {
    expect(
      steps.filter(({ keyword }) => ['ADD', 'MAINTAINER', 'ONBUILD', 'VOLUME', 'SHELL'].includes(keyword)),
    ).toEqual([]);
    expect(steps.filter(({ text }) => /\b(curl|wget|sudo|apt-get)\b|:latest/.test(text))).toEqual([]);
  });

  it('installs from the lockfile alone and runs no script of a dependency', () => {
    const installs = steps.filter(
      ({ keyword, text }) => keyword === 'RUN' && /\bnpm (ci|i|install)\b/.test(text),
    );

    expect(installs).toHaveLength(2);
    for (const { text } of installs) expect(text).toMatch(/^npm ci .*--ignore-scripts/);
  });

  it('installs for the image what runs, and nothing that builds', () => {
    const dependencies = stages.find(({ name }) => name === 'dependencies')?.steps ?? [];

    expect(dependencies.at(-1)?.text).toContain('--omit=dev');
    expect(runtime.filter(({ keyword }) => keyword === 'RUN')).toEqual([]);
  });

  it('copies package files and installs before it copies sources, so that a change of code keeps that layer', () => {
    const builder = stages.find(({ name }) => name === 'builder')?.steps ?? [];
    const at = (pattern: RegExp): number => builder.findIndex(({ text }) => pattern.test(text));

    expect(at(/out\/json/)).toBeLessThan(at(/^npm ci/));
    expect(at(/^npm ci/)).toBeLessThan(at(/out\/full/));
    expect(at(/^tsconfig\.base\.json/)).toBeLessThan(at(/turbo run build/));
  });

  it('prunes with the turbo of package.json', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as {
      devDependencies: Record<string, string>;
    };

    expect(devDependencies['turbo']).toMatch(/^\d+\.\d+\.\d+$/);
    expect(steps.find(({ text }) => text.includes(' prune '))?.text).toContain(
      "require('./package.json').devDependencies.turbo",
    );
  });

  it('copies only from earlier stages, or files that exist and that .dockerignore lets through', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const seen: string[] = [];
    for (const stage of stages) {
      for (const { text } of stage.steps.filter(({ keyword }) => keyword === 'COPY')) {
        const [, from] = /^--from=(\S+)/.exec(text) ?? [];
        const sources = text
          .split(/\s+/)
          .filter((word) => !word.startsWith('--'))
          .slice(0, -1);
        if (from !== undefined) expect(seen).toContain(from);
        else
          expect(
            sources.filter(
              (source) => source !== '.' && !(existsSync(join(root, source)) && allowed.includes(source)),
            ),
          ).toEqual([]);
      }
      seen.push(stage.name);
    }
    expect(allowed.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('runs as a user without a name and without rights', () => {
    expect(textOf('USER')).toEqual(['10001:10001']);
    expect(runtime.findIndex(({ keyword }) => keyword === 'USER')).toBeGreaterThan(
      runtime.findLastIndex(({ keyword }) => keyword === 'COPY'),
    );
  });

  it('starts the command line without a shell, so that signals arrive', () => {
    expect(textOf('ENTRYPOINT')).toEqual(['["node", "apps/router/bin/switchyard.js"]']);
    expect(textOf('CMD')).toEqual(['["serve"]']);
    expect(textOf('STOPSIGNAL')).toEqual(['SIGTERM']);
    expect(textOf('ENV')[0]).toContain('SWITCHYARD_CONFIG=/etc/switchyard/switchyard.yaml');
    expect(textOf('ENV')[0]).toContain('NODE_ENV=production');
  });

  it('is healthy while the admin listener says so, without a program that the base image lacks', () => {
    const [check = ''] = textOf('HEALTHCHECK');

    expect(check).toMatch(/--interval=\d+s --timeout=\d+s --start-period=\d+s --retries=\d+/);
    expect(check).toContain('CMD ["node", "-e",');
    expect(check).toContain(`http://127.0.0.1:${admin.port}/livez`);
    expect(textOf('EXPOSE')).toEqual([`8080 ${admin.port}`]);
  });

  it('says what it is, from which revision', () => {
    const [labels = ''] = textOf('LABEL');

    for (const label of ['title', 'description', 'licenses', 'version', 'revision']) {
      expect(labels).toContain(`org.opencontainers.image.${label}=`);
    }
  });
});

describe('.dockerignore', () => {
  it('lets nothing through that it does not name', () => {
    const lines = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));

    expect(lines[0]).toBe('*');
    for (const pattern of ['**/.env*', '**/node_modules', '**/dist', '**/test'])
      expect(lines.lastIndexOf(pattern)).toBeGreaterThan(lines.findLastIndex((line) => line.startsWith('!')));
  });
});
