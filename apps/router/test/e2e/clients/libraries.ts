import { createMCPClient } from '@ai-sdk/mcp';
import { MultiServerMCPClient } from '@langchain/mcp-adapters';
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as HttpV2,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { MCPServerStreamableHttp } from '@openai/agents';

import type { Connect, ConnectedClient } from './both-sites.ts';

const SELF = { name: 'test', version: '1' };

/** The official SDK, v1. */
export const connectSdkV1: Connect = async (url, authorization) => {
  const client = new ClientV1(SELF);
  const transport = new HttpV1(new URL(url), { requestInit: { headers: { authorization } } });
  await client.connect(transport);
  return sdkClient(client);
};

/** The official SDK, v2, and the era that it settled on. */
export async function connectSdkV2(
  mode: VersionNegotiationMode,
  ...[url, authorization]: Parameters<Connect>
): Promise<ConnectedClient & { readonly era: string | undefined }> {
  const client = new ClientV2(SELF, { versionNegotiation: { mode } });
  await client.connect(new HttpV2(new URL(url), { requestInit: { headers: { authorization } } }));
  return { ...sdkClient(client), era: client.getProtocolEra() };
}

/** What both generations of the official SDK have in common. */
interface SdkClient {
  listTools(): Promise<{ readonly tools: readonly { readonly name: string }[] }>;
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<object>;
  close(): Promise<void>;
}

/** Either generation, once connected. */
export function sdkClient(client: SdkClient): ConnectedClient {
  return {
    listNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: (name, args) => client.callTool({ name, arguments: args }),
    close: () => client.close(),
  };
}

/** The Vercel AI SDK. */
export const connectAiSdk: Connect = async (url, authorization) => {
  const client = await createMCPClient({ transport: { type: 'http', url, headers: { authorization } } });
  return {
    listNames: async () => Object.keys(await client.tools()),
    call: async (name, args) => (await client.tools())[name]?.execute(args),
    close: () => client.close(),
  };
};

/** LangChain. */
export const connectLangchain: Connect = async (url, authorization) => {
  const client = new MultiServerMCPClient({
    mcpServers: {
      switchyard: { transport: 'http', url, headers: { authorization }, automaticSSEFallback: false },
    },
  });
  const tools = await client.getTools();
  return {
    listNames: async () => tools.map(({ name }) => name),
    call: async (name, args) => tools.find((tool) => tool.name === name)?.invoke(args) as Promise<unknown>,
    close: () => client.close(),
  };
};

/** The OpenAI Agents SDK. */
export const connectOpenaiAgents: Connect = async (url, authorization) => {
  const server = new MCPServerStreamableHttp({ url, requestInit: { headers: { authorization } } });
  await server.connect();
  return {
    listNames: async () => (await server.listTools()).map(({ name }) => name),
    call: (name, args) => server.callTool(name, args),
    close: () => server.close(),
  };
};
