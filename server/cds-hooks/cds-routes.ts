// /cds-services: discovery, open to all, and one call for each hook, with a bearer token like every call under /fhir and with
// the same answers to bad input, for CDS Hooks has no form for faults.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../access/access.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { badRequest, type Language, languageOf, notFound } from '../fhir/outcome.ts';
import { cdsServices } from './cds-services.ts';
import type { CdsService, HookRequest } from './types.ts';

export type CdsOptions = {
  /** Finds out who is calling, before the body is read; throws 401. */
  early: (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
  /** Runs interactions and operations of this server for a caller. */
  call: (as: { access: Access | null; id: string; language: Language }) => HookRequest['call'];
  /** `YYYY-MM-DD` in Japan. */
  today: () => string;
};

/** A service is named by its id; see the answer of GET /cds-services. */
export function cdsRoutes(app: FastifyInstance, { early, call, today }: CdsOptions): void {
  app.get('/', async () => ({ services: cdsServices.map(discovered) }));
  app.post<{ Params: { id: string } }>('/:id', { onRequest: early }, async (request) => {
    const service = cdsServices.find(({ id }) => id === request.params.id);
    if (!service) throw notFound(`the service ${request.params.id}`);
    const language = languageOf(request.headers['accept-language']);
    const asked = readHook(request.body, service);
    const cards = await service.cards({
      ...asked,
      language,
      today: today(),
      call: call({ access: request.access, id: request.id, language }),
    });
    return { cards };
  });
}

function discovered({ cards: _, ...service }: CdsService): Omit<CdsService, 'cards'> {
  return service;
}

type Sent = Pick<HookRequest, 'hook' | 'hookInstance' | 'context' | 'prefetch'>;

/** The call's body. Throws 400 naming the member that is missing or wrong. */
function readHook(body: unknown, { hook }: CdsService): Sent {
  if (!isObject(body)) throw badRequest('The body must be a JSON object: a CDS Hooks call', 'structure');
  if (body.hook !== hook) throw badRequest(`"hook" must be ${hook}`, 'value', ['hook']);
  const { hookInstance, context, prefetch = {} } = body;
  if (typeof hookInstance !== 'string' || hookInstance === '')
    throw badRequest('"hookInstance" (a UUID) is required', 'required', ['hookInstance']);
  if (!isObject(context)) throw badRequest('"context" is required', 'required', ['context']);
  if (!isObject(prefetch)) throw badRequest('"prefetch" must be an object', 'structure', ['prefetch']);
  return { hook, hookInstance, context: context as JsonObject, prefetch: prefetch as JsonObject };
}
