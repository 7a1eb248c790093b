// infantCheckups[] of mch-json -> the child's Encounter, Observations, QuestionnaireResponse and DiagnosticReport.

import type { CodeableConcept, QuestionnaireResponse } from '@medplum/fhirtypes';
import type { JsonObject } from '../../server/fhir/json.ts';
import { decimal } from '../decimal.ts';
import { conceptFor, conceptOf } from '../own-code.ts';
import { businessIdentifier, replaceEntry } from '../record.ts';
import { chestCm, headCm, heightCm, observeMeasurements, observeUrine, weightKg } from './body.ts';
import { type Checkup, closeCheckup, newCheckup, observe, rowKey } from './checkup.ts';
import { cariesTypes, dentalItems, infantItems, resultConcept, stages, stripGrades } from './checkup-codes.ts';
import { isoDate, rowsOf, textOf } from './form.ts';
import type { Item, Value } from './measure.ts';
import { type SensitiveItem, sensitiveItem } from './sensitive.ts';
import { add, type MappedPart, type MynaContext } from './subjects.ts';

/** Adds a check-up to the child's part, or says why it was not taken. */
export function mapInfantCheckup(part: MappedPart, row: JsonObject, place: string, context: MynaContext): void {
  const date = isoDate(textOf(row.date));
  const type = textOf(row.type);
  if (!date || !type) {
    const why = date ? 'type is missing' : 'date is missing or no date of the form YYYY-MM-DD';
    part.record.problems.push(`${place} was not taken: ${why}.`);
    return;
  }
  const stage = stages(type)?.coding?.[0]?.code ?? type;
  const key = rowKey(row, 'infant-checkup', [stage, date]);
  const checkup = newCheckup(row, { target: part.patient, stage, date, key, place });
  observeMeasurements(checkup, row, [heightCm, weightKg, headCm, chestCm]);
  observeUrine(checkup, row, 'infant-checkup-finding', conceptOf(infantItems, 'urine-blood'));
  for (const [n, finding] of rowsOf(row, 'findings').entries()) observeFinding(checkup, finding, n, context);
  mapAnswers(checkup, rowsOf(row, 'questionnaire'), context);
  const detailed = isoDate(textOf(row.detailedExamDate));
  add(part, ...closeCheckup(checkup, row, detailed && `精密検査 ${detailed}`));
  part.record.problems.push(...checkup.problems);
}

/** An item of a table of ours is coded; another is its words. */
function observeFinding(checkup: Checkup, row: JsonObject, n: number, { takesSensitive }: MynaContext): void {
  const [system, result, text] = [textOf(row.system), textOf(row.result), textOf(row.text)];
  if (!system) {
    checkup.problems.push(`${checkup.place}.findings[${n}] was not taken: system is missing.`);
    return;
  }
  if (sensitiveItem(system) && !takesSensitive) {
    checkup.problems.push(leftOut(`${checkup.place}.findings[${n}]`));
    return;
  }
  const dental = dentalItems(system);
  const code: CodeableConcept = infantItems(system) ?? dental ?? { text: system };
  const profile = dental ? 'dental-finding' : 'infant-checkup-finding';
  const item: Item = { name: `findings.${system}`, code, category: 'exam', profile };
  const value = { ...findingValue(code, result || text), ...(result && text && { note: [{ text }] }) };
  observe(checkup, dental && value.valueQuantity ? { ...item, profile: '' } : item, value);
}

function findingValue({ coding }: CodeableConcept, word: string): Value {
  const item = coding?.[0]?.code;
  if (!word) return { dataAbsentReason: unknown };
  if (item === 'caries-type') return { valueCodeableConcept: conceptFor(cariesTypes, word) };
  const count = /^\d{1,2}$/.test(word) && coding?.[0]?.system?.endsWith('/dental-item');
  if (count && Number(word) <= 52) return { valueInteger: Number(word) };
  const value = decimal(word);
  if (value !== undefined) return { valueQuantity: { value } };
  const concept = item === 'urine-blood' ? stripGrades(word) : resultConcept(word);
  if (concept) return { valueCodeableConcept: { ...concept, text: word } };
  return { valueString: word };
}

const unknown = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }] };

/** Answers in one response; sensitive ones, where they are taken at all, in another that is restricted. */
function mapAnswers(checkup: Checkup, rows: readonly JsonObject[], { takesSensitive }: MynaContext): void {
  const open: JsonObject[] = [];
  const sensitive: { row: JsonObject; item: SensitiveItem }[] = [];
  for (const [n, row] of rows.entries()) {
    const item = sensitiveItem(textOf(row.itemId), textOf(row.text));
    if (!textOf(row.itemId) || !textOf(row.answer)) {
      checkup.problems.push(`${checkup.place}.questionnaire[${n}] was not taken: itemId or answer is missing.`);
    } else if (!item) open.push(row);
    else if (takesSensitive) sensitive.push({ row, item });
    else checkup.problems.push(leftOut(`${checkup.place}.questionnaire[${n}]`));
  }
  if (open.length > 0) addResponse(checkup, 'questionnaire', open, undefined);
  const security = sensitive.flatMap(({ item }) => item.security);
  const labels = [...new Map(security.map((coding) => [coding.code, coding])).values()];
  if (sensitive.length > 0)
    addResponse(
      checkup,
      'sensitive',
      sensitive.map(({ row }) => row),
      labels,
    );
}

function addResponse(
  { occasion, date, entries }: Checkup,
  kind: string,
  rows: readonly JsonObject[],
  security: SensitiveItem['security'] | undefined,
): void {
  const response: QuestionnaireResponse = {
    resourceType: 'QuestionnaireResponse',
    ...(security && { meta: { security } }),
    identifier: businessIdentifier('checkup-answers', [...occasion.keys, kind]),
    status: occasion.isDeleted ? 'entered-in-error' : 'completed',
    subject: occasion.subject,
    ...(occasion.encounter && { encounter: occasion.encounter }),
    authored: date,
    item: rows.map((row) => ({
      linkId: textOf(row.itemId),
      ...(textOf(row.text) && { text: textOf(row.text) }),
      answer: [answerOf(textOf(row.answer))],
    })),
  };
  entries.push(replaceEntry(response));
}

const yes = /^(?:yes|true|はい|○)$/i;
const no = /^(?:no|false|いいえ|×)$/i;

const answerOf = (text: string) =>
  yes.test(text) ? { valueBoolean: true } : no.test(text) ? { valueBoolean: false } : { valueString: text };

const leftOut = (place: string): string =>
  `${place} is sensitive and was left out; it is taken only with consent to "sensitive".`;
