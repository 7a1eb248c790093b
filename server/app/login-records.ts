// What the pages of logins know of records: by the rights of whoever is logged in, with an audit row for every look.

import { actorText } from '../access/actor.ts';
import { ConsentError, NoInteraction } from '../auth/interaction.ts';
import type { JsonObject } from '../fhir/json.ts';
import { OperationOutcomeError } from '../fhir/outcome.ts';
import type { Dispatch, Fhir } from '../interaction/request.ts';
import type { Records } from '../login/pages/call.ts';
import { keyOf } from '../search/keys.ts';
import { createAppAgreements } from '../store/app-agreements.ts';
import { patientsOfPerson } from '../store/person-patients.ts';
import type { Pool } from '../store/pool.ts';

type Needs = { pool: Pool; fhir: Fhir; dispatch: Dispatch; clients: Records['clients'] };

export function loginRecords({ pool, fhir, dispatch, clients }: Needs): Records {
  return {
    clients,
    agreements: createAppAgreements({ pool }),
    patientsOf: (person, atMs) => patientsOfPerson(pool, person, atMs),
    read: async ({ access, id, language }, path, query = '') => {
      const asked = { method: 'GET', path, query, headers: {}, body: undefined, access, id, language } as const;
      try {
        const { body } = await dispatch(fhir, asked);
        return JSON.parse(String(body)) as JsonObject;
      } catch (error) {
        if (error instanceof OperationOutcomeError && error.status < 500) return undefined;
        throw error;
      }
    },
    note: ({ interaction, by, patient, request }) => {
      const key = patient === undefined ? undefined : keyOf('Patient', patient);
      const about = { type: key && 'Patient', key, owner: key, version: undefined };
      const at = new Date(fhir.nowMs()).toISOString();
      return fhir.audit([{ ...about, interaction, client: actorText(by), request, at }]);
    },
  };
}

/** The request of an app has ended, or is another browser's. */
export const isOver = (error: unknown): boolean => error instanceof NoInteraction || error instanceof ConsentError;
