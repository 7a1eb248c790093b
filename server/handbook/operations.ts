// $handbook, $vaccination-certificate and $school-form: what a family prints. Nothing is stored.
// OperationDefinitions: profiles/operation-definitions/handbook.json, vaccination-certificate.json, school-form.json

import { Readable } from 'node:stream';
import type { Access } from '../access/access.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import type { Language } from '../fhir/outcome.ts';
import type { Answer, Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import { askedOf, asksFor } from './asked.ts';
import { certificateBytes } from './certificate.ts';
import type { MeasuredOf } from './growth-part.ts';
import { type HandbookFhir, handbookBytes } from './handbook.ts';
import { schoolFormBytes } from './school-form.ts';
import { childrenOf, motherFor, readable } from './whose.ts';

export type HandbookNeeds = { measuredOf: MeasuredOf };

/** The handbook of one patient for what else holds it (the archive); the caller has checked and audited the reading. */
export const handbookOf =
  ({ measuredOf }: HandbookNeeds) =>
  (
    fhir: HandbookFhir,
    { access, patient, language }: { access: Access; patient: string; language: Language },
  ): AsyncIterable<Uint8Array> =>
    handbookBytes(fhir, { access, language, of: [{ patient }] }, measuredOf);

export function handbookOperations(needs: HandbookNeeds): Operation[] {
  return [handbook(needs), familyHandbook(needs), vaccinationCertificate, schoolForm];
}

const ofPatient = { type: 'Patient', methods: ['GET'] } as const;

const handbook = ({ measuredOf }: HandbookNeeds): Operation => ({
  ...ofPatient,
  code: 'handbook',
  definition: `${CANONICAL}/OperationDefinition/handbook`,
  level: 'instance',
  run: async (fhir, request, { id }) => {
    const { language } = asksFor(request, '$handbook', ['language']);
    return pdf(
      handbookBytes(fhir, { access: request.access, language, of: [await oneOf(fhir, request, id)] }, measuredOf),
    );
  },
});

const familyHandbook = ({ measuredOf }: HandbookNeeds): Operation => ({
  ...ofPatient,
  code: 'handbook',
  definition: `${CANONICAL}/OperationDefinition/handbook`,
  level: 'type',
  run: async (fhir, request) => {
    const { language } = asksFor(request, '$handbook', ['language']);
    const of: Awaited<ReturnType<typeof oneOf>>[] = [];
    for (const id of await childrenOf(fhir, request)) of.push(await oneOf(fhir, request, id));
    return pdf(handbookBytes(fhir, { access: request.access, language, of }, measuredOf));
  },
});

async function oneOf(fhir: Fhir, request: FhirRequest, patient: string) {
  await readable(fhir, request, patient, 'handbook');
  return { patient, mother: await motherFor(fhir, request, patient, 'handbook') };
}

const vaccinationCertificate: Operation = {
  ...ofPatient,
  methods: ['GET', 'POST'],
  code: 'vaccination-certificate',
  definition: `${CANONICAL}/OperationDefinition/vaccination-certificate`,
  level: 'instance',
  run: async (fhir, request, { id }) => {
    const passport = askedOf(request);
    await readable(fhir, request, id, 'vaccination-certificate');
    return pdf(certificateBytes(fhir, request.access, id, passport));
  },
};

const schoolForm: Operation = {
  ...ofPatient,
  code: 'school-form',
  definition: `${CANONICAL}/OperationDefinition/school-form`,
  level: 'instance',
  run: async (fhir, request, { id }) => {
    const { date } = asksFor(request, '$school-form', ['date']);
    await readable(fhir, request, id, 'school-form');
    return pdf(schoolFormBytes(fhir, request.access, id, date));
  },
};

const pdf = (bytes: AsyncIterable<Uint8Array>): Answer => ({
  status: 200,
  contentType: 'application/pdf',
  body: Readable.from(bytes),
});
