import { VERSION } from '../version.ts';
import type { AdminRoute } from './admin-route.ts';

/** The OpenAPI 3.1 document of a table of routes. */
export function openApiOf(routes: readonly AdminRoute[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = `/admin/v1${route.path}`;
    paths[path] = { ...paths[path], [route.method]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Switchyard admin API', version: VERSION },
    components: { securitySchemes: { adminToken: { type: 'http', scheme: 'bearer' } } },
    security: [{ adminToken: [] }, {}],
    paths,
  };
}

function operationOf({ method, path, summary, query = {}, body }: AdminRoute): Record<string, unknown> {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(query).map(([name, description]) => ({
    name,
    in: 'query',
    description,
    schema: { type: 'string' },
  }));
  return {
    operationId:
      `${method}${path.replaceAll(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase())}`.replaceAll(
        /\W/g,
        '',
      ),
    summary,
    parameters: [...inPath, ...inQuery],
    ...(body && { requestBody: { content: { 'application/json': { schema: bodySchema(body) } } } }),
    responses: {
      '200': { description: 'Done', content: { 'application/json': {} } },
      default: { description: 'A problem (RFC 9457)', content: { 'application/problem+json': {} } },
    },
  };
}

function bodySchema(body: Readonly<Record<string, string>>): Record<string, unknown> {
  const properties = Object.entries(body).map(([key, description]) => [key, { description }]);
  return { type: 'object', properties: Object.fromEntries(properties) };
}
