// The answers to one question of a form: their types, and what the item's extensions ask of each. FHIR R4,
// https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.type and questionnaire-profiles.html

import { resourceTypes } from '../../fhir/definitions.ts';
import { isObject, type JsonObject, numberText } from '../../fhir/json.ts';
import { objects } from '../../terminology/code-index.ts';
import type { Place } from '../finding.ts';
import { matchesWhole } from '../limited-regex.ts';
import { checkOptions } from './answer-options.ts';
import { compareAnswers } from './answer-order.ts';
import { checkUnit } from './answer-units.ts';
import { attachmentBytes } from './attachment.ts';
import { choiceOf, extensionValue, extensionValues, type FormItem, type Given } from './form.ts';

/** `path` is that of the response's item. */
export function checkAnswers(
  item: FormItem,
  answers: readonly JsonObject[],
  path: string,
  questionnaire: JsonObject,
  place: Place,
): void {
  const given = answers.flatMap((answer, n): Given[] => {
    const value = choiceOf(answer, 'value');
    return value === undefined ? [] : [{ ...value, path: `${path}.answer[${n}]` }];
  });
  const allowed = answerTypes(item);
  const fitting = given.filter((answer) => isOfType(answer, item, allowed, place));
  for (const answer of fitting) checkAnswer(answer, item, questionnaire, place);
  checkOptions(item, fitting, questionnaire, place);
}

/** Item type -> value[x] of the answer. */
const TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    boolean: 'Boolean',
    decimal: 'Decimal',
    integer: 'Integer',
    date: 'Date',
    dateTime: 'DateTime',
    time: 'Time',
    string: 'String',
    text: 'String',
    url: 'Uri',
    attachment: 'Attachment',
    reference: 'Reference',
    quantity: 'Quantity',
  }),
);

/** value[x] types of an answer. A choice is a Coding, or what its options are; an open one also a text. None for a group. */
export function answerTypes({ type, definition }: FormItem): string[] {
  const fixed = TYPES.get(type);
  if (fixed !== undefined) return [fixed];
  const options = objects(definition.answerOption).flatMap((option) => choiceOf(option, 'value')?.type ?? []);
  const chosen = options.length > 0 ? [...new Set(options)] : ['Coding'];
  if (type === 'choice') return chosen;
  return type === 'open-choice' ? [...new Set([...chosen, 'Coding', 'String'])] : [];
}

function isOfType({ type, path }: Given, item: FormItem, allowed: readonly string[], place: Place): boolean {
  // The type of an item that is none of R4's is the Questionnaire's fault.
  if (allowed.length === 0 || allowed.includes(type)) return true;
  const asked = allowed.join(' or ');
  place.report(
    'error',
    'invariant',
    `${path}.value`,
    `Item "${item.linkId}" is answered by value${asked}, not value${type}`,
  );
  return false;
}

function checkAnswer(answer: Given, item: FormItem, questionnaire: JsonObject, place: Place): void {
  checkBounds(answer, item, place);
  if (answer.type === 'String' || answer.type === 'Uri') checkText(answer, item, place);
  else if (answer.type === 'Decimal') checkDecimals(answer, item, place);
  else if (answer.type === 'Attachment') checkAttachment(answer, item, place);
  else if (answer.type === 'Reference') checkReference(answer, item, place);
  else if (answer.type === 'Quantity') checkUnit(answer, item, questionnaire, place);
}

/** minValue and maxValue; minQuantity and maxQuantity of Structured Data Capture. Both bounds are inclusive. */
function checkBounds(answer: Given, { linkId, definition }: FormItem, place: Place): void {
  const kinds = [
    ['minValue', 'sdc-questionnaire-minQuantity', 'below the least', -1],
    ['maxValue', 'sdc-questionnaire-maxQuantity', 'above the greatest', 1],
  ] as const;
  for (const [core, sdc, words, wrong] of kinds) {
    const bound = extensionValue(definition, core) ?? extensionValue(definition, sdc);
    if (bound === undefined) continue;
    const order = compareAnswers(answer, bound);
    const path = `${answer.path}.value`;
    if (order === undefined)
      place.report('warning', 'not-supported', path, `The answer to "${linkId}" cannot be compared to its ${core}`);
    else if (Math.sign(order) === wrong)
      place.report('error', 'invariant', path, `The answer to "${linkId}" is ${words} value allowed (${core})`);
  }
}

