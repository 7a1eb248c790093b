// OMD^O03 (SS-MIX2 OMD, meals) -> NutritionOrder, one per ORC with its ODS. HL7 v2.5 chapter 4.8.1 (ODS), 4.8.2 (ODT).

import type { CodeableConcept, NutritionOrder } from '@medplum/fhirtypes';
import {
  codeableConcept,
  codeableConcepts,
  type Hl7Context,
  orderIdentifier,
  ownIdentifier,
  period,
  personReference,
  take,
} from './context.ts';
import { type Segment, value } from './message.ts';
import { isCancelled, type ObservationGroup, observationGroups } from './order.ts';
import { hl7DateTime } from './time.ts';

/** Every order that names a diet, a supplement or a preference. */
export function mapMeals(context: Hl7Context): void {
  let found = 0;
  for (const group of observationGroups(context.segments)) {
    const meals = group.others.filter(({ name }) => name === 'ODS' || name === 'ODT');
    if (!group.orc && meals.length === 0) continue;
    const order = nutritionOrder(context, group, meals);
    found += 1;
    if (order) take(context, order, isCancelled(group.orc));
    else context.problems.push('A meal order was not taken: it has no time (TQ1-7, ORC-9).');
  }
  if (found === 0) context.problems.push('The message holds no meal order (ORC, ODS).');
}

function nutritionOrder(
  context: Hl7Context,
  { orc, tq1, notes }: ObservationGroup,
  meals: readonly Segment[],
): NutritionOrder | undefined {
  const start = hl7DateTime(value(tq1, 7));
  const dateTime = hl7DateTime(value(orc, 9)) ?? start ?? (context.message.time || undefined);
  if (!dateTime) return undefined;
  const number = value(orc, 2) || value(orc, 3);
  const key = number ? [number, value(orc, 4)] : [value(tq1, 7), value(orc, 9)];
  const within = period(context, start, hl7DateTime(value(tq1, 8)));
  const diets = meals.filter((segment) => segment.name === 'ODS' && value(segment, 1) !== 'S');
  const type = diets.flatMap((ods) => codeableConcepts(context, ods, 3));
  const periods = meals.flatMap((segment) => codeableConcepts(context, segment, 2));
  const said = [...meals.map((segment) => value(segment, segment.name === 'ODS' ? 4 : 3)), ...periods.map(textOf)];
  const instruction = [...new Set(said.filter((text) => text !== ''))].join('、');
  const supplement = meals
    .filter((segment) => segment.name === 'ODS' && value(segment, 1) === 'S')
    .map((ods) => ({ type: codeableConcept(context, ods, 3) ?? { text: value(ods, 4) || '補食' } }));
  const orderer = personReference(orc, 12);
  const diet = {
    ...(type.length > 0 && { type }),
    ...(within && { schedule: [{ repeat: { boundsPeriod: within } }] }),
    ...(instruction && { instruction }),
  };
  return {
    resourceType: 'NutritionOrder',
    identifier: [ownIdentifier(context, 'nutrition-order', key), ...orderIdentifier(context, number)],
    status: isCancelled(orc) ? 'revoked' : 'active',
    intent: 'order',
    patient: context.subject,
    dateTime,
    ...(orderer && { orderer }),
    ...(Object.keys(diet).length > 0 && { oralDiet: diet }),
    ...(supplement.length > 0 && { supplement }),
    ...(notes.length > 0 && { note: notes.map((text) => ({ text })) }),
  };
}

const textOf = ({ text = '', coding }: CodeableConcept): string => text || (coding?.[0]?.code ?? '');
