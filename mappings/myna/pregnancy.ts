// pregnancyVisits[] of mch-json -> the mother's Encounter, Observations and DiagnosticReport. Items: the standard electronic record
// form of maternal check-ups (MHLW expert panel of 2023-02-02, paper 2-1), profiles of the guide.

import { CANONICAL } from '../../server/fhir/canonical.ts';
import { isObject, type JsonObject } from '../../server/fhir/json.ts';
import { UCUM } from '../code-systems.ts';
import { decimal } from '../decimal.ts';
import { conceptFor, conceptOf } from '../own-code.ts';
import { findingValue, heightCm, type Measurement, observeMeasurements, observeUrine, weightKg } from './body.ts';
import { addResult, type Checkup, closeCheckup, newCheckup, observe, rowKey } from './checkup.ts';
import { dentalItems, findings } from './checkup-codes.ts';
import { isoDate, textOf } from './form.ts';
import { coded, type Item, jpBody, loinc, observation, quantity, type Value } from './measure.ts';
import { sensitiveItem } from './sensitive.ts';
import { add, type MappedPart, type MynaContext } from './subjects.ts';

const PROFILE = 'pregnancy-checkup-finding';
const ITEM = `${CANONICAL}/CodeSystem/pregnancy-checkup-item`;

/** Adds a visit to the mother's part, or says why it was not taken. */
export function mapPregnancyVisit(part: MappedPart, row: JsonObject, place: string, context: MynaContext): void {
  const date = isoDate(textOf(row.visitDate));
  if (!date) {
    part.record.problems.push(`${place} was not taken: visitDate is missing or no date of the form YYYY-MM-DD.`);
    return;
  }
  const key = rowKey(row, 'pregnancy-visit', [date]);
  const visit = newCheckup(row, { target: part.patient, stage: 'pregnancy', date, key, place });
  observeGestation(visit, row);
  observeMeasurements(visit, row, measurements);
  if (textOf(row.prePregnancyWeightKg)) observePrePregnancyWeight(visit, row);
  observeBloodPressure(visit, row);
  if (textOf(row.edema)) observe(visit, oedema, findingValue(textOf(row.edema)));
  observeUrine(visit, row, PROFILE);
  for (const item of complications) {
    if (textOf(row[item.name])) observe(visit, item, findingValue(textOf(row[item.name])));
  }
  if (isObject(row.tests)) observeTests(visit, row.tests, context);
  if (isObject(row.dental)) observeTeeth(visit, row.dental);
  add(part, ...closeCheckup(visit, row));
  part.record.problems.push(...visit.problems);
}

const measurements: Measurement[] = [
  weightKg,
  heightCm,
  {
    name: 'fundalHeightCm',
    unit: 'cm',
    code: coded('子宮底長', loinc('11881-0', 'Uterus Fundal height Tape measure')),
    category: 'exam',
    profile: PROFILE,
  },
  {
    name: 'abdominalGirthCm',
    unit: 'cm',
    code: coded('腹囲', jpBody('31000301', '腹囲')),
    category: 'exam',
    profile: PROFILE,
  },
];

const oedema: Item = {
  name: 'edema',
  code: coded('浮腫', { system: ITEM, code: 'oedema', display: 'Oedema' }),
  category: 'exam',
  profile: PROFILE,
};

// What no code of the guide says goes as its text.
const complications: Item[] = [
  { name: 'hypertensiveDisorder', code: { text: '妊娠高血圧症候群' }, category: 'exam' },
  { name: 'gestationalDiabetes', code: { text: '妊娠糖尿病' }, category: 'exam' },
];

/** Days, where the day of the week is known, else whole weeks. */
function observeGestation(visit: Checkup, row: JsonObject): void {
  const value = gestation(textOf(row.gestationalWeek), textOf(row.gestationalDay));
  if (value === 'absent') return;
  const item: Item = {
    name: 'gestationalWeek',
    code: coded('妊娠週数', loinc('18185-9', 'Gestational age')),
    category: 'exam',
    profile: 'pregnancy-dating',
  };
  observe(visit, item, value);
}

/** The value of weeks and days of pregnancy; undefined when they are no such numbers, 'absent' when no week is given. */
export function gestation(week: string, day: string): Value | undefined | 'absent' {
  if (!week) return 'absent';
  if (!/^\d{1,2}$/.test(week) || !/^[0-6]?$/.test(day)) return undefined;
  const value = day === '' ? Number(week) : Number(week) * 7 + Number(day);
  const [unit, code] = day === '' ? ['週', 'wk'] : ['日', 'd'];
  return { valueQuantity: { value, unit, system: UCUM, code } };
}

// A weight of another day is no weight of this one: it has no code that the growth curves read.
function observePrePregnancyWeight(visit: Checkup, row: JsonObject): void {
  const item: Item = { name: 'prePregnancyWeightKg', code: { text: '非妊時の体重' }, category: 'exam' };
  const valueQuantity = quantity(textOf(row.prePregnancyWeightKg), 'kg');
  observe(visit, item, valueQuantity && { valueQuantity });
}

