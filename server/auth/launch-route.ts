// POST /oauth/launch: a record system, with the token of the person at it, opens an app for the patient on the screen. The answer
// holds the value and the address for the app. SMART App Launch 2.2, "Launch App: EHR Launch".

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../access/access.ts';
import { type Language, languageOf, OperationOutcomeError } from '../fhir/outcome.ts';
import type { ClientRegistry } from '../store/oauth-clients.ts';
import type { OidcStore } from '../store/oidc.ts';
import { openLaunch } from './launch.ts';

export type LaunchRouteOptions = {
  clients: ClientRegistry;
  store: OidcStore;
  /** Public address of the FHIR base, the `iss` that the app is told. */
  fhirBase: string;
  /** Sets the access of a request, or throws 401. */
  early: (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
  /** Calls of this server by itself, as the caller. */
  call: (as: {
    access: Access | null;
    id: string;
    language: Language;
  }) => (method: 'GET', path: string) => Promise<unknown>;
};

const id = /^[A-Za-z0-9\-.]{1,64}$/;

export function launchRoute(scope: FastifyInstance, options: LaunchRouteOptions): void {
  const { clients, store, fhirBase, early, call } = options;
  scope.post(
    '/oauth/launch',
    { bodyLimit: 16_384, onRequest: early },
    async (request: FastifyRequest, reply: FastifyReply) => {
      reply.header('cache-control', 'no-store');
      const user = request.access?.caller?.user;
      if (!user?.startsWith('Practitioner/'))
        return refuse(reply, 403, 'only staff who are signed in open an app for a patient');
      const asked = request.body;
      if (typeof asked !== 'object' || asked === null) return refuse(reply, 400, 'the body must be a JSON object');
      const { client_id, patient, encounter, intent, need_patient_banner, ...more } = asked as Record<string, unknown>;
      const unknown = Object.keys(more)[0];
      if (unknown !== undefined)
        return refuse(reply, 400, 'known are client_id, patient, encounter, intent and need_patient_banner');
      if (intent !== undefined && (typeof intent !== 'string' || intent.includes('\0') || !intent.isWellFormed()))
        return refuse(reply, 400, 'intent must be a text');
      if (need_patient_banner !== undefined && typeof need_patient_banner !== 'boolean')
        return refuse(reply, 400, 'need_patient_banner must be true or false');
      const client = typeof client_id === 'string' ? await clients.find(client_id) : undefined;
      if (client?.status !== 'active' || client.kind === 'backend')
        return refuse(reply, 400, 'client_id names no app here');
      for (const [type, value] of Object.entries({ Patient: patient, Encounter: encounter })) {
        if (value === undefined) continue;
        if (typeof value !== 'string' || !id.test(value) || !(await canRead(request, `${type}/${value}`)))
          return refuse(reply, 400, `${type.toLowerCase()} is not the id of one that you see`);
      }
      const launch = await openLaunch(store, {
        client: client.id,
        user,
        ...(typeof patient === 'string' ? { patient } : {}),
        ...(typeof encounter === 'string' ? { encounter } : {}),
        ...(intent === undefined ? {} : { intent }),
        ...(need_patient_banner === undefined ? {} : { need_patient_banner }),
      });
      return reply.status(201).send({ launch, iss: fhirBase, expires_in: 300 });
    },
  );

  /** As the caller, which leaves its row in the audit. */
  async function canRead({ access, id: request, headers }: FastifyRequest, reference: string): Promise<boolean> {
    const as = { access, id: request, language: languageOf(headers['accept-language']) };
    return call(as)('GET', reference).then(
      () => true,
      (error: unknown) => {
        if (error instanceof OperationOutcomeError && error.status < 500) return false;
        throw error;
      },
    );
  }
}

const refuse = (reply: FastifyReply, status: number, error_description: string) =>
  reply.status(status).send({ error: status === 403 ? 'access_denied' : 'invalid_request', error_description });
