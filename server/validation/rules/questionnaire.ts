// Questionnaire: that what its conditions ask is asked, and that options fit their item. Its invariants (que-…) are checked with
// those of all types. FHIR R4, https://hl7.org/fhir/R4/questionnaire-definitions.html

import type { JsonObject } from '../../fhir/json.ts';
import { objects } from '../../terminology/code-index.ts';
import type { Place } from '../finding.ts';
import { answerTypes } from './answers.ts';
import { choiceOf, type FormItem, formOf } from './form.ts';

export function questionnaire(resource: JsonObject, place: Place): void {
  const { byLinkId } = formOf(resource);
  checkItems(resource, place.path, byLinkId, place);
}

function checkItems(owner: JsonObject, path: string, byLinkId: ReadonlyMap<string, FormItem>, place: Place): void {
  for (const [n, item] of objects(owner.item).entries()) {
    const at = `${path}.item[${n}]`;
    checkConditions(item, at, byLinkId, place);
    checkInitial(item, at, place);
    checkItems(item, at, byLinkId, place);
  }
}

/** enableWhen.question: "The linkId for the question whose answer (or lack of answer) governs whether this item is enabled". */
function checkConditions(item: JsonObject, path: string, byLinkId: ReadonlyMap<string, FormItem>, place: Place): void {
  for (const [n, condition] of objects(item.enableWhen).entries()) {
    const at = `${path}.enableWhen[${n}]`;
    const asked = byLinkId.get(String(condition.question));
    if (asked === undefined) {
      place.report('error', 'business-rule', `${at}.question`, `No item has the linkId "${condition.question}"`);
      continue;
    }
    if (asked.linkId === item.linkId)
      place.report('error', 'business-rule', `${at}.question`, 'The condition asks for the answer to its own item');
    const allowed = answerTypes(asked);
    const type = choiceOf(condition, 'answer')?.type;
    if (allowed.length === 0)
      place.report(
        'warning',
        'business-rule',
        `${at}.question`,
        `Item "${asked.linkId}" is a ${asked.type}: it has no answer`,
      );
    else if (condition.operator !== 'exists' && type !== undefined && !allowed.includes(type))
      place.report(
        'error',
        'business-rule',
        at,
        `"${asked.linkId}" is answered by value${allowed.join(' or ')}, not answer${type}`,
      );
  }
}

/** initial: "The value must be of the type of the item", one for what does not repeat. */
function checkInitial(item: JsonObject, path: string, place: Place): void {
  const initial = objects(item.initial);
  if (initial.length === 0 || typeof item.linkId !== 'string') return;
  const allowed = answerTypes({ linkId: item.linkId, type: String(item.type), definition: item, items: [] });
  for (const [n, one] of initial.entries()) {
    const type = choiceOf(one, 'value')?.type;
    if (type !== undefined && allowed.length > 0 && !allowed.includes(type))
      place.report(
        'error',
        'business-rule',
        `${path}.initial[${n}]`,
        `The item is answered by value${allowed.join(' or ')}, not value${type}`,
      );
  }
}
