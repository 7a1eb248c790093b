// Compartment search as a filter: what refers to a Patient, Encounter, RelatedPerson, Practitioner or Device by one of the
// parameters that the compartment names. Pure. FHIR R4, https://hl7.org/fhir/R4/compartmentdefinition.html

import { compartmentParameters, resourceTypes } from '../fhir/definitions.ts';
import type { Filter } from './filter.ts';
import { mark } from './hash.ts';

/** "Is in the compartment of this resource", for resources of type `member`; undefined when none of that type ever is. */
export function withinCompartment(compartment: string, id: string, member: string): Filter | undefined {
  // Each is in its own; a Patient is in no other's (see fhir/compartments.ts).
  if (member === compartment) return { kind: 'id', ids: [id] };
  const codes = compartmentParameters(compartment, member);
  if (codes.length === 0) return undefined;
  const marks = codes.map((code) => mark(`${member}.${code}>${compartment}/${id}`));
  return { kind: 'marks', marks, negated: false, ...(compartment === 'Patient' ? { patients: [id] } : {}) };
}

/** The types that may be in such a compartment, sorted. */
export function compartmentTypes(compartment: string): string[] {
  const mayBe = (type: string) => type === compartment || compartmentParameters(compartment, type).length > 0;
  return [...resourceTypes].filter(mayBe).sort();
}
