// Patient/[id]/$everything: the record of one patient, and what it points to. Patient/$everything: that of the patient whose
// app is asking. FHIR R4, https://hl7.org/fhir/R4/operation-patient-everything.html

import { namedReach } from '../access/named-reach.ts';
import { notFound, tooCostly } from '../fhir/outcome.ts';
import { reading } from '../interaction/audited.ts';
import type { Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import { everythingAnswer } from './everything-answer.ts';
import { everythingRequest } from './everything-request.ts';

const parameters = ['_since', '_type', '_count', 'start', 'end'];

const ofPatient = {
  code: 'everything',
  definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
  type: 'Patient',
  methods: ['GET', 'POST'],
} as const;

export const patientEverything: Operation = {
  ...ofPatient,
  level: 'instance',
  run: (fhir, request, { id }) => everything(fhir, request, id, `Patient/${id}/$everything`),
};

export const ownEverything: Operation = {
  ...ofPatient,
  level: 'type',
  run: (fhir, request) => {
    const reach = namedReach(request.access, 'read', 'Patient');
    if (reach.kind === 'patient') return everything(fhir, request, reach.patient, 'Patient/$everything');
    throw tooCostly('Patient/$everything is for the app of one patient; for others it is Patient/[id]/$everything');
  },
};

async function everything(fhir: Fhir, request: FhirRequest, id: string, of: string) {
  const wanted = await everythingRequest(fhir, request, of, parameters);
  const reach = namedReach(request.access, 'read', 'Patient');
  const patient = await fhir.reader.currentAudited('Patient', id, reach, reading(fhir, request, 'everything'));
  if (!patient) throw notFound(`Patient/${id}`);
  return everythingAnswer(fhir, request, of, { patient: id }, wanted);
}
