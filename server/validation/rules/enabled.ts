// Whether an item of a form is enabled by the answers that a response gives: enableWhen and enableBehavior.
// FHIR R4, https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen

import type { JsonObject } from '../../fhir/json.ts';
import { objects } from '../../terminology/code-index.ts';
import type { Place } from '../finding.ts';
import { compareAnswers, isSameAnswer } from './answer-order.ts';
import { choiceOf, type FormItem, type TypedAnswer } from './form.ts';

/** The response, an item or an answer that holds items, and what holds it. */
export type Holder = { node: JsonObject; parent: Holder | undefined };

/** `holder` is where the item stands or, when it is not answered, would stand. Without enableWhen an item is enabled. */
export function isEnabled({ definition }: FormItem, holder: Holder, place: Place): boolean {
  const conditions = objects(definition.enableWhen);
  if (conditions.length === 0) return true;
  const holds = (condition: JsonObject) => {
    const answers = answersTo(String(condition.question), holder, place);
    place.spend(answers.length + 1);
    return isFulfilled(condition, answers);
  };
  return definition.enableBehavior === 'all' ? conditions.every(holds) : conditions.some(holds);
}

/** "If multiple question occurrences are present …, the nearest": an ancestor, else what the nearest ancestor holds. */
function answersTo(linkId: string, holder: Holder, place: Place): readonly TypedAnswer[] {
  for (let one: Holder | undefined = holder; one; one = one.parent) {
    if (one.node.linkId === linkId) return answersOf(one.node);
    const found = answersBelow(one.node, place).get(linkId);
    if (found !== undefined) return found;
  }
  return [];
}

const answersOf = (item: JsonObject): TypedAnswer[] =>
  objects(item.answer).flatMap((answer) => choiceOf(answer, 'value') ?? []);

/** By linkId, however deep. Gathered once for each node that is asked about. */
function answersBelow(node: JsonObject, place: Place): ReadonlyMap<unknown, readonly TypedAnswer[]> {
  const known = gathered.get(node);
  if (known) return known;
  const found = new Map<unknown, TypedAnswer[]>();
  gather(node, found, place);
  gathered.set(node, found);
  return found;
}

const gathered = new WeakMap<JsonObject, ReadonlyMap<unknown, readonly TypedAnswer[]>>();

function gather(node: JsonObject, found: Map<unknown, TypedAnswer[]>, place: Place): void {
  for (const item of [...objects(node.item), ...objects(node.answer).flatMap((answer) => objects(answer.item))]) {
    place.spend(1);
    const answers = found.get(item.linkId) ?? [];
    for (const one of answersOf(item)) answers.push(one);
    found.set(item.linkId, answers);
    gather(item, found, place);
  }
}

/** "True if … at least one answer has a value that is": every operator but `exists` asks for one that does. */
function isFulfilled(condition: JsonObject, answers: readonly TypedAnswer[]): boolean {
  const expected = choiceOf(condition, 'answer');
  if (expected === undefined) return false;
  if (condition.operator === 'exists') return answers.length > 0 === expected.value;
  return answers.some((answer) => compares(answer, String(condition.operator), expected));
}

function compares(answer: TypedAnswer, operator: string, expected: TypedAnswer): boolean {
  if (operator === '=') return isSameAnswer(answer, expected);
  if (operator === '!=') return !isSameAnswer(answer, expected);
  const order = compareAnswers(answer, expected);
  if (order === undefined) return false;
  if (operator === '>') return order > 0;
  if (operator === '<') return order < 0;
  return operator === '>=' ? order >= 0 : order <= 0;
}
