// /healthz: this process answers. /readyz: it can do its work, that is, the database and the queue in it answer.

import type { FastifyInstance } from 'fastify';

/** `parts` by name: each resolves when that part works. */
export function probeRoutes(app: FastifyInstance, parts: Record<string, () => Promise<unknown>>): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const states = await Promise.all(Object.entries(parts).map(async ([name, check]) => [name, await works(check)]));
    const isReady = states.every(([, isWorking]) => isWorking);
    const body = Object.fromEntries(states.map(([name, isWorking]) => [name, isWorking ? 'ok' : 'unreachable']));
    return reply.status(isReady ? 200 : 503).send(body);
  });
}

const works = (check: () => Promise<unknown>): Promise<boolean> =>
  check().then(
    () => true,
    () => false,
  );
