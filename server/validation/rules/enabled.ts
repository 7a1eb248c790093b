// Whether an item of a form is enabled by the answers that a response gives: enableWhen and enableBehavior.
// FHIR R4, https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen

import type { JsonObject } from '../../fhir/json.ts';
import { objects } from '../../terminology/code-index.ts';
import { compareAnswers, isSameAnswer } from './answer-order.ts';
import { choiceOf, type FormItem, type TypedAnswer } from './form.ts';

/** The response, an item or an answer that holds items, and what holds it. */
export type Holder = { node: JsonObject; parent: Holder | undefined };

/** `holder` is where the item stands or, when it is not answered, would stand. Without enableWhen an item is enabled. */
export function isEnabled({ definition }: FormItem, holder: Holder): boolean {
  const conditions = objects(definition.enableWhen);
  if (conditions.length === 0) return true;
  const holds = (condition: JsonObject) => isFulfilled(condition, answersTo(String(condition.question), holder));
  return definition.enableBehavior === 'all' ? conditions.every(holds) : conditions.some(holds);
}

/** "If multiple question occurrences are present …, the nearest": an ancestor, else what the nearest ancestor holds. */
function answersTo(linkId: string, holder: Holder): TypedAnswer[] {
  for (let one: Holder | undefined = holder; one; one = one.parent) {
    if (one.node.linkId === linkId) return answersOf(one.node);
    const found = itemsBelow(one.node, linkId);
    if (found.length > 0) return found.flatMap(answersOf);
  }
  return [];
}

const answersOf = (item: JsonObject): TypedAnswer[] =>
  objects(item.answer).flatMap((answer) => choiceOf(answer, 'value') ?? []);

function itemsBelow(node: JsonObject, linkId: string): JsonObject[] {
  const below = [...objects(node.item), ...objects(node.answer).flatMap(({ item }) => objects(item))];
  return below.flatMap((item) => (item.linkId === linkId ? [item] : itemsBelow(item, linkId)));
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
