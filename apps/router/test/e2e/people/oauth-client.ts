import { createHash, randomBytes } from 'node:crypto';

import type { Page } from 'playwright-core';
import { expect } from 'vitest';

import { httpPost } from './http-post.ts';

/** Where a hosted client's codes go; nothing of it leaves the machine. */
export const CLAUDE_CALLBACK = 'https://claude.ai/api/mcp/auth_callback';

/** What a client needs to know of itself. */
export interface TestClient {
  readonly clientId: string;
  readonly redirectUri: string;
}

/** A code that a browser brought back, and what proves that it is ours. */
export interface Answer {
  readonly query: URLSearchParams;
  readonly verifier: string;
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
  readonly token_type: string;
  readonly scope: string;
}

/** Registers as Claude does (RFC 7591). */
export async function registerClaude(url: string): Promise<TestClient> {
  const response = await fetch(`${url}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Claude',
      redirect_uris: [CLAUDE_CALLBACK],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    }),
  });
  expect(response.status).toBe(201);
  const { client_id: clientId } = (await response.json()) as { client_id: string };
  return { clientId, redirectUri: CLAUDE_CALLBACK };
}

/** The address that the client opens, with its PKCE verifier. */
export function authorizeUrl(
  url: string,
  { clientId, redirectUri }: TestClient,
  { resource = `${url}/mcp`, scope = 'atl:read atl:write' }: { resource?: string; scope?: string } = {},
): { href: string; verifier: string; state: string } {
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    resource,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  return { href: `${url}/oauth/authorize?${query}`, verifier, state };
}

/** What the browser brings back to the client. The client's own page is not there: nothing leaves the machine. */
export async function cameBack(page: Page, act: () => Promise<void>): Promise<URLSearchParams> {
  const [request] = await Promise.all([
    page.waitForRequest((asked) => asked.url().startsWith(CLAUDE_CALLBACK)),
    act(),
  ]);
  return new URL(request.url()).searchParams;
}

export async function exchangeCode(
  url: string,
  { clientId, redirectUri }: TestClient,
  { query, verifier }: Answer,
): Promise<{ status: number; tokens: Tokens }> {
  return askForTokens(url, {
    grant_type: 'authorization_code',
    client_id: clientId,
    redirect_uri: redirectUri,
    code: query.get('code') ?? '',
    code_verifier: verifier,
  });
}

/** `host`: the public name, where one of several replicas is asked. */
export async function askForTokens(
  url: string,
  form: Readonly<Record<string, string>>,
  host = new URL(url).host,
): Promise<{ status: number; tokens: Tokens }> {
  const headers = { host, 'content-type': 'application/x-www-form-urlencoded' };
  const body = new URLSearchParams(form).toString();
  const { status, text } = await httpPost(`${url}/oauth/token`, { headers, body });
  return { status, tokens: JSON.parse(text) as Tokens };
}

/** What one MCP request brings. */
export interface McpAnswer {
  readonly status: number;
  readonly challenge: string | null;
  readonly body: {
    readonly result?: {
      readonly tools?: readonly { readonly name: string }[];
      readonly isError?: boolean;
      readonly content?: readonly { readonly text: string }[];
      readonly _meta?: Readonly<Record<string, unknown>>;
    };
    readonly error?: { readonly code: number; readonly message: string };
  };
}

/** One request; `host` as for `askForTokens`. */
export interface McpAsked {
  readonly method: string;
  readonly params?: unknown;
  readonly path?: string;
  readonly host?: string;
}

export async function askMcp(
  url: string,
  token: string,
  { method, params = {}, path = '/mcp', host = new URL(url).host }: McpAsked,
): Promise<McpAnswer> {
  const { status, headers, text } = await httpPost(`${url}${path}`, {
    headers: {
      host,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  return {
    status,
    challenge: headers['www-authenticate'] ?? null,
    body: JSON.parse(text) as McpAnswer['body'],
  };
}
