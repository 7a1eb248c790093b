// Answers that are chosen: from answerOption, or from the value set of answerValueSet. FHIR R4,
// https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.answer_x_

import { isObject, type JsonObject } from '../../fhir/json.ts';
import { OperationOutcomeError } from '../../fhir/outcome.ts';
import { objects } from '../../terminology/code-index.ts';
import type { CodeCheck, Coded } from '../../terminology/terminology.ts';
import type { Place } from '../finding.ts';
import { isSameAnswer } from './answer-order.ts';
import { choiceOf, containedIn, extensionValue, type FormItem, type Given } from './form.ts';

/** An open choice may be answered by "a free-text entry in a string"; its Codings are from the list like those of a choice. */
export function checkOptions(item: FormItem, given: readonly Given[], questionnaire: JsonObject, place: Place): void {
  const { definition, type } = item;
  const chosen = type === 'open-choice' ? given.filter((answer) => answer.type !== 'String') : given;
  const options = objects(definition.answerOption);
  if (options.length > 0) checkListed(item, options, chosen, place);
  const { answerValueSet } = definition;
  if (typeof answerValueSet !== 'string') return;
  for (const answer of chosen)
    if (answer.type === 'Coding') checkCoding(answer, item, answerValueSet, questionnaire, place);
}

function checkListed(
  { linkId }: FormItem,
  options: readonly JsonObject[],
  given: readonly Given[],
  place: Place,
): void {
  for (const answer of given) {
    place.spend(options.length);
    const option = options.find((one) => isOption(answer, one));
    if (option === undefined)
      place.report(
        'error',
        'invariant',
        `${answer.path}.value`,
        `The answer to "${linkId}" is none of its answerOptions`,
      );
    if (option && given.length > 1 && extensionValue(option, 'questionnaire-optionExclusive')?.value === true)
      place.report(
        'error',
        'invariant',
        answer.path,
        `The answer to "${linkId}" excludes all others (optionExclusive)`,
      );
  }
}

function isOption(answer: Given, option: JsonObject): boolean {
  const value = choiceOf(option, 'value');
  return value !== undefined && value.type === answer.type && isSameAnswer(answer, value);
}

function checkCoding(
  answer: Given,
  { linkId }: FormItem,
  valueSet: string,
  questionnaire: JsonObject,
  place: Place,
): void {
  const coded = codedOf(answer.value);
  if (coded === undefined) {
    place.report('error', 'code-invalid', answer.path, `The answer to "${linkId}" needs a code of ${valueSet}`);
    return;
  }
  const name = `${coded.system ?? ''}#${coded.code}`;
  const { result, cause, message } = isInValueSet(valueSet, coded, questionnaire, place);
  if (result === undefined)
    place.report(
      'warning',
      'not-supported',
      answer.path,
      `Whether ${name} is in ${valueSet} cannot be told${message ? `: ${message}` : ''}`,
    );
  // Words that are not the code's own are told by the check of the Coding itself.
  else if (!result && cause !== 'wrong-display')
    place.report(
      'error',
      'code-invalid',
      answer.path,
      `${name}, the answer to "${linkId}", is not in the value set ${valueSet}`,
    );
}

/** Of a Coding or a Quantity; undefined without a code. */
export function codedOf(value: unknown): Coded | undefined {
  if (!isObject(value) || typeof value.code !== 'string') return undefined;
  return { code: value.code, ...(typeof value.system === 'string' ? { system: value.system } : {}) };
}

/** A value set by canonical, or by `#id` among those the Questionnaire contains. */
export function isInValueSet(
  valueSet: string,
  coded: Coded,
  questionnaire: JsonObject,
  { terminology, spend }: Place,
): CodeCheck {
  if (!valueSet.startsWith('#')) return terminology.inValueSet(valueSet, coded);
  const contained = containedIn(questionnaire, valueSet);
  if (contained === undefined) return { result: undefined, message: 'the Questionnaire does not contain it' };
  try {
    const codes = terminology.expand(contained);
    spend(codes.length);
    return { result: codes.some(({ system, code }) => code === coded.code && system === coded.system) };
  } catch (error) {
    if (error instanceof OperationOutcomeError) return { result: undefined, message: error.message };
    throw error;
  }
}
