// Signed assertions of a client at the token endpoint, accepted or refused as the shared vectors say, at the moment that each
// names. SMART App Launch 2.2, "Client Authentication: Asymmetric".
import { existsSync, readFileSync } from 'node:fs';
import { mock } from 'node:test';
import { fileURLToPath } from 'node:url';
import Fastify from 'fastify';
import { oauthRoutes } from '../server/auth/oauth-routes.ts';
import { createProvider } from '../server/auth/provider.ts';
import { loadProviderKeys } from '../server/auth/provider-keys.ts';
import { createIssuedTokens } from '../server/store/issued-tokens.ts';
import { createClientRegistry } from '../server/store/oauth-clients.ts';
import { createOidcStore } from '../server/store/oidc.ts';
import type { Pool } from '../server/store/pool.ts';
import { startLocalServer } from './local-server.ts';
import type { SuiteResult } from './suite.ts';

type Vector = {
  id: string;
  assertion: string;
  clientId: string;
  tokenUrl: string;
  at: number;
  expect: string;
  reason: string;
};

const folder = fileURLToPath(new URL('../../shared/data/sharing/own/', import.meta.url));

export async function run(): Promise<SuiteResult> {
  const result: SuiteResult = { name: 'client-assertions', passed: 0, failed: 0, skipped: 0, notes: [] };
  const file = `${folder}client-assertions.jsonl`;
  if (!existsSync(file)) return { ...result, missing: '../shared/data/sharing/own/client-assertions.jsonl' };
  const vectors = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Vector);
  const jwks = JSON.parse(readFileSync(`${folder}client-jwks.json`, 'utf8')) as object;
  const server = await startLocalServer();
  const faults: Record<string, string> = {};
  try {
    for (const vector of vectors) {
      const fault = await faultOf(vector, await tokenEndpoint(server.pool, vector, jwks));
      if (fault === undefined) result.passed++;
      else faults[vector.id] = fault;
    }
  } finally {
    mock.timers.reset();
    await server.close();
  }
  const failures = Object.keys(faults);
  result.notes.push('a vector that leaves it to policy passes either way');
  return { ...result, failed: failures.length, failures, faults };
}

/** An authorization server at the address that the vector names, with its client. */
async function tokenEndpoint(pool: Pool, { clientId, tokenUrl }: Vector, jwks: object) {
  const issuer = tokenUrl.replace(/\/token$/, '');
  const clients = createClientRegistry({ pool });
  await clients.add({
    ...{ id: clientId, name: { ja: '試験', en: 'Test' }, kind: 'backend', status: 'active', redirectUris: [], jwks },
    ...{ scopes: 'system/*.rs', origins: [], fapi: false },
  });
  const keys = await loadProviderKeys(async (name, make) => kept(name, await make()));
  const provider = createProvider({
    ...{ issuer, fhirBase: new URL('/fhir', issuer).href, keys, clients },
    ...{ store: createOidcStore({ pool }), tokens: createIssuedTokens({ pool }) },
    fetch: () => Promise.reject(new Error('no vector has its keys elsewhere')),
    isFresh: () => true,
  });
  const app = Fastify();
  const { pathname: prefix } = new URL(issuer);
  await app.register((scope) => oauthRoutes(scope, { provider, issuer, onBug: () => undefined }), { prefix });
  return { app, path: new URL(tokenUrl).pathname };
}

async function faultOf(vector: Vector, { app, path }: Awaited<ReturnType<typeof tokenEndpoint>>) {
  mock.timers.reset();
  mock.timers.enable({ apis: ['Date'], now: vector.at * 1000 });
  const form = {
    grant_type: 'client_credentials',
    scope: 'system/*.rs',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: vector.assertion,
  };
  const { statusCode, payload } = await app.inject({
    ...{ method: 'POST', url: path, payload: new URLSearchParams(form).toString() },
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  await app.close();
  const isAccepted = statusCode === 200;
  const isRefused = (statusCode === 400 || statusCode === 401) && payload.includes('"invalid_client"');
  const isRight =
    vector.expect === 'accept' ? isAccepted : vector.expect === 'reject' ? isRefused : isAccepted || isRefused;
  return isRight ? undefined : `answered ${statusCode} ${payload.slice(0, 200)}; ${vector.reason}`;
}

const made = new Map<string, object>();

function kept<T extends object>(name: string, value: T): T {
  const known = made.get(name) as T | undefined;
  if (known === undefined) made.set(name, value);
  return known ?? value;
}
