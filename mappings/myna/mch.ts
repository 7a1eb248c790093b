// phr-import/1 of kind mch-json -> the records of mother and child. What is the mother's goes to her record only when the caller
// named it, and never into the child's; the other way round likewise.

import { isObject, type JsonObject } from '../../server/fhir/json.ts';
import { UnreadableInput } from '../record.ts';
import { mapDelivery, mapNewborn } from './birth.ts';
import { mchFields } from './fields.ts';
import { rowsOf } from './form.ts';
import { mapInfantCheckup } from './infant-checkup.ts';
import { mapPregnancyVisit } from './pregnancy.ts';
import { isMothersOwn, type MappedPart, type MynaContext, newPart, partsWithContent } from './subjects.ts';
import { saidOf, unknownFields } from './unknown-fields.ts';

const mothers = ['pregnancyVisits', 'delivery'];
const childs = ['newborn', 'infantCheckups'];

/** True when the content has a section of this kind. */
export const isMch = (content: JsonObject): boolean => [...mothers, ...childs].some((name) => name in content);

/** One part for each of the two that the file says something about. Throws UnreadableInput when it has no section of the kind. */
export function mapMch(content: JsonObject, context: MynaContext): MappedPart[] {
  if (!isMch(content))
    throw new UnreadableInput(`The file has none of ${[...mothers, ...childs].join(', ')} (kind mch-json).`);
  const child = newPart(context.patient, context);
  const mother = context.mother && newPart(context.mother, context);
  if (mother) mapMothers(mother, content, context);
  else if (hasAny(content, mothers))
    child.record.problems.push(
      'pregnancyVisits and delivery were not taken: they are the mother’s, and no record of hers was named.',
    );
  const own = isMothersOwn(context);
  if (!own) mapChilds(child, content, context);
  else if (hasAny(content, childs))
    mother?.record.problems.push(
      'newborn and infantCheckups were not taken: they are the child’s, and no record of the child was named.',
    );
  const parts = mother ? (own ? [mother] : [child, mother]) : [child];
  const said = saidOf(unknownFields(content, mchFields));
  if (said) parts[0]?.record.problems.push(said);
  return partsWithContent(parts);
}

function mapMothers(part: MappedPart, content: JsonObject, context: MynaContext): void {
  for (const [n, row] of rowsOf(content, 'pregnancyVisits').entries())
    mapPregnancyVisit(part, row, `pregnancyVisits[${n}]`, context);
  if (isObject(content.delivery)) mapDelivery(part, content.delivery);
}

function mapChilds(part: MappedPart, content: JsonObject, context: MynaContext): void {
  const delivery = isObject(content.delivery) ? content.delivery : {};
  if (isObject(content.newborn)) mapNewborn(part, content.newborn, delivery);
  for (const [n, row] of rowsOf(content, 'infantCheckups').entries())
    mapInfantCheckup(part, row, `infantCheckups[${n}]`, context);
}

const hasAny = (content: JsonObject, names: readonly string[]): boolean => names.some((name) => name in content);
