// GET /.well-known/jwks.json: the public keys by which anybody can tell that an archive is ours. RFC 7517. Open to all.

import type { FastifyInstance } from 'fastify';
import type { ArchiveKeys } from './keys.ts';

/** Serves the public keys, without a token: a verifier has none. */
export function jwksRoute(app: FastifyInstance, { published }: Pick<ArchiveKeys, 'published'>): void {
  const text = JSON.stringify(published);
  app.get('/.well-known/jwks.json', async (_request, reply) =>
    reply.header('content-type', 'application/jwk-set+json').header('cache-control', 'public, max-age=3600').send(text),
  );
}
