// The record that a caller of $immds-forecast sends along: the ImmDS parameters, and beside them what else is known of the
// person, each resource in a parameter named for its type. HL7 ImmDS 1.0.0 has no parameter for these.

import type { Immunization, Patient } from '@medplum/fhirtypes';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { badRequest, invalid } from '../fhir/outcome.ts';
import { localReference } from '../fhir/references.ts';
import { type PlanningRecord, type PlanningResource, WANTED_FACTS } from '../forecast/facts/planning-input.ts';
import { required, single } from '../interaction/parameters.ts';
import { validateInForce } from '../validation/in-force.ts';
import { structureFaults } from '../validation/strictness.ts';

/** Parameter -> the type of its resource: `condition` holds a Condition; `allergy` is short for `allergyIntolerance`. */
export const FACT_PARAMETERS: ReadonlyMap<string, string> = new Map([
  ...WANTED_FACTS.types.map((type) => [`${type.charAt(0).toLowerCase()}${type.slice(1)}`, type] as const),
  ['allergy', 'AllergyIntolerance'],
]);

/** Throws 400 for a missing patient or a parameter without its resource, 422 for a resource that is not valid. */
export function sentRecord(parameters: ReadonlyMap<string, JsonObject[]>): PlanningRecord {
  const patient = resourceIn(single(parameters, 'patient'), 'Patient') as Patient | undefined;
  if (!patient) throw required('patient', 'resource: a Patient');
  return {
    patient,
    immunizations: sent(parameters, patient, 'immunization', 'Immunization') as unknown as Immunization[],
    facts: [...FACT_PARAMETERS].flatMap(
      ([name, type]) => sent(parameters, patient, name, type) as unknown as PlanningResource[],
    ),
  };
}

/** The resource of a parameter when it is of this type. Throws 422 when it is not valid. */
export function resourceIn(parameter: JsonObject | undefined, type: string): JsonObject | undefined {
  const resource = parameter?.resource;
  if (!isObject(resource) || resource.resourceType !== type) return undefined;
  const issues = structureFaults(validateInForce(resource));
  if (issues.length > 0) throw invalid(issues);
  return resource;
}

function sent(
  parameters: ReadonlyMap<string, JsonObject[]>,
  patient: Patient,
  name: string,
  type: string,
): JsonObject[] {
  return (parameters.get(name) ?? []).map((one) => {
    const resource = resourceIn(one, type);
    const article = /^[AEIOU]/.test(type) ? 'an' : 'a';
    if (!resource) throw badRequest(`Each "${name}" holds ${article} ${type} as resource`, 'invalid');
    refuseOthers(resource, patient, name);
    return resource;
  });
}

/** What is about somebody else in the caller's own references was put in by mistake. */
function refuseOthers(resource: JsonObject, patient: Patient, name: string): void {
  const about = resource.subject ?? resource.patient;
  const target = isObject(about) && typeof about.reference === 'string' ? localReference(about.reference) : undefined;
  if (patient.id !== undefined && target?.type === 'Patient' && target.id !== patient.id)
    throw badRequest(`A resource in "${name}" is about another patient than "patient"`, 'invalid', [
      `Parameters.parameter.where(name='${name}')`,
    ]);
}