function observeBloodPressure(visit: Checkup, row: JsonObject): void {
  const sides = [
    { name: 'systolic', code: coded('収縮期血圧', loinc('8480-6', 'Systolic blood pressure')) },
    { name: 'diastolic', code: coded('拡張期血圧', loinc('8462-4', 'Diastolic blood pressure')) },
  ].filter(({ name }) => textOf(row[name]));
  if (sides.length === 0) return;
  const component = sides.flatMap(({ name, code }) => {
    const valueQuantity = quantity(textOf(row[name]), 'mm[Hg]', 'mmHg');
    if (!valueQuantity) visit.problems.push(`${visit.place}.${name} was not taken: it is no number.`);
    return valueQuantity ? [{ code, valueQuantity }] : [];
  });
  if (component.length === 0) return;
  const item: Item = {
    name: 'bloodPressure',
    code: coded('血圧', loinc('85354-9', 'Blood pressure panel with all children optional')),
    category: 'vital-signs',
    // The profile asks for both.
    ...(component.length === 2 && { profile: 'vital-sign' }),
  };
  if (component.length === 2) observe(visit, item, { component });
  else for (const { code, valueQuantity } of component) observe(visit, { ...item, code }, { valueQuantity });
}

const tests: Record<string, Item['code']> = {
  abo: coded('血液型（ABO）', loinc('883-9', 'ABO group [Type] in Blood')),
  rh: coded('血液型（Rh）', loinc('10331-7', 'Rh [Type] in Blood')),
  irregularAntibodies: coded('不規則抗体', loinc('890-4', 'Blood group antibody screen [Presence] in Serum or Plasma')),
  haemoglobin: coded('ヘモグロビン', loinc('718-7', 'Hemoglobin [Mass/volume] in Blood')),
  hematocrit: coded('ヘマトクリット', loinc('4544-3', 'Hematocrit [Volume Fraction] of Blood by Automated count')),
  platelets: coded('血小板数', loinc('777-3', 'Platelets [#/volume] in Blood by Automated count')),
  glucose: { text: '血糖' },
  hbsAntigen: coded('HBs抗原', loinc('5195-3', 'Hepatitis B virus surface Ag [Presence] in Serum')),
  hcvAntibody: coded('HCV抗体', loinc('16128-1', 'Hepatitis C virus Ab [Presence] in Serum')),
  rubellaAntibody: coded('風しん抗体価', loinc('22497-2', 'Rubella virus Ab [Titer] in Serum')),
  htlv1: { text: 'HTLV-1抗体' },
  cervicalScreening: { text: '子宮頸がん検診' },
};

/** A test of another name is left to the original: among the names not known may be sensitive ones. */
function observeTests(visit: Checkup, row: JsonObject, { takesSensitive }: MynaContext): void {
  for (const [name, sent] of Object.entries(row)) {
    const value = testValue(sent);
    if (value === undefined) continue;
    const sensitive = sensitiveItem(name);
    const code = Object.hasOwn(tests, name) ? tests[name] : undefined;
    if (sensitive && !takesSensitive) {
      visit.problems.push(
        `${visit.place}: a sensitive test was left out; it is taken only with consent to "sensitive".`,
      );
    } else if (sensitive) {
      const item: Item = { name: `tests.${name}`, code: { text: sensitive.ja }, category: 'laboratory' };
      addResult(visit, observation(visit.occasion, item, value, sensitive.security));
    } else if (code) {
      observe(visit, { name: `tests.${name}`, code, category: 'laboratory' }, value);
    }
  }
}

/** A number with the unit that was sent with it, or the words. */
function testValue(sent: unknown): Value | undefined {
  const text = textOf(isObject(sent) ? sent.value : sent);
  if (!text) return undefined;
  const value = decimal(text);
  const unit = isObject(sent) ? textOf(sent.unit) : '';
  if (value === undefined) return { valueCodeableConcept: { text } };
  const isUcum = ['g/dL', '%', 'mg/dL'].includes(unit);
  return { valueQuantity: { value, ...(unit && { unit }), ...(isUcum && { system: UCUM, code: unit }) } };
}

const teeth: Record<string, string> = {
  untreatedCaries: 'untreated-caries',
  calculus: 'calculus',
  gumInflammation: 'gum-inflammation',
};

function observeTeeth(visit: Checkup, row: JsonObject): void {
  for (const [name, code] of Object.entries(teeth)) {
    const text = textOf(row[name]);
    if (!text) continue;
    const item: Item = {
      name: `dental.${name}`,
      code: conceptOf(dentalItems, code),
      category: 'exam',
      profile: 'dental-finding',
    };
    const isCount = /^\d{1,2}$/.test(text) && Number(text) <= 52;
    observe(
      visit,
      item,
      isCount ? { valueInteger: Number(text) } : { valueCodeableConcept: conceptFor(findings, text) },
    );
  }
}
