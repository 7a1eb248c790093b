// The authorization server under /oauth. It goes by the public address of the settings, whatever the Host header says: an
// assertion made for another server stays one, and no link leads elsewhere.

import type { ServerResponse } from 'node:http';
import middie from '@fastify/middie';
import type { FastifyInstance } from 'fastify';
import type { Provider } from 'oidc-provider';
import { askingConsent, isTakenAsForm, type MountedRequest } from './authorize-request.ts';
import { readProof } from './dpop.ts';
import { mayLackClient, withClient } from './refresh-client.ts';

export type OauthOptions = {
  provider: Provider;
  /** Public address of the authorization server. */
  issuer: string;
  /** Told of what is no refusal but a fault. */
  onBug: (error: unknown) => void;
};

/** Mounts the provider in a scope of the prefix `/oauth`. */
export async function oauthRoutes(scope: FastifyInstance, { provider, issuer, onBug }: OauthOptions): Promise<void> {
  const { protocol, host } = new URL(issuer);
  const answer = provider.callback();
  provider.on('server_error', (_ctx, error) => onBug(error));
  await scope.register(middie);
  scope.use('/', (request: MountedRequest, response: ServerResponse) => {
    request.headers.host = host;
    // Its first line may name a server as well, which the library would take for the address of this one.
    if (request.originalUrl !== undefined) request.originalUrl = request.originalUrl.replace(/^https?:\/\/[^/?]*/i, '');
    request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
    delete request.headers['x-forwarded-host'];
    if (request.headers.dpop !== undefined && readProof(request.headers.dpop) === undefined)
      refuse(response, 'invalid_dpop_proof', 'the DPoP header is no proof of RFC 9449');
    else if (/%00/.test(request.url ?? '')) refuse(response, 'invalid_request', 'NUL is no text');
    else if (mayLackClient(request)) void answerNamed(request, response);
    else if (!isTakenAsForm(request, response)) void answer(askingConsent(request), response);
  });
  // The provider answers everything; the route only gives the prefix a place.
  scope.route({
    method: ['GET', 'HEAD', 'POST', 'OPTIONS'],
    url: '/*',
    handler: async (_request, reply) => reply.status(404).send({ error: 'not_found' }),
  });

  async function answerNamed(request: MountedRequest, response: ServerResponse): Promise<void> {
    const named = await withClient(request, provider);
    if (named === undefined) refuse(response, 'invalid_request', 'failed to parse the request body');
    else void answer(named, response);
  }
}

/** What does not come to the library: proofs that parsers read differently, text that PostgreSQL does not store. */
function refuse(response: ServerResponse, error: string, error_description: string): void {
  response.writeHead(400, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify({ error, error_description }));
}
