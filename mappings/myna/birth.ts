// `delivery` and `newborn` of mch-json: what is the mother's goes to her record, what is the child's (gestation at birth among it) to
// the child's. Profiles birth-fact, body-measurement, newborn-hearing-screening and newborn-mass-screening of the guide.

import type { Procedure } from '@medplum/fhirtypes';
import birthFact from '../../profiles/code-systems/birth-fact.json' with { type: 'json' };
import { CANONICAL } from '../../server/fhir/canonical.ts';
import { isObject, type JsonObject } from '../../server/fhir/json.ts';
import { codeTable, conceptFor, conceptOf } from '../own-code.ts';
import { businessIdentifier, type PatientTarget, patientReference, replaceEntry, targetKey } from '../record.ts';
import { birthLengthCm, birthWeightG, chestCm, headCm, measured } from './body.ts';
import { organizationOf, rowKey } from './checkup.ts';
import { deliveryMethods, hearingMethods, screeningResults } from './checkup-codes.ts';
import { isoDate, isoTime, isTrue, textOf } from './form.ts';
import { coded, type Item, loinc, type Occasion, observation, quantity, type Value } from './measure.ts';
import { gestation } from './pregnancy.ts';
import { add, type MappedPart } from './subjects.ts';

const facts = codeTable(birthFact as Parameters<typeof codeTable>[0]);
const fact = (name: string, code: string): Item => ({
  name,
  code: conceptOf(facts, code),
  category: 'exam',
  profile: 'birth-fact',
});

/** Adds the delivery to the mother's part. */
export function mapDelivery(part: MappedPart, row: JsonObject): void {
  const at = isoTime(textOf(row.deliveredAt));
  if (!at) {
    part.record.problems.push('delivery was not taken: deliveredAt is missing or neither a day nor a time.');
    return;
  }
  const on = occasionOf(part.patient, row, rowKey(row, 'delivery', [at.slice(0, 10)]), { effectiveDateTime: at });
  add(part, replaceEntry(procedureOf(on, row, at)));
  const method = textOf(row.method);
  const amounts: [Item, Value | undefined, string][] = [
    [fact('method', 'delivery-method'), { valueCodeableConcept: conceptFor(deliveryMethods, method) }, method],
    [fact('durationHours', 'labour-duration'), quantityOf(row.durationHours, 'h', '時間'), textOf(row.durationHours)],
    [fact('bloodLossMl', 'blood-loss'), quantityOf(row.bloodLossMl, 'mL', 'mL'), textOf(row.bloodLossMl)],
    [fact('transfusion', 'transfusion'), booleanOf(row.transfusion), textOf(row.transfusion)],
  ];
  for (const [item, value, sent] of amounts) if (sent) observe(part, on, item, value, 'delivery');
}

/** Adds what was seen of the newborn to the child's part, and from `delivery` how long the pregnancy had lasted. */
export function mapNewborn(part: MappedPart, row: JsonObject, delivery: JsonObject): void {
  const at = isoTime(textOf(delivery.deliveredAt)) ?? isoDate(textOf(row.birthDate));
  if (!at) {
    part.record.problems.push(
      'newborn was not taken: neither delivery.deliveredAt nor newborn.birthDate says when it was born.',
    );
    return;
  }
  // A person is born once: whatever a ledger calls the row, it is the same birth.
  const on = occasionOf(part.patient, row, ['birth'], { effectiveDateTime: at });
  const age = gestation(textOf(delivery.gestationWeeks), textOf(delivery.gestationDays));
  if (age !== 'absent') observe(part, on, gestationAtBirth, age, 'delivery');
  for (const one of [birthWeightG, birthLengthCm, headCm, chestCm]) {
    const text = textOf(row[one.name]);
    if (text) observe(part, on, one, measured(one, text), 'newborn');
  }
  for (const [item, value, sent] of scores(row)) if (sent) observe(part, on, item, value, 'newborn');
  if (isObject(row.hearing)) mapHearing(part, row.hearing, on, at);
  if (isObject(row.massScreening)) mapMassScreening(part, row.massScreening, on);
}

const gestationAtBirth: Item = {
  name: 'gestationWeeks',
  code: coded('在胎期間', loinc('76516-4', 'Gestational age--at birth')),
  category: 'exam',
  profile: 'birth-fact',
};

function scores(row: JsonObject): [Item, Value | undefined, string][] {
  const apgar = (name: string, code: string, minute: number): [Item, Value | undefined, string] => {
    const text = textOf(row[name]);
    const valueQuantity = /^(?:\d|10)$/.test(text) ? quantity(text, '{score}', '点') : undefined;
    const item: Item = {
      name,
      code: coded(`アプガースコア（${minute}分）`, loinc(code, `${minute} minute Apgar Score`)),
      category: 'exam',
      profile: 'birth-fact',
    };
    return [item, valueQuantity && { valueQuantity }, text];
  };
  const plurality = textOf(row.plurality);
  const count = /^[1-9]$/.test(plurality) ? { valueInteger: Number(plurality) } : { valueString: plurality };
  return [
    apgar('apgar1', '9272-6', 1),
    apgar('apgar5', '9274-2', 5),
    [fact('plurality', 'plurality'), count, plurality],
  ];
}

