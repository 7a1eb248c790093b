// FHIR R4 create, update, patch and delete, with their conditional and version-aware forms.
// https://hl7.org/fhir/R4/http.html#create, #update, #patch, #delete

import { OperationOutcomeError } from '../fhir/outcome.ts';
import { auditOf } from '../interaction/audited.ts';
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
  const [one] = await written(fhir, request, change);
  const answer = answerOf(fhir, one as Written, request);
  // A conditional create that found its match says where that is, as one that stored something does.
  return change.method === 'create' ? { ...answer, location: locationOf(fhir, one as Written) } : answer;
}

/** What is refused for want of a right is noted as well, of what is hidden and of what is not there alike. */
async function written(fhir: Fhir, request: FhirRequest, change: Change): Promise<Written[]> {
  try {
    return await fhir.write(request.access, [change], { request: request.id });
  } catch (error) {
    const isRefused = error instanceof OperationOutcomeError && (error.status === 403 || error.status === 404);
    const { method, type, id = '' } = change;
    const interaction = method === 'patch' ? 'update' : method;
    if (isRefused) await fhir.audit([auditOf(fhir, request, interaction, type, undefined, id)]);
    throw error;
  }
}
