// What a reader of our cards asks for, without a token and from any page: the public keys, and for each key the cards that were revoked.
// SMART Health Cards 1.4, "Determining keys associated with an issuer", "Revocation".

import type { FastifyInstance, FastifyReply } from 'fastify';
import type { HealthCardStore } from '../store/health-cards.ts';
import { createCardKeys, crlOf } from './keys.ts';

export const cardsPath = '/health-cards';

/** The issuer of our cards, as they name it: `base` is the address of the FHIR base. */
export const issuerOf = (base: string): string => `${base.slice(0, -'/fhir'.length)}${cardsPath}`;

export function healthCardRoutes(
  app: FastifyInstance,
  { store, nowMs }: { store: HealthCardStore; nowMs: () => number },
): void {
  const keys = createCardKeys(store);
  app.get(`${cardsPath}/.well-known/jwks.json`, async (_request, reply) =>
    open(reply, 'application/json').send(JSON.stringify({ keys: await keys.published(nowMs()) })),
  );
  app.get<{ Params: { file: string } }>(`${cardsPath}/.well-known/crl/:file`, async ({ params }, reply) => {
    const crl = await revokedCards(store, /^([A-Za-z0-9_-]{43})\.json$/.exec(params.file)?.[1], nowMs());
    if (crl === undefined) return open(reply, 'application/json').status(404).send('{"error":"not_found"}');
    return open(reply, 'application/json').send(JSON.stringify(crl));
  });

  async function revokedCards(from: HealthCardStore, kid: string | undefined, now: number) {
    const published = kid === undefined ? [] : await keys.published(now);
    if (kid === undefined || !published.some((key) => key.kid === kid)) return undefined;
    return crlOf(from, kid);
  }
}

/** For five minutes a revoked card may still be taken for good. */
const open = (reply: FastifyReply, type: string): FastifyReply =>
  reply
    .header('content-type', type)
    .header('access-control-allow-origin', '*')
    .header('cache-control', 'public, max-age=300');
