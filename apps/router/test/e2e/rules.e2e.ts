import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { CREDENTIALS, type Estate, startEstate, THREE_SITES } from './estate.ts';

let estate: Estate;
beforeAll(async () => {
  estate = await startEstate({
    sites: THREE_SITES.map((site) =>
      site.name === 'eng'
        ? { ...site, more: 'projects: { allow: [ENG] }\nproducts: { jira: delete, confluence: write }' }
        : site,
    ),
    more: `views: { triage: {} }
rules:
  - { name: read only for bob, callers: [bob@demo.example], readOnly: true }
  - { callers: [alice@demo.example], views: [triage], sites: [gamma-labs.atlassian.net], block: true }
  - { views: [triage], sites: [ops], products: { jira: read } }
  - { sites: [eng], tools: { deny: [watchJira*] } }
`,
  });
});
afterAll(() => estate.close());

const AS_BOB = { as: CREDENTIALS.bob };

interface Step {
  readonly gate: string;
  readonly verdict: string;
  readonly code: string;
  readonly where: string;
}

interface Explained {
  readonly site: string;
  readonly verdict: string;
  readonly gates: readonly Step[];
}

async function explain(
  args: Record<string, unknown>,
  how?: Parameters<Estate['call']>[2],
): Promise<readonly Explained[]> {
  const { body } = await estate.call('switchyard_explain', args, how);
  return (body.result?.structuredContent?.['explanations'] ?? []) as readonly Explained[];
}

function closedBy(explained: Explained | undefined): Step | undefined {
  return explained?.gates.find(({ verdict, gate }) => verdict !== 'pass' && gate !== 'client');
}

const AT_TRIAGE = { path: '/mcp/views/triage' };

describe('a rule about a caller', () => {
  it('takes away for that caller alone, on list and call (I2)', async () => {
    const [alice, bob] = [await estate.list(), await estate.list(AS_BOB)];
    const refused = await estate.call('ops__createJiraIssue', { projectKey: 'OPS' }, AS_BOB);

    expect(alice.names).toContain('ops__createJiraIssue');
    expect(bob.names).not.toContain('ops__createJiraIssue');
    expect(bob.names).toContain('ops__getJiraIssue');
    expect(refused.body.error?.message).toBe('Unknown tool: ops__createJiraIssue');
  });

  it('that blocks a site makes it as if it were not there, also to an explanation (I1)', async () => {
    const { names, rows } = await estate.list(AT_TRIAGE);
    const [blocked] = await explain({ tool: 'getJiraIssue', site: '33333333' }, AT_TRIAGE);
    const [absent] = await explain({ tool: 'getJiraIssue', site: 'nowhere' }, AT_TRIAGE);

    expect(names.filter((name) => name.startsWith('33333333'))).toEqual([]);
    expect(rows.map(({ site }) => site)).toEqual(['eng', 'ops']);
    expect({ ...blocked, site: '' }).toEqual({ ...absent, site: '' });
  });
});

describe('a rule about a view', () => {
  it('holds on its URL and not on others', async () => {
    expect((await estate.list()).names).toContain('ops__createJiraIssue');
    expect((await estate.list(AT_TRIAGE)).names).not.toContain('ops__createJiraIssue');
    expect((await estate.call('ops__createJiraIssue', {}, AT_TRIAGE)).body.error?.message).toContain(
      'Unknown tool',
    );
  });
});

describe('a fence of projects', () => {
  it.each([
    ['eng__getJiraIssue', { issueIdOrKey: 'OPS-1' }, 'Project OPS is not available through this connector'],
    [
      'eng__searchJiraIssuesUsingJql',
      { jql: 'assignee = currentUser()' },
      'Invalid arguments: jql must be limited to projects',
    ],
    [
      'eng__searchJiraIssuesUsingJql',
      { jql: 'project = ENG OR project = OPS' },
      'Invalid arguments: jql must be',
    ],
  ])('keeps %s %j inside', async (name, args, message) => {
    estate.emulator.control.clearRequests();
    const { body } = await estate.call(name, args);

    expect(body.error).toMatchObject({ code: -32_602 });
    expect(body.error?.message).toContain(message);
    expect(
      estate.emulator.control.requests().filter(({ tool }) => tool !== undefined && name.endsWith(tool)),
    ).toEqual([]);
  });

  it('lets through what stays inside', async () => {
    const { body } = await estate.call('eng__searchJiraIssuesUsingJql', {
      jql: 'project = ENG ORDER BY created',
    });

    expect(body.result?.isError ?? false).toBe(false);
  });
});

