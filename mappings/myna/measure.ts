// One measured or looked-at item of a check-up or birth -> Observation, held to the profile of the guide it always fits.

import type {
  CodeableConcept,
  Coding,
  Encounter,
  Meta,
  Observation,
  Patient,
  Quantity,
  Reference,
} from '@medplum/fhirtypes';
import { CANONICAL } from '../../server/fhir/canonical.ts';
import { BODY_MEASUREMENT, LOINC, OBSERVATION_CATEGORY, SIMPLE_CATEGORY, UCUM } from '../code-systems.ts';
import { decimal } from '../decimal.ts';
import { businessIdentifier } from '../record.ts';

/** An occasion on which things were observed. */
export type Occasion = {
  subject: Reference<Patient>;
  /** The source's keys of the occasion, the person among them; an item adds its name. */
  keys: readonly string[];
  effective: Pick<Observation, 'effectiveDateTime'> | Pick<Observation, 'effectivePeriod'>;
  encounter?: Reference<Encounter>;
  isDeleted: boolean;
};

export type Category = 'body-measurement' | 'vital-signs' | 'exam' | 'laboratory' | 'survey' | 'social-history';

export type Item = {
  /** Its name in the source; tells the observations of an occasion apart. */
  name: string;
  code: CodeableConcept;
  category: Category;
  /** Name of a profile of the guide (StructureDefinition id). */
  profile?: string;
};

export type Value = Partial<
  Pick<
    Observation,
    | 'valueQuantity'
    | 'valueCodeableConcept'
    | 'valueString'
    | 'valueBoolean'
    | 'valueInteger'
    | 'component'
    | 'note'
    | 'method'
    | 'dataAbsentReason'
  >
>;

/** The Observation of an item on an occasion. */
export function observation(on: Occasion, item: Item, value: Value, security?: Meta['security']): Observation {
  const profile = item.profile && [`${CANONICAL}/StructureDefinition/${item.profile}`];
  return {
    resourceType: 'Observation',
    ...((profile || security) && { meta: { ...(profile && { profile }), ...(security && { security }) } }),
    identifier: [businessIdentifier('checkup-item', [...on.keys, item.name])],
    status: on.isDeleted ? 'entered-in-error' : 'final',
    category: categoriesOf(item),
    code: item.code,
    subject: on.subject,
    ...(on.encounter && { encounter: on.encounter }),
    ...on.effective,
    ...value,
  } as Observation;
}

/** A quantity in a UCUM unit; undefined when the text is no decimal. */
export function quantity(text: string, code: string, unit = code): Quantity | undefined {
  const value = decimal(text);
  return value === undefined ? undefined : { value, unit, system: UCUM, code };
}

export const loinc = (code: string, display: string): Coding => ({ system: LOINC, code, display });
export const jpBody = (code: string, display: string): Coding => ({ system: BODY_MEASUREMENT, code, display });
export const coded = (text: string, ...coding: Coding[]): CodeableConcept => ({ coding, text });

/** JP Core's category, and FHIR's beside it; FHIR has none for body measurements but asks for vital-signs with LOINC codes. */
function categoriesOf({ category, code }: Item): CodeableConcept[] {
  const simple = { coding: [{ system: SIMPLE_CATEGORY, code: category }] };
  const fhir = (value: string) => ({ coding: [{ system: OBSERVATION_CATEGORY, code: value }] });
  if (category !== 'body-measurement') return [simple, fhir(category)];
  return code.coding?.some(({ system }) => system === LOINC) ? [simple, fhir('vital-signs')] : [simple];
}
