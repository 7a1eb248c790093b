// Encounter/[id]/$everything: the encounter, what refers to it (its compartment, in the record of its patient), and what these
// refer to. FHIR R4, https://hl7.org/fhir/R4/operation-encounter-everything.html

import { namedReach } from '../access/named-reach.ts';
import { patientsOf } from '../fhir/compartments.ts';
import { compartmentParameters, resourceTypes } from '../fhir/definitions.ts';
import { parseJson } from '../fhir/json.ts';
import { notFound } from '../fhir/outcome.ts';
import { reading } from '../interaction/audited.ts';
import type { Operation } from '../interaction/request.ts';
import { mark } from '../search/hash.ts';
import { everythingAnswer } from './everything-answer.ts';
import { everythingRequest } from './everything-request.ts';

const parameters = ['_since', '_type', '_count'];

export const encounterEverything: Operation = {
  code: 'everything',
  definition: 'http://hl7.org/fhir/OperationDefinition/Encounter-everything',
  level: 'instance',
  type: 'Encounter',
  methods: ['GET', 'POST'],
  run: async (fhir, request, { id }) => {
    const of = `Encounter/${id}/$everything`;
    const wanted = await everythingRequest(fhir, request, of, parameters);
    const reach = namedReach(request.access, 'read', 'Encounter');
    const found = await fhir.reader.currentAudited('Encounter', id, reach, reading(fhir, request, 'everything'));
    if (found?.content === undefined) throw notFound(`Encounter/${id}`);
    const entry = { type: 'Encounter', content: found.content, updated: found.updated };
    const patient = patientsOf(parseJson(found.content))[0]?.slice('Patient/'.length);
    return everythingAnswer(fhir, request, of, { patient, encounter: { entry, marks: referring(id) } }, wanted);
  },
};

/** The marks by which what is in the compartment of this encounter is known. */
function referring(id: string): string[] {
  return [...resourceTypes].flatMap((type) =>
    compartmentParameters('Encounter', type).map((code) => mark(`${type}.${code}>Encounter/${id}`)),
  );
}
