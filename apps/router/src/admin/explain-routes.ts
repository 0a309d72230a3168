import type { Gateway } from '../gateway/gateway.ts';
import { AdminProblem, type AdminRoute } from './admin-route.ts';

/** Why a caller has a tool, or has it not. */
export function explainRoutes({
  gateway,
}: {
  readonly gateway: Pick<Gateway, 'runtime' | 'explainer'>;
}): AdminRoute[] {
  return [
    {
      method: 'get',
      path: '/explain',
      summary: 'Each step from a configured site to a tool of a caller, with who can change it and where',
      query: {
        caller: 'E-mail address, or id of a caller.',
        site: 'Alias, cloudId or host name.',
        tool: 'Name of the tool, as its site or as a list calls it.',
        path: 'Path and query of the MCP URL that the caller uses. Omitted: `/mcp`.',
      },
      handle({ query }) {
        const [caller, site, tool] = ['caller', 'site', 'tool'].map(query);
        if (!caller || !site || !tool)
          throw new AdminProblem(400, 'Say which: /admin/v1/explain?caller=&site=&tool=');
        const path = query('path') ?? '/mcp';
        return gateway.explainer.forAdmin(gateway.runtime(), { caller, site, tool, path });
      },
    },
  ];
}
