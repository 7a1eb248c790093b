// The unit of an answer that is a quantity: one of questionnaire-unitOption, or of the value set of questionnaire-unitValueSet.
// FHIR R4, https://hl7.org/fhir/R4/extension-questionnaire-unitoption.html

import { isObject, type JsonObject } from '../../fhir/json.ts';
import type { Place } from '../finding.ts';
import { codedOf, isInValueSet } from './answer-options.ts';
import { extensionValue, extensionValues, type FormItem, type Given } from './form.ts';

export function checkUnit(
  { value, path }: Given,
  { linkId, definition }: FormItem,
  questionnaire: JsonObject,
  place: Place,
): void {
  const at = `${path}.value`;
  const unit = codedOf(value);
  const options = extensionValues(definition, 'questionnaire-unitOption').map((one) => one.value);
  if (options.length > 0 && !options.some((option) => isUnit(value, option)))
    place.report('error', 'invariant', at, `The unit of the answer to "${linkId}" is none of its unitOptions`);
  const valueSet = extensionValue(definition, 'questionnaire-unitValueSet')?.value;
  if (typeof valueSet !== 'string') return;
  const { result } = unit ? isInValueSet(valueSet, unit, questionnaire, place) : { result: false };
  if (result === undefined)
    place.report(
      'warning',
      'not-supported',
      at,
      `Whether the unit of the answer to "${linkId}" is in ${valueSet} cannot be told`,
    );
  else if (!result)
    place.report('error', 'invariant', at, `The unit of the answer to "${linkId}" is not in the value set ${valueSet}`);
}

/** A coded unit by system and code, one that is not coded by its words. */
function isUnit(quantity: unknown, option: unknown): boolean {
  if (!isObject(quantity) || !isObject(option)) return false;
  if (quantity.code !== undefined) return quantity.code === option.code && quantity.system === option.system;
  return quantity.unit !== undefined && (quantity.unit === option.display || quantity.unit === option.code);
}