/** Each ear as it was sent; both together are as bad as the worse one. Without a day it lies at some time since birth. */
function mapHearing(part: MappedPart, row: JsonObject, birth: Occasion, bornAt: string): void {
  const day = isoDate(textOf(row.testedOn));
  const on: Occasion = {
    ...birth,
    effective: day ? { effectiveDateTime: day } : { effectivePeriod: { start: bornAt } },
  };
  const ears = [
    { name: 'right', code: coded('右耳', loinc('54109-4', 'Newborn hearing screen of Ear - right')) },
    { name: 'left', code: coded('左耳', loinc('54108-6', 'Newborn hearing screen of Ear - left')) },
  ].filter(({ name }) => textOf(row[name]));
  if (ears.length === 0) return;
  const component = ears.map(({ name, code }) => ({
    code,
    valueCodeableConcept: conceptFor(screeningResults, textOf(row[name])),
  }));
  const results = component.map(({ valueCodeableConcept }) => valueCodeableConcept.coding?.[0]?.code);
  const worst = ['refer', 'repeat', 'not-done', 'pass'].find((code) => results.includes(code));
  const areKnown = worst !== undefined && !results.includes(undefined);
  const method = textOf(row.method);
  const item: Item = {
    name: 'hearing',
    code: coded('新生児聴覚検査', {
      system: `${CANONICAL}/CodeSystem/newborn-screening`,
      code: 'hearing',
      display: 'Newborn hearing screening',
    }),
    category: 'exam',
    ...(areKnown && { profile: 'newborn-hearing-screening' }),
  };
  const value: Value = {
    ...(areKnown && { valueCodeableConcept: conceptOf(screeningResults, worst) }),
    ...(method && { method: conceptFor(hearingMethods, method) }),
    component,
  };
  observe(part, on, item, value, 'newborn');
}

function mapMassScreening(part: MappedPart, row: JsonObject, birth: Occasion): void {
  const [result, day] = [textOf(row.result), isoDate(textOf(row.collectedOn))];
  if (!result) return;
  const on: Occasion = day ? { ...birth, effective: { effectiveDateTime: day } } : birth;
  const item: Item = {
    name: 'massScreening',
    code: coded('新生児マススクリーニング', loinc('57130-7', 'Newborn screening report - overall interpretation')),
    category: 'laboratory',
    ...(screeningResults(result) && { profile: 'newborn-mass-screening' }),
  };
  observe(part, on, item, { valueCodeableConcept: conceptFor(screeningResults, result) }, 'newborn');
}

function procedureOf(on: Occasion, row: JsonObject, at: string): Procedure {
  const performer = organizationOf(row);
  const [method, course] = [textOf(row.method), textOf(row.course)];
  const [weeks, days] = [textOf(row.gestationWeeks), textOf(row.gestationDays)];
  // How long the child was carried is the child's fact; the mother's record has it in words.
  const notes = [course, weeks && `妊娠${weeks}週${days && `${days}日`}`].filter(Boolean);
  const coding = method ? deliveryMethods(method)?.coding : undefined;
  return {
    resourceType: 'Procedure',
    identifier: [businessIdentifier('delivery', [...on.keys])],
    status: on.isDeleted ? 'entered-in-error' : 'completed',
    code: { ...(coding && { coding }), text: method ? `分娩（${method}）` : '分娩' },
    subject: on.subject,
    performedDateTime: at,
    ...(performer && { performer: [{ actor: performer }] }),
    ...(notes.length > 0 && { note: notes.map((text) => ({ text })) }),
  };
}

function occasionOf(target: PatientTarget, row: JsonObject, key: string[], effective: Occasion['effective']): Occasion {
  return {
    subject: patientReference(target),
    keys: [targetKey(target), ...key],
    effective,
    isDeleted: isTrue(row.isDeleted),
  };
}

function observe(part: MappedPart, on: Occasion, item: Item, value: Value | undefined, section: string): void {
  if (value) add(part, replaceEntry(observation(on, item, value)));
  else part.record.problems.push(`${section}.${item.name} was not taken: it is not the number it should be.`);
}

function quantityOf(sent: unknown, code: string, unit: string): Value | undefined {
  const valueQuantity = quantity(textOf(sent), code, unit);
  return valueQuantity && { valueQuantity };
}

function booleanOf(sent: unknown): Value {
  const text = textOf(sent);
  const known = /^(?:true|1|あり|有)$/.test(text) ? true : /^(?:false|0|なし|無)$/.test(text) ? false : undefined;
  return known === undefined ? { valueString: text } : { valueBoolean: known };
}