/** maxLength, minLength, regex; and one line only where the type is string. Lengths are in characters. */
function checkText({ value, path }: Given, { linkId, definition, type }: FormItem, place: Place): void {
  if (typeof value !== 'string') return;
  const at = `${path}.value`;
  const length = [...value].length;
  const most = Number(numberText(definition.maxLength) ?? Number.MAX_VALUE);
  const least = Number(numberText(extensionValue(definition, 'minLength')?.value) ?? 0);
  if (length > most)
    place.report('error', 'invariant', at, `The answer to "${linkId}" is longer than ${most} characters`);
  if (length < least)
    place.report('error', 'invariant', at, `The answer to "${linkId}" is shorter than ${least} characters`);
  if (type === 'string' && /[\r\n]/.test(value))
    place.report('warning', 'invariant', at, `The answer to "${linkId}", of type string, has more than one line`);
  const regex = extensionValue(definition, 'regex')?.value;
  if (typeof regex !== 'string') return;
  const matches = matchesWhole(regex, value);
  if (matches === false)
    place.report('error', 'invariant', at, `The answer to "${linkId}" does not match the regex ${regex}`);
  if (matches === undefined) {
    place.spend(AS_LONG);
    place.report(
      'warning',
      'not-supported',
      at,
      `The regex of "${linkId}" cannot be worked out: the answer is not checked by it`,
    );
  }
}

/** In steps: some expressions may take all of their time, but not one for each of thousands of answers. */
const AS_LONG = 50_000;

function checkDecimals({ value, path }: Given, { linkId, definition }: FormItem, place: Place): void {
  const most = numberText(extensionValue(definition, 'maxDecimalPlaces')?.value);
  const [, decimals = ''] = /\.(\d+)/.exec(numberText(value) ?? '') ?? [];
  if (most !== undefined && decimals.length > Number(most))
    place.report(
      'error',
      'invariant',
      `${path}.value`,
      `The answer to "${linkId}" has more than ${most} decimal places`,
    );
}

/** maxSize is in bytes; mimeType may be there several times. */
function checkAttachment({ value, path }: Given, { linkId, definition }: FormItem, place: Place): void {
  if (!isObject(value)) return;
  const types = extensionValues(definition, 'mimeType').map((one) => one.value);
  const [type] = typeof value.contentType === 'string' ? value.contentType.split(';') : [];
  if (types.length > 0 && (type === undefined || !types.includes(type.trim())))
    place.report(
      'error',
      'required',
      path,
      `The content type of the answer to "${linkId}" has to be ${types.join(' or ')}`,
    );
  const most = numberText(extensionValue(definition, 'maxSize')?.value);
  const bytes = attachmentBytes(value);
  if (most !== undefined && bytes !== undefined && bytes > Number(most))
    place.report(
      'error',
      'required',
      path,
      `The attachment that answers "${linkId}" has ${bytes} bytes, ${most} are allowed`,
    );
}

/** questionnaire-referenceResource; and what a RESTful url names has to be a resource type. */
function checkReference({ value, path }: Given, { linkId, definition }: FormItem, place: Place): void {
  if (!isObject(value)) return;
  const [, named] =
    /(?:^|^https?:.*\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/.+)?$/.exec(String(value.reference)) ?? [];
  const type = named ?? (typeof value.type === 'string' ? value.type : undefined);
  if (type === undefined) return;
  const at = `${path}.value`;
  const allowed = extensionValues(definition, 'questionnaire-referenceResource').map((one) => String(one.value));
  if (!resourceTypes.has(type))
    place.report('error', 'invariant', at, `The answer to "${linkId}" refers to ${type}, which is no resource type`);
  else if (allowed.length > 0 && !allowed.includes(type))
    place.report(
      'error',
      'invariant',
      at,
      `The answer to "${linkId}" has to refer to ${allowed.join(' or ')}, not to ${type}`,
    );
}
