// Which Patient compartments a resource is in, by CompartmentDefinition/patient and its search parameters.
// https://hl7.org/fhir/R4/compartmentdefinition-patient.html

import { patientCompartmentParameters, resourceTypes, searchParametersOf } from './definitions.ts';
import { isObject } from './json.ts';
import { type CompiledExpression, compileExpression } from './paths.ts';
import { localReference } from './references.ts';

const expressionsByType = new Map<string, CompiledExpression[]>();

/**
 * References `Patient/<id>` (without version) of the compartments a resource is in, each once; the patient that
 * `subject` or `patient` names comes first, so the first is the owner. A Patient is in its own only.
 * Only relative references count: absolute, conditional, urn: and contained ones name nobody here.
 */
export function patientsOf(resource: unknown): string[] {
  if (!isObject(resource) || typeof resource.resourceType !== 'string') return [];
  if (!resourceTypes.has(resource.resourceType)) return [];
  const patients = new Set<string>();
  // R4 also puts a Patient into the compartments of those it links to. Whoever writes the link would then choose who sees
  // it, so here a Patient is in its own compartment only.
  if (resource.resourceType === 'Patient') return typeof resource.id === 'string' ? [`Patient/${resource.id}`] : [];
  for (const expression of expressionsOf(resource.resourceType)) {
    for (const { value } of expression(resource)) {
      if (!isObject(value) || typeof value.reference !== 'string') continue;
      const target = localReference(value.reference);
      if (target?.type === 'Patient') patients.add(`Patient/${target.id}`);
    }
  }
  return [...patients];
}

/**
 * True when a Patient to whom a resource of this type refers by this parameter has it in the compartment. R4 names `subject`
 * for Observation, MedicationRequest and many more, never the `patient` they have as well, which takes the patients among
 * the same references; for Encounter, Condition and others it is the other way round.
 */
export function leadsIntoCompartment(type: string, code: string): boolean {
  const codes = patientCompartmentParameters(type);
  if (code === 'subject') return codes.includes('subject') || codes.includes('patient');
  return codes.includes(code) || (code === 'patient' && codes.length > 0);
}

function expressionsOf(type: string): CompiledExpression[] {
  const known = expressionsByType.get(type);
  if (known) return known;
  const parameters = searchParametersOf(type);
  const compiled = inOrder(patientCompartmentParameters(type)).map((code) => {
    const expression = parameters.find((parameter) => parameter.code === code)?.expression;
    if (expression === undefined)
      throw new Error(`the Patient compartment names ${type}?${code}, which has no expression`);
    return compileExpression(expression, type);
  });
  expressionsByType.set(type, compiled);
  return compiled;
}

function inOrder(codes: string[]): string[] {
  const owner = ['subject', 'patient'].filter((code) => codes.includes(code));
  return [...owner, ...codes.filter((code) => !owner.includes(code))];
}
