import { describe, expect, it } from 'vitest';

import { commandsOf, renderCliReference } from '../../src/cli/cli-reference.ts';
import { createProgram } from '../../src/cli/program.ts';

describe('docs/cli.md', () => {
  it('is what the program says; `vitest -u` writes it anew', async () => {
    await expect(renderCliReference()).toMatchFileSnapshot('../../../../docs/cli.md');
  });

  it('has every command and every flag', () => {
    const page = renderCliReference();
    const commands = commandsOf(createProgram({}));

    expect(commands.length).toBeGreaterThan(12);
    for (const { name, command } of commands) {
      expect(page).toContain(`### \`switchyard ${name}\``);
      for (const { flags } of command.options) expect(page).toContain(`\`${flags}\``);
    }
  });

  it('shows --json on every command', () => {
    const without = commandsOf(createProgram({})).filter(
      ({ command }) => !command.options.some(({ long }) => long === '--json'),
    );

    expect(without).toEqual([]);
  });
});
