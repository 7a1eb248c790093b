// Calls from pages of other origins (the Fetch standard's CORS protocol): what is public may be read by all; the rest by pages
// of origins that a client is registered with, and with a token still. Cookies play no part here.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ClientRegistry } from '../store/oauth-clients.ts';

const keptMs = 60_000;
const mostKept = 1_000;
const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const exposed = 'ETag, Location, Content-Location, Last-Modified, WWW-Authenticate, X-Request-Id, Retry-After';
const isPublic = /^\/fhir\/metadata\/?(?:\?|$)/;

/** Answers preflight requests and marks answers, in the scope it is given. */
export function crossOrigin(
  scope: FastifyInstance,
  { clients }: { clients: Pick<ClientRegistry, 'knowsOrigin'> },
): void {
  const known = new Map<string, { isKnown: boolean; untilMs: number }>();

  scope.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    const { origin } = request.headers;
    if (origin === undefined) return;
    const isOpen = isPublic.test(request.url);
    if (!isOpen && !(await isKnown(origin))) return;
    reply.header('access-control-allow-origin', isOpen ? '*' : origin).header('access-control-expose-headers', exposed);
    const wanted = request.headers['access-control-request-method'];
    if (request.method !== 'OPTIONS' || wanted === undefined) return;
    return reply
      .header('access-control-allow-methods', methods)
      .header('access-control-allow-headers', request.headers['access-control-request-headers'] ?? 'authorization')
      .header('access-control-max-age', '600')
      .header('vary', 'Origin')
      .status(204)
      .send();
  });

  async function isKnown(origin: string): Promise<boolean> {
    const nowMs = Date.now();
    const found = known.get(origin);
    if (found && found.untilMs > nowMs) return found.isKnown;
    const isRegistered = origin.length <= 300 && (await clients.knowsOrigin(origin));
    if (known.size >= mostKept) known.clear();
    known.set(origin, { isKnown: isRegistered, untilMs: nowMs + keptMs });
    return isRegistered;
  }
}
