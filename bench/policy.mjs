// What the rules add to a call: the policy of a warm caller at 500 rules, against the same without any rule.
// Run after a build: node bench/policy.mjs [rules]
import {
  callArguments,
  createPolicies,
  createSiteDirectory,
  createView,
  locate,
  parseToolList,
  resolveCall,
} from '@switchyard/catalogue';

const RULES = Number(process.argv[2] ?? 500);
const CALLS = 200_000;
const ROUNDS = 7;
const TARGET_US = 5;
const CLOUD_ID = '11111111-aaaa-4aaa-8aaa-000000000001';

const directory = createSiteDirectory([
  {
    cloudId: /** @type {import('@switchyard/catalogue').CloudId} */ (CLOUD_ID),
    url: 'https://alpha-eng.atlassian.net',
    alias: 'eng',
    endpoint: 'https://mcp.example/v2/mcp',
    identity: 'personal',
  },
]);
const index = parseToolList(
  JSON.stringify(
    ['getJiraIssue', 'createJiraIssue', 'searchJiraIssuesUsingJql', 'executeRead'].map((name) => ({
      name,
      inputSchema: { type: 'object', properties: { cloudId: { type: 'string' } } },
    })),
  ),
);

/** Rules of every kind; four in five are about this caller. @param {number} at @returns {import('@switchyard/catalogue').Rule} */
function ruleAt(at) {
  const kinds = [
    { groups: ['eng'], tools: { deny: [`delete${at}*`, `purge${at}?`] } },
    { callers: ['*@acme.example'], products: { jira: 'write', platform: 'read' } },
    { clients: ['claude'], projects: { allow: ['ENG', 'OPS', `TEAM${at}`], deny: [`SEC${at}`] } },
    { sites: ['eng'], spaces: { readOnly: [`HR${at}`] }, confirm: ['delete'] },
    { groups: ['other'], readOnly: true },
  ];
  return /** @type {import('@switchyard/catalogue').Rule} */ (kinds[at % kinds.length] ?? {});
}

/** @type {import('@switchyard/catalogue').Caller} */
const caller = {
  id: 'bench',
  method: 'oauth',
  email: 'alice@acme.example',
  groups: ['eng'],
  clientId: 'claude',
  cloudIds: new Set([CLOUD_ID]),
};
const args = { issueIdOrKey: 'ENG-1', fields: ['summary'] };
const argsText = JSON.stringify(args);

/** Microseconds of a call's way through the catalogue. @param {number} count */
function measure(count) {
  const rules = Array.from({ length: count }, (_, at) => ruleAt(at));
  const view = createView({
    id: 'bench',
    sites: directory.sites,
    single: false,
    layers: [],
    policies: createPolicies(rules, directory),
  });
  const run = () => {
    const target = locate(view, 'eng__getJiraIssue', { sites: view.sites, directory });
    if (target?.kind !== 'site') throw new Error('the call finds no site');
    const resolution = resolveCall({
      policy: view.policyFor(caller, target.site),
      target,
      index,
      args: callArguments(args, argsText),
      directory,
      name: 'eng__getJiraIssue',
    });
    if (resolution.kind !== 'call') throw new Error(`the call is refused: ${JSON.stringify(resolution)}`);
  };
  for (let at = 0; at < CALLS; at += 1) run();
  const rounds = Array.from({ length: ROUNDS }, () => {
    const startedAt = performance.now();
    for (let at = 0; at < CALLS; at += 1) run();
    return ((performance.now() - startedAt) * 1_000) / CALLS;
  });
  return Math.min(...rounds);
}

const without = measure(0);
const withRules = measure(RULES);
const added = withRules - without;
process.stdout.write(`a decision without rules: ${without.toFixed(2)} us\n`);
process.stdout.write(`with ${RULES} rules: ${withRules.toFixed(2)} us\n`);
process.stdout.write(`added: ${added.toFixed(2)} us (target: less than ${TARGET_US})\n`);
if (added >= TARGET_US) process.exitCode = 1;
