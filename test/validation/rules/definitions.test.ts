// Questionnaire and SearchParameter beyond their structure. FHIR R4, https://hl7.org/fhir/R4/questionnaire.html
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../server/fhir/json.ts';
import { found } from './found.ts';

const questionnaire = (...item: JsonObject[]): JsonObject => ({
  resourceType: 'Questionnaire',
  status: 'active',
  item,
});
const when = (condition: JsonObject): JsonObject => ({ linkId: 'b', type: 'string', enableWhen: [condition] });
const path = 'Questionnaire.item[1].enableWhen[0]';

test.each<[string, JsonObject, string[]]>([
  ['its question', when({ question: 'a', operator: '=', answerInteger: 1 }), []],
  ['no question', when({ question: 'x', operator: '=', answerInteger: 1 }), [`error business-rule ${path}.question`]],
  [
    'its own question',
    when({ question: 'b', operator: '=', answerString: 'x' }),
    [`error business-rule ${path}.question`],
  ],
  [
    'a group',
    when({ question: 'g', operator: 'exists', answerBoolean: true }),
    [`warning business-rule ${path}.question`],
  ],
  ['for another type', when({ question: 'a', operator: '=', answerString: '1' }), [`error business-rule ${path}`]],
  ['whether there is an answer', when({ question: 'a', operator: 'exists', answerBoolean: true }), []],
])('a condition asks %s', (_name, item, expected) => {
  const group = { linkId: 'g', type: 'group', item: [{ linkId: 'c', type: 'string' }] };
  expect(found(questionnaire({ linkId: 'a', type: 'integer' }, item, group))).toEqual(expected);
});

test('what is there at first is of the type of the item', () => {
  const item = (initial: JsonObject) => questionnaire({ linkId: 'a', type: 'date', initial: [initial] });
  expect(found(item({ valueDate: '2026-04-01' }))).toEqual([]);
  expect(found(item({ valueString: '2026-04-01' }))).toEqual(['error business-rule Questionnaire.item[0].initial[0]']);
});

test('a composite search parameter has two parts or more', () => {
  const parameter = (count: number): JsonObject => ({
    resourceType: 'SearchParameter',
    url: 'https://tsumugi.example/fhir/SearchParameter/test',
    type: 'composite',
    component: Array.from({ length: count }, () => ({ definition: 'urn:a', expression: 'code' })),
  });
  expect([1, 2].map((count) => found(parameter(count)).length)).toEqual([1, 0]);
});

test('a search parameter keeps to what it is derived from', () => {
  const from = { resourceType: 'SearchParameter', url: 'urn:from', code: 'name', type: 'string', base: ['Patient'] };
  const derived = { ...from, url: 'urn:derived', derivedFrom: 'urn:from' };
  expect(found(derived, [from])).toEqual([]);
  expect(found({ ...derived, base: ['Group'] }, [from])).toEqual(['error business-rule SearchParameter']);
  expect(found({ ...derived, type: 'token' }, [from])).toEqual(['warning business-rule SearchParameter']);
  expect(found(derived)).toEqual(['warning not-found SearchParameter.derivedFrom']);
});
