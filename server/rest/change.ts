// FHIR R4 create, update, patch and delete, with their conditional and version-aware forms.
// https://hl7.org/fhir/R4/http.html#create, #update, #patch, #delete

import { answerOf, createChange, deleteChange, locationOf, patchChange, updateChange } from '../interaction/changes.ts';
import type { Answer, Fhir, FhirRequest, Handler } from '../interaction/request.ts';
import type { Change, Written } from '../store/change.ts';

export const create: Handler = async (fhir, request, { type }) => writeOne(fhir, request, createChange(request, type));

export const update: Handler = async (fhir, request, { type, id }) =>
  writeOne(fhir, request, updateChange(request, type, { id }));

export const conditionalUpdate: Handler = async (fhir, request, { type }) =>
  writeOne(fhir, request, updateChange(request, type, { match: request.query }));

export const patch: Handler = async (fhir, request, { type, id }) =>
  writeOne(fhir, request, patchChange(request, type, { id }));

export const conditionalPatch: Handler = async (fhir, request, { type }) =>
  writeOne(fhir, request, patchChange(request, type, { match: request.query }));

export const remove: Handler = async (fhir, request, { type, id }) =>
  writeOne(fhir, request, deleteChange(request, type, { id }));

export const conditionalRemove: Handler = async (fhir, request, { type }) =>
  writeOne(fhir, request, deleteChange(request, type, { match: request.query }));

async function writeOne(fhir: Fhir, request: FhirRequest, change: Change): Promise<Answer> {
  const [one] = await fhir.write(request.access, [change], { request: request.id });
  const answer = answerOf(fhir, one as Written, request);
  // A conditional create that found its match says where that is, as one that stored something does.
  return change.method === 'create' ? { ...answer, location: locationOf(fhir, one as Written) } : answer;
}
