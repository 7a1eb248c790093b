// Measurements of a check-up or birth by the names phr-import/1 has for them: the unit is part of the name (weightKg).

import type { JsonObject } from '../../server/fhir/json.ts';
import { conceptFor } from '../own-code.ts';
import { type Checkup, observe } from './checkup.ts';
import { findings, stripGrades } from './checkup-codes.ts';
import { textOf } from './form.ts';
import { coded, type Item, jpBody, loinc, quantity, type Value } from './measure.ts';

export type Measurement = Item & { unit: string };

const body = (name: string, unit: string, code: Item['code']): Measurement => ({
  name,
  unit,
  code,
  category: 'body-measurement',
  profile: 'body-measurement',
});

export const weightKg = body(
  'weightKg',
  'kg',
  coded('体重', loinc('29463-7', 'Body weight'), jpBody('31000296', '体重')),
);
export const heightCm = body(
  'heightCm',
  'cm',
  coded('身長', loinc('8302-2', 'Body height'), jpBody('31000298', '身長')),
);
export const headCm = body(
  'headCm',
  'cm',
  coded('頭囲', loinc('9843-4', 'Head Occipital-frontal circumference'), jpBody('31006116', '頭囲')),
);
export const chestCm = body('chestCm', 'cm', coded('胸囲', jpBody('31000299', '胸囲')));
export const birthWeightG = body(
  'birthWeightG',
  'g',
  coded('出生体重', loinc('8339-4', 'Birth weight Measured'), jpBody('31002900', '出生体重')),
);
export const birthLengthCm = body(
  'birthLengthCm',
  'cm',
  coded('出生時の身長', loinc('89269-5', 'Body height Measured --at birth')),
);

/** Those measurements of the row that are there. */
export function observeMeasurements(checkup: Checkup, row: JsonObject, measurements: readonly Measurement[]): void {
  for (const one of measurements) {
    const text = textOf(row[one.name]);
    if (text) observe(checkup, one, measured(one, text));
  }
}

/** The value of a measurement; undefined when the text is no number. */
export function measured({ unit }: Measurement, text: string): Value | undefined {
  const valueQuantity = quantity(text, unit);
  return valueQuantity && { valueQuantity };
}

/** Test strips of urine, as pregnancy and three-year check-ups have them. */
export function observeUrine(checkup: Checkup, row: JsonObject, profile: string, blood?: Item['code']): void {
  const strips: Item[] = [
    {
      name: 'urineProtein',
      code: coded('尿蛋白', loinc('20454-5', 'Protein [Presence] in Urine by Test strip')),
      category: 'exam',
      profile,
    },
    {
      name: 'urineSugar',
      code: coded('尿糖', loinc('25428-4', 'Glucose [Presence] in Urine by Test strip')),
      category: 'exam',
      profile,
    },
    ...(blood ? [{ name: 'urineBlood', code: blood, category: 'exam' as const, profile }] : []),
  ];
  for (const strip of strips) {
    const text = textOf(row[strip.name]);
    if (text) observe(checkup, strip, { valueCodeableConcept: conceptFor(stripGrades, text) });
  }
}

/** "none" or "present", or what else was written. */
export const findingValue = (text: string): Value => ({ valueCodeableConcept: conceptFor(findings, text) });
