// Examples of observations, conditions and allergies, each spoiled so that it breaks one rule of its profile.
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import type { JsonObject } from '../../server/fhir/json.ts';

/** The key of the rule, the example, and what makes it break this rule and no other. */
export const spoiledObservations: [key: string, id: string, spoil: (resource: JsonObject) => void][] = [
  ['tsumugi-obs-1', 'weight', (one) => (one.category as unknown[]).splice(1)],
  ['tsumugi-body-1', 'weight', (one) => set(one, 'valueQuantity', 'code', 'cm')],
  ['tsumugi-body-2', 'chest-circumference', (one) => set(one, 'valueQuantity', 'code', 'g')],
  ['tsumugi-body-3', 'length', (one) => set(one, 'valueQuantity', 'value', 0)],
  ['tsumugi-vital-1', 'blood-pressure', (one) => (one.component as unknown[]).splice(1)],
  ['tsumugi-vital-2', 'temperature', (one) => set(one, 'valueQuantity', 'code', '%')],
  ['tsumugi-nbs-1', 'newborn-mass-screening', (one) => set(one, 'valueCodeableConcept.coding', 'code', 'pass')],
  ['tsumugi-hear-1', 'newborn-hearing-screening', (one) => Reflect.deleteProperty(one, 'component')],
  ['tsumugi-preg-1', 'fundal-height', (one) => set(one, 'valueQuantity', 'code', 'm')],
  ['tsumugi-preg-2', 'fetal-heart-rate', (one) => set(one, 'valueQuantity', 'code', 'Hz')],
  ['tsumugi-date-1', 'due-date', (one) => replaceValue(one, 'valueDateTime', 'valueString', '4月ごろ')],
  ['tsumugi-date-2', 'gestational-age', (one) => set(one, 'valueQuantity', 'code', 'mo')],
  ['tsumugi-birth-1', 'apgar-5-minutes', (one) => set(one, 'valueQuantity', 'value', 11)],
  ['tsumugi-birth-2', 'gestational-age-at-birth', (one) => set(one, 'valueQuantity', 'code', 'mo')],
  ['tsumugi-epds-1', 'epds', (one) => set(one, 'valueQuantity', 'value', -1)],
  ['tsumugi-epds-2', 'epds', (one) => (one.interpretation as unknown[]).splice(1)],
  ['tsumugi-epds-3', 'epds', (one) => set(one, 'valueQuantity', 'value', 9)],
  ['tsumugi-epds-5', 'epds', (one) => Reflect.deleteProperty(one.meta as object, 'security')],
  ['tsumugi-epds-4', 'epds', (one) => set(one, 'component.valueQuantity', 'value', 4)],
  ['tsumugi-dent-1', 'present-teeth', (one) => Object.assign(one, { valueInteger: 60 })],
  ['tsumugi-cond-1', 'febrile-convulsion', (one) => Object.assign(one, { code: { coding: [{ code: '7803016' }] } })],
  ['tsumugi-alg-1', 'egg-allergy', (one) => Object.assign(one, { code: { coding: [{ code: '91930004' }] } })],
];

function set(resource: JsonObject, path: string, member: string, value: unknown): void {
  const [found] = fhirpath.evaluate(resource, path, {}, r4, { async: false }) as JsonObject[];
  if (found === undefined) throw new Error(`no ${path}`);
  found[member] = value;
}

function replaceValue(resource: JsonObject, old: string, member: string, value: unknown): void {
  delete resource[old];
  resource[member] = value;
}
