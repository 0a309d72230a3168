import type { Site } from '@switchyard/catalogue';

import type { Runtime } from './runtime.ts';

/** How the definitions of a site are treated, by the configuration in force. */
export interface DefinitionRule {
  readonly onChange: 'allow' | 'notify' | 'hold';
  readonly hiddenCharacters: 'strip' | 'keep';
}

export interface RuledSite {
  readonly site: Site;
  readonly rule: DefinitionRule;
}

/** The rule of a site by cloudId; undefined for one that the configuration does not name any more. A look-up. */
export type DefinitionRules = (cloudId: string) => RuledSite | undefined;

export function createDefinitionRules(runtime: () => Runtime): DefinitionRules {
  const known = new WeakMap<Runtime, ReadonlyMap<string, RuledSite>>();
  return (cloudId) => {
    const current = runtime();
    const rules = known.get(current) ?? readRules(current);
    known.set(current, rules);
    return rules.get(cloudId);
  };
}

function readRules({ directory, config }: Runtime): ReadonlyMap<string, RuledSite> {
  const { onChange, hiddenCharacters } = config.discovery;
  return new Map(
    directory.sites.map((site) => [
      site.cloudId,
      { site, rule: { onChange: site.onChange ?? onChange, hiddenCharacters } },
    ]),
  );
}
