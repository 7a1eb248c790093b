// The profile that an Observation has to conform to by its code. "If implementations use this Resource when expressing the
// profile-specific concepts as structured data, they SHALL conform to the Vital Signs Profiles": the LOINC codes of its table.
// FHIR R4, https://hl7.org/fhir/R4/observation-vitalsigns.html#vitals-table

import { isObject, type JsonObject } from '../../fhir/json.ts';
import { objects } from '../../terminology/code-index.ts';

const LOINC = 'http://loinc.org';
const PROFILES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '85353-1': 'vitalspanel',
    '9279-1': 'resprate',
    '8867-4': 'heartrate',
    '2708-6': 'oxygensat',
    '8310-5': 'bodytemp',
    '8302-2': 'bodyheight',
    '9843-4': 'headcircum',
    '29463-7': 'bodyweight',
    '39156-5': 'bmi',
    '85354-9': 'bp',
  }),
);
/** Systolic and diastolic: what has them for components is a blood pressure. */
const BLOOD_PRESSURE = new Set<unknown>(['8480-6', '8462-4']);

/** Canonicals, of R4 itself; none for an Observation of anything else. */
export function vitalSignsProfiles({ code, component }: JsonObject): string[] {
  const found = new Set(codesOf(code).flatMap((one) => PROFILES.get(one) ?? []));
  if (objects(component).some((part) => codesOf(part.code).some((one) => BLOOD_PRESSURE.has(one)))) found.add('bp');
  return [...found].map((name) => `http://hl7.org/fhir/StructureDefinition/${name}`);
}

function codesOf(concept: unknown): string[] {
  const codings = isObject(concept) ? objects(concept.coding) : [];
  return codings.flatMap(({ system, code }) => (system === LOINC && typeof code === 'string' ? [code] : []));
}
