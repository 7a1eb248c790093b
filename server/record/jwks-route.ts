// GET /.well-known/jwks.json and /.well-known/archive-root.pem: the public keys (RFC 7517) and the root certificate by which
// anybody can tell that an archive is ours. Open to all.

import type { FastifyInstance } from 'fastify';
import type { ArchiveKeys } from './keys.ts';

type Published = Pick<ArchiveKeys, 'published' | 'certificates'> & { nowMs: () => number };

/** Serves them without a token: a verifier has none. */
export function jwksRoute(app: FastifyInstance, { published, certificates, nowMs }: Published): void {
  const text = JSON.stringify(published);
  app.get('/.well-known/jwks.json', async (_request, reply) =>
    reply.header('content-type', 'application/jwk-set+json').header('cache-control', 'public, max-age=3600').send(text),
  );
  app.get('/.well-known/archive-root.pem', async (_request, reply) => {
    const { root } = await certificates(nowMs());
    return reply
      .header('content-type', 'application/pem-certificate-chain')
      .header('cache-control', 'public, max-age=3600')
      .send(root.pem);
  });
}
