// A QuestionnaireResponse against its Questionnaire: which items it answers, in which order, inside what, how often.
// FHIR R4, https://hl7.org/fhir/R4/questionnaireresponse.html#link

import { rangeOf } from '../../fhir/date-range.ts';
import { isObject, type JsonObject, numberText } from '../../fhir/json.ts';
import { objects } from '../../terminology/code-index.ts';
import type { Place } from '../finding.ts';
import { checkAnswers } from './answers.ts';
import { type Holder, isEnabled } from './enabled.ts';
import { containedIn, extensionValue, type Form, type FormItem, formOf } from './form.ts';

/** One check: `lack` is how grave it is that something is not there yet. */
type Reading = { form: Form; place: Place; lack: 'error' | 'warning' };

/**
 * What the Questionnaire asks for has to be there in a response that is completed or amended; in others, which are filled in
 * partly, its lack is a warning. Without the Questionnaire only a finding says that nothing was checked.
 */
export function questionnaireResponse(response: JsonObject, place: Place): void {
  const { questionnaire: canonical } = response;
  if (typeof canonical !== 'string') {
    place.report(
      'information',
      'informational',
      place.path,
      'No questionnaire is named, so the answers are not checked',
    );
    return;
  }
  const questionnaire = questionnaireOf(canonical, place);
  if (questionnaire === undefined) {
    const path = `${place.path}.questionnaire`;
    const other = OTHERS.find((type) => place.definitions.find(type, canonical) !== undefined);
    if (other !== undefined) {
      place.report('error', 'invalid', path, `${canonical} is a ${other}, not a Questionnaire`);
      return;
    }
    place.report(
      'warning',
      'not-found',
      path,
      `The Questionnaire ${canonical} is not known here: answers are not checked`,
    );
    return;
  }
  checkPeriod(response, questionnaire, place);
  const form = formOf(questionnaire);
  const lack = response.status === 'completed' || response.status === 'amended' ? 'error' : 'warning';
  checkItems({ node: response, parent: undefined }, form.items, place.path, { form, place, lack });
}

/** Definitions that may be here under the url that was meant to be a Questionnaire's. */
const OTHERS = [
  'ValueSet',
  'CodeSystem',
  'StructureDefinition',
  'ConceptMap',
  'SearchParameter',
  'OperationDefinition',
];

function questionnaireOf(canonical: string, { root, outer, definitions }: Place): JsonObject | undefined {
  if (canonical.startsWith('#')) return containedIn(root, canonical);
  const [url] = canonical.split('|');
  const inBundle = outer && url !== undefined ? formsOf(outer).get(url) : undefined;
  return inBundle ?? definitions.find('Questionnaire', canonical);
}

/** The Questionnaires of a Bundle by url; gathered once, since each of its responses may ask. */
function formsOf(bundle: JsonObject): ReadonlyMap<unknown, JsonObject> {
  const known = formsBeside.get(bundle);
  if (known) return known;
  const resources = objects(bundle.entry).flatMap(({ resource }) => (isObject(resource) ? [resource] : []));
  const forms = resources.filter(({ resourceType }) => resourceType === 'Questionnaire').reverse();
  const found = new Map(forms.map((one) => [one.url, one]));
  formsBeside.set(bundle, found);
  return found;
}

const formsBeside = new WeakMap<JsonObject, ReadonlyMap<unknown, JsonObject>>();

/** Questionnaire.effectivePeriod: "during which the questionnaire content was or is planned to be in active use". */
function checkPeriod({ authored }: JsonObject, { effectivePeriod }: JsonObject, place: Place): void {
  const when = typeof authored === 'string' ? rangeOf(authored) : undefined;
  if (!when || !isObject(effectivePeriod)) return;
  const start = rangeOf(String(effectivePeriod.start));
  const end = rangeOf(String(effectivePeriod.end));
  const path = `${place.path}.authored`;
  if (start && when.hi < start.lo)
    place.report('warning', 'business-rule', path, 'This is before the effectivePeriod of the Questionnaire');
  if (end && when.lo > end.hi)
    place.report('warning', 'business-rule', path, 'This is after the effectivePeriod of the Questionnaire');
}

/** The items that one holder has, against those it may have. */
function checkItems(holder: Holder, expected: readonly FormItem[], path: string, reading: Reading): void {
  const found = new Map<string, { node: JsonObject; path: string }[]>();
  const order = new Map(expected.map(({ linkId }, n) => [linkId, n] as const).reverse());
  let last = -1;
  reading.place.spend(expected.length);
  for (const [n, node] of objects(holder.node.item).entries()) {
    const at = `${path}.item[${n}]`;
    const linkId = String(node.linkId);
    const index = order.get(linkId) ?? -1;
    if (index < 0) refuseItem(linkId, at, reading);
    else if (index < last)
      report(
        reading,
        'structure',
        at,
        `Item "${linkId}" has to stand before "${expected[last]?.linkId}", as in the Questionnaire`,
      );
    last = Math.max(last, index);
    const nodes = found.get(linkId) ?? [];
    nodes.push({ node, path: at });
    found.set(linkId, nodes);
  }
  for (const item of expected) {
    const nodes = found.get(item.linkId) ?? [];
    if (!isEnabled(item, holder, reading.place)) refuseDisabled(item, nodes, reading);
    else if (nodes.length === 0) checkMissing(item, path, reading);
    else checkFound(item, nodes, holder, reading);
  }
}

