// FHIR R4 create, update and delete, with their conditional and version-aware forms.
// https://hl7.org/fhir/R4/http.html#create, #update, #delete

import { answerOf, conditionalUpdateChange, createChange, deleteChange, updateChange } from '../interaction/changes.ts';
import type { Answer, Fhir, FhirRequest, Handler } from '../interaction/request.ts';
import type { Change, Written } from '../store/change.ts';

export const create: Handler = async (fhir, request, { type }) => writeOne(fhir, request, createChange(request, type));

export const update: Handler = async (fhir, request, { type, id }) =>
  writeOne(fhir, request, updateChange(request, type, id));

export const conditionalUpdate: Handler = async (fhir, request, { type }) =>
  writeOne(fhir, request, conditionalUpdateChange(request, type, request.query));

export const remove: Handler = async (fhir, request, { type, id }) =>
  writeOne(fhir, request, deleteChange(request, type, id));

async function writeOne(fhir: Fhir, request: FhirRequest, change: Change): Promise<Answer> {
  const [one] = await fhir.write(request.access, [change], { request: request.id });
  return answerOf(fhir, one as Written, request.headers.prefer);
}