describe('switchyard_explain', () => {
  it('says which rule it is, and where it stands', async () => {
    const [explained] = await explain({ tool: 'ops__createJiraIssue' }, AS_BOB);

    expect(explained).toMatchObject({ site: 'ops', verdict: 'unavailable' });
    expect(closedBy(explained)).toMatchObject({
      gate: 'rules',
      code: 'access',
      where: 'rules[0] "read only for bob"',
    });
  });

  it('agrees with the list about every tool of every site', async () => {
    const { names } = await estate.list();
    for (const tool of [
      'getJiraIssue',
      'createJiraIssue',
      'watchJiraIssue',
      'deleteJiraIssue',
      'searchConfluence',
      'getConfluencePage',
      'executeRead',
      'noSuchTool',
    ]) {
      const explanations = await explain({ tool });
      expect(explanations.map(({ site }) => site)).toEqual(['eng', 'ops', '33333333']);
      for (const { site, verdict } of explanations)
        expect([site, tool, verdict === 'available']).toEqual([
          site,
          tool,
          names.includes(`${site}__${tool}`),
        ]);
    }
  });

  it('remembers what this client fetched last', async () => {
    const path = '/mcp?products=jira';
    const before = await explain({ tool: 'eng__getJiraIssue' }, { path });
    await estate.list({ path });
    const after = await explain({ tool: 'eng__getJiraIssue' }, { path });

    expect(before[0]?.gates.at(-1)).toMatchObject({ gate: 'client', code: 'client_unknown' });
    expect(after[0]?.gates.at(-1)).toMatchObject({ gate: 'client', code: 'client_current' });
  });

  it.each([{}, { tool: '' }, { tool: 7 }, { tool: 'x', site: 7 }, { tool: 'x'.repeat(300) }])(
    'refuses %j and says what it needs',
    async (args) => {
      const { body } = await estate.call('switchyard_explain', args);

      expect(body.error).toMatchObject({
        code: -32_602,
        message: expect.stringContaining('Invalid arguments') as string,
      });
    },
  );
});

async function ask(
  query: Record<string, string>,
): Promise<{ status: number; body: Explained & { detail?: string } }> {
  const url = `${estate.switchyard.adminUrl}/admin/v1/explain?${new URLSearchParams(query).toString()}`;
  const response = await fetch(url);
  return { status: response.status, body: (await response.json()) as Explained };
}

describe('GET /admin/v1/explain', () => {
  it('refuses a question that does not say whom, where and what', async () => {
    const { status, body } = await ask({ caller: 'bob@demo.example', site: 'ops' });

    expect(status).toBe(400);
    expect(body.detail).toContain('caller=&site=&tool=');
  });

  it('explains a caller who was here as that caller sees it, on the URL that is asked about', async () => {
    await estate.list(AS_BOB);
    const question = { caller: 'BOB@demo.example', site: 'ops' };
    const [read, write, view] = [
      await ask({ ...question, tool: 'getJiraIssue' }),
      await ask({ ...question, tool: 'ops__createJiraIssue' }),
      await ask({
        caller: 'alice@demo.example',
        site: 'ops',
        tool: 'createJiraIssue',
        path: '/mcp/views/triage',
      }),
    ];

    expect(read.body).toMatchObject({ site: 'ops', tool: 'getJiraIssue', verdict: 'available' });
    expect(read.body.gates.at(-1)).toMatchObject({ code: 'client_current' });
    expect(closedBy(write.body)).toMatchObject({ gate: 'rules', code: 'access' });
    expect(closedBy(view.body)).toMatchObject({ gate: 'rules', where: 'rules[2]' });
  });

  it('says what is not known of a caller who was not here', async () => {
    const { body } = await ask({ caller: 'zoe@demo.example', site: 'eng', tool: 'watchJiraIssue' });

    expect(body.verdict).toBe('unavailable');
    expect(
      body.gates.filter(({ verdict }) => verdict !== 'pass').map(({ gate, code }) => [gate, code]),
    ).toEqual([
      ['access', 'caller_not_seen'],
      ['credential', 'caller_not_seen'],
      ['listed', 'list_unknown'],
      ['rules', 'tool'],
      ['client', 'client_unknown'],
    ]);
  });

  it('knows no site that is not configured or not on that URL', async () => {
    for (const query of [
      { site: 'nowhere' },
      { site: 'eng', path: '/mcp/sites/ops' },
      { site: 'eng', path: '/mcp/views/none' },
    ]) {
      const { body } = await ask({ caller: 'bob@demo.example', tool: 'getJiraIssue', ...query });
      expect(body.gates.map(({ code }) => code)).toEqual(['site_unknown']);
    }
  });
});
