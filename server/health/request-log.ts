// One line a request: no query, no body, no header, and ids only where the server made them.

import type { FastifyInstance } from 'fastify';
import { resourceTypes } from '../fhir/definitions.ts';

/** `nameOf` says what was asked for; see metrics.ts. */
export function logRequests(app: FastifyInstance, nameOf: (method: string, url: string) => string): void {
  if (!['trace', 'debug', 'info'].includes(app.log.level)) return;
  app.addHook('onResponse', async (request, reply) => {
    request.log.info({
      request: request.id,
      method: request.method,
      interaction: nameOf(request.method, request.url),
      type: typeIn(request.url),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    });
  });
}

/** The resource type in a path, which is a word of FHIR's; an id may be a name that a client chose badly. */
function typeIn(url: string): string | undefined {
  const type = /^\/fhir\/([A-Za-z]+)(?=[/?]|$)/.exec(url)?.[1];
  return type !== undefined && resourceTypes.has(type) ? type : undefined;
}
