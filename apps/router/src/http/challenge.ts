/** Where the metadata of a protected resource stands (RFC 9728). */
export const METADATA_PATH = '/.well-known/oauth-protected-resource';

/** Everything that a connector will need: clients ask for what the challenge names (contract, section 5). */
const SCOPE = 'atl:read atl:write';

/** The WWW-Authenticate header of a 401 on an MCP path. Nothing says what was wrong (contract, section 5). */
export function challenge(publicUrl: string, mcpPath: string): string {
  return `Bearer resource_metadata="${publicUrl}${METADATA_PATH}${mcpPath}", scope="${SCOPE}"`;
}

/** The document that the challenge points to. Without OAuth it names no authorization server: credentials go in the header. */
export function resourceMetadata(
  publicUrl: string,
  { mcpPath, oauth }: { readonly mcpPath: string; readonly oauth: boolean },
): Record<string, unknown> {
  return {
    resource: `${publicUrl}${mcpPath}`,
    resource_name: 'Switchyard',
    ...(oauth && { authorization_servers: [publicUrl] }),
    bearer_methods_supported: ['header'],
    scopes_supported: SCOPE.split(' '),
  };
}