function refuseItem(linkId: string, path: string, reading: Reading): void {
  if (reading.form.byLinkId.has(linkId))
    report(reading, 'structure', path, `Item "${linkId}" stands elsewhere in the Questionnaire, inside another item`);
  else report(reading, 'not-found', path, `The Questionnaire has no item with the linkId "${linkId}"`);
}

function refuseDisabled(
  { linkId }: FormItem,
  nodes: readonly { path: string; node: JsonObject }[],
  reading: Reading,
): void {
  for (const { path, node } of nodes) {
    if (node.answer !== undefined || node.item !== undefined)
      report(reading, 'invalid', path, `Item "${linkId}" is answered, but its enableWhen is not fulfilled`);
  }
}

/** A required group is missing as a question is; one that may be left out asks for nothing. */
function checkMissing({ linkId, definition, type }: FormItem, path: string, { place, lack }: Reading): void {
  if (definition.required === true && type !== 'display')
    place.report(lack, 'required', path, `Required item "${linkId}" has no answer`);
}

function checkFound(
  item: FormItem,
  nodes: readonly { node: JsonObject; path: string }[],
  holder: Holder,
  reading: Reading,
): void {
  const second = nodes[1];
  if (second !== undefined && item.definition.repeats !== true)
    report(reading, 'invalid', second.path, `Item "${item.linkId}" does not repeat, so it is there once`);
  if (item.type === 'group') checkOccurs(item, nodes.length, nodes[0]?.path ?? '', reading);
  for (const { node, path } of nodes) {
    if (item.type === 'group') checkGroup(item, node, path, holder, reading);
    else if (item.type === 'display') checkDisplay(item, node, path, reading);
    else checkQuestion(item, node, path, holder, reading);
  }
}

function checkGroup(item: FormItem, node: JsonObject, path: string, parent: Holder, reading: Reading): void {
  if (node.answer !== undefined)
    report(reading, 'structure', path, `Item "${item.linkId}" is a group: it holds items, not answers`);
  checkItems({ node, parent }, item.items, path, reading);
}

function checkDisplay({ linkId }: FormItem, node: JsonObject, path: string, reading: Reading): void {
  if (node.answer !== undefined || node.item !== undefined)
    report(reading, 'structure', path, `Item "${linkId}" is of type display: it has neither answers nor items`);
}

function checkQuestion(item: FormItem, node: JsonObject, path: string, parent: Holder, reading: Reading): void {
  const { linkId, definition, type, items } = item;
  const answers = objects(node.answer);
  if (node.item !== undefined)
    report(reading, 'structure', path, `Item "${linkId}" is a question: items below it stand inside its answer`);
  if (answers.length === 0) checkMissing(item, path, reading);
  if (answers.length > 1 && definition.repeats !== true)
    report(reading, 'invalid', path, `Item "${linkId}" does not repeat, so it has one answer`);
  checkOccurs(item, answers.length, path, reading);
  if (type === 'question' && answers.length > 0)
    report(reading, 'structure', path, `Item "${linkId}" is of the abstract type question, which cannot be answered`);
  else checkAnswers(item, answers, path, reading.form.questionnaire, reading.place);
  for (const [n, answer] of answers.entries()) {
    const holder = { node: answer, parent: { node, parent } };
    checkItems(holder, items, `${path}.answer[${n}]`, reading);
  }
}

/** questionnaire-minOccurs and -maxOccurs: how many repetitions of a group, or answers of a question. */
function checkOccurs({ linkId, definition }: FormItem, count: number, path: string, reading: Reading): void {
  const min = Number(numberText(extensionValue(definition, 'questionnaire-minOccurs')?.value) ?? 0);
  const max = Number(numberText(extensionValue(definition, 'questionnaire-maxOccurs')?.value) ?? Number.MAX_VALUE);
  if (count < min)
    reading.place.report(
      reading.lack,
      'invalid',
      path,
      `Item "${linkId}" is given ${count} times, at least ${min} are asked for`,
    );
  if (count > max)
    report(reading, 'invalid', path, `Item "${linkId}" is given ${count} times, at most ${max} are allowed`);
}

const report = ({ place }: Reading, code: string, path: string, diagnostics: string): void =>
  place.report('error', code, path, diagnostics);
