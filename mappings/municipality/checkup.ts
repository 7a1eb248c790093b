// One row of a municipal check-up file -> the check-up as DiagnosticReport, and an Observation for each item that has a value. All are
// named by the ledger's key and the item, so that a later row corrects them.

import type { CodeableConcept, DiagnosticReport, Observation } from '@medplum/fhirtypes';
import { LOINC, OBSERVATION_CATEGORY, SIMPLE_CATEGORY, UCUM } from '../code-systems.ts';
import { businessIdentifier, type PatientTarget, patientReference, replaceEntry, targetKey } from '../record.ts';
import { checkupColumns, checkupItems, type ItemColumn, type ItemValue } from './checkup-columns.ts';
import { judgements, stages } from './checkup-words.ts';
import type { LedgerRow } from './ledger-reader.ts';
import { institutionOf, type LedgerSettings, ledgerKey, type MappedRow, mapRow } from './mapped-row.ts';
import type { RowValues } from './row-values.ts';

/** Never throws: what is wrong with the row is in its faults, and without what is required there are no entries. */
export function mapCheckup(row: LedgerRow<string>, settings: LedgerSettings): MappedRow {
  return mapRow(row, checkupColumns, settings, (values, target) => {
    const key = ledgerKey(values, settings);
    const date = values.date('date');
    const stage = values.word('stage', stages);
    const isDeleted = values.isSet('deleted');
    if (!key || !date || !stage || isDeleted === undefined) return [];
    const about: About = { target, keys: key.parts, date, isDeleted };
    const observations = [
      ...itemsOf(values, about),
      ...bloodPressure(values, about),
      ...gestationalAge(values, about),
    ].map(replaceEntry);
    const institution = institutionOf(values);
    const judgement = values.word('judgement', judgements);
    const report: DiagnosticReport = {
      resourceType: 'DiagnosticReport',
      identifier: [identifierOf(about, 'report')],
      status: isDeleted ? 'entered-in-error' : 'final',
      code: { coding: [stage], text: values.text('stage') },
      subject: patientReference(target),
      effectiveDateTime: date,
      ...(institution && { performer: [institution] }),
      ...(observations.length > 0 && { result: observations.map(({ fullUrl = '' }) => ({ reference: fullUrl })) }),
      ...(values.text('judgementText') && { conclusion: values.text('judgementText') }),
      ...(judgement && { conclusionCode: [{ coding: [judgement], text: values.text('judgement') }] }),
    };
    return [...observations, replaceEntry(report)];
  });
}

type Values = RowValues<string>;
type About = { target: PatientTarget; keys: readonly string[]; date: string; isDeleted: boolean };

const identifierOf = ({ target, keys }: About, item: string) =>
  businessIdentifier('ledger-checkup', [targetKey(target), ...keys, item]);

function itemsOf(values: Values, about: About): Observation[] {
  return checkupItems.flatMap((column) => {
    if (column.value.kind === 'note') return [];
    const value = valueIn(column.key, column.value, values);
    const note = values.text(`${column.key}Note`);
    if (value === undefined && note === '') return [];
    const observation = observationOf(about, column, { coding: [...column.coding], text: column.ja });
    return [{ ...observation, ...value, ...(note && { note: [{ text: note }] }) }];
  });
}

/** The `value[x]` of the cell; undefined when it is empty or, with a fault, cannot be understood. */
function valueIn(key: string, kind: ItemValue, values: Values): Partial<Observation> | undefined {
  if (kind.kind === 'quantity') {
    const value = values.decimal(key);
    return value === undefined
      ? undefined
      : { valueQuantity: { value, unit: kind.unit, system: UCUM, code: kind.ucum } };
  }
  if (kind.kind === 'integer') {
    const valueInteger = values.integer(key, 0);
    return valueInteger === undefined ? undefined : { valueInteger };
  }
  if (kind.kind === 'yes-no') {
    const valueBoolean = values.word(key, yesNo);
    return valueBoolean === undefined ? undefined : { valueBoolean };
  }
  if (kind.kind === 'code') {
    const coding = values.word(key, kind.words);
    return coding && { valueCodeableConcept: { coding: [coding], text: values.text(key) } };
  }
  return values.text(key) === '' ? undefined : { valueString: values.text(key) };
}

const yesNo: Readonly<Record<string, boolean>> = {
  はい: true,
  いいえ: false,
  要: true,
  不要: false,
  '1': true,
  '0': false,
};

const coded = (system: string, code: string): CodeableConcept => ({ coding: [{ system, code }] });
const categories: Readonly<Record<ItemColumn['category'], CodeableConcept[]>> = {
  exam: [coded(SIMPLE_CATEGORY, 'exam'), coded(OBSERVATION_CATEGORY, 'exam')],
  body: [coded(SIMPLE_CATEGORY, 'body-measurement'), coded(OBSERVATION_CATEGORY, 'vital-signs')],
  laboratory: [coded(SIMPLE_CATEGORY, 'laboratory'), coded(OBSERVATION_CATEGORY, 'laboratory')],
};

function observationOf(
  about: About,
  { key, category }: Pick<ItemColumn, 'key' | 'category'>,
  code: CodeableConcept,
): Observation {
  return {
    resourceType: 'Observation',
    identifier: [identifierOf(about, key)],
    status: about.isDeleted ? 'entered-in-error' : 'final',
    category: categories[category],
    code,
    subject: patientReference(about.target),
    effectiveDateTime: about.date,
  };
}

function bloodPressure(values: Values, about: About): Observation[] {
  const parts = [
    { key: 'systolic', code: '8480-6', display: 'Systolic blood pressure', text: '収縮期血圧' },
    { key: 'diastolic', code: '8462-4', display: 'Diastolic blood pressure', text: '拡張期血圧' },
  ].flatMap(({ key, code, display, text }) => {
    const value = values.decimal(key);
    if (value === undefined) return [];
    return [
      {
        code: { coding: [{ system: LOINC, code, display }], text },
        valueQuantity: { value, unit: 'mmHg', system: UCUM, code: 'mm[Hg]' },
      },
    ];
  });
  if (parts.length === 0) return [];
  const code = {
    coding: [{ system: LOINC, code: '85354-9', display: 'Blood pressure panel with all children optional' }],
    text: '血圧',
  };
  const observation = observationOf(about, { key: 'bloodPressure', category: 'exam' }, code);
  const category = [coded(SIMPLE_CATEGORY, 'vital-signs'), coded(OBSERVATION_CATEGORY, 'vital-signs')];
  return [{ ...observation, category, component: parts }];
}

function gestationalAge(values: Values, about: About): Observation[] {
  const weeks = values.integer('gestationalWeeks', 0);
  const days = values.integer('gestationalDays', 0) ?? 0;
  if (weeks === undefined) return [];
  if (weeks > 45 || days > 6) {
    values.fault('gestationalWeeks', '妊娠週数として読めません。', 'It is no length of a pregnancy.');
    return [];
  }
  const code = { coding: [{ system: LOINC, code: '18185-9', display: 'Gestational age' }], text: '妊娠週数' };
  const observation = observationOf(about, { key: 'gestationalAge', category: 'exam' }, code);
  return [{ ...observation, valueQuantity: { value: weeks * 7 + days, unit: '日', system: UCUM, code: 'd' } }];
}
