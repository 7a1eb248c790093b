// Usage of a notebook's RP (record 301) -> FHIR Dosage. JP Core 1.2.0 JP_MedicationDosage; JAHIS notebook Ver.2.6, forms table.

import type { CodeableConcept, Coding, Dosage } from '@medplum/fhirtypes';
import { MEDICATION_USAGE } from '../code-systems.ts';
import { type AmountKind, type Amounts, DAY, timesPerDay } from './amount.ts';
import { codeText, jahisConcept, jahisSystem, notCode } from './codes.ts';
import { at, type JahisRecord } from './record.ts';

/** Kinds of drug in record 301. */
const notebookForms: Record<string, string> = {
  '1': '内服',
  '2': '内滴',
  '3': '屯服',
  '4': '注射',
  '5': '外用',
  '6': '浸煎',
  '7': '湯',
  '9': '材料',
  '10': 'その他',
};

/**
 * What the amount of a drug means depends on the kind of drug in record 301: per day for oral drugs (1) and decoctions (7),
 * per dose for drugs taken as needed (3), the total for everything else that is known. What is brewed (6) for so many days
 * is an amount per day as well. Without a kind the unit of the quantity tells (日分, 回分, 調剤); without both nobody knows.
 */
export function amountKind(usage: JahisRecord | undefined): AmountKind {
  const form = at(usage, 5);
  const isInDays = at(usage, 4).includes('日');
  if (form === '1' || form === '7') return 'day';
  if (form === '3') return 'dose';
  if (form === '6') return isInDays ? 'day' : 'total';
  if (form !== '10' && notebookForms[form]) return 'total';
  if (isInDays) return 'day';
  if (at(usage, 4).includes('回')) return 'dose';
  return at(usage, 4) === '調剤' ? 'total' : 'unknown';
}

/** How many days or doses were handed out; an amount per day is multiplied by days only. */
export const usageTimes = (usage: JahisRecord | undefined, kind: AmountKind): string =>
  kind === 'day' && !at(usage, 4).includes('日') ? '' : at(usage, 3);

/** Doses a day, where the usage is coded; a code under kind 1 ("no code") is not believed. */
export const usageCount = (usage: JahisRecord | undefined): number | undefined =>
  at(usage, 6) === '1' ? undefined : timesPerDay(codeText(at(usage, 7)));

/**
 * The dosage of one drug of the RP; undefined when nothing is said. `remarks` are records 281, 291, 311 and 391, `words` an
 * amount that is no number.
 */
export function usageDosage(
  usage: JahisRecord | undefined,
  remarks: readonly JahisRecord[],
  amounts: Amounts | undefined,
  words: string,
): Dosage | undefined {
  const text = [at(usage, 2), notCode(at(usage, 7)), words].filter(Boolean).join(' ');
  const coding = usageCoding(usage);
  const form = at(usage, 5);
  const { dose, perDay } = amounts ?? {};
  const rate = perDay && { numerator: perDay, denominator: { value: 1, ...DAY } };
  const method = form
    ? jahisConcept('notebook-form', codeText(form) || 'unknown', notebookForms[form] ?? form)
    : undefined;
  const additional = remarks.map(remark).filter((one) => one !== undefined);
  const isEmpty = !text && !coding && !dose && !rate && !method && additional.length === 0;
  if (isEmpty) return undefined;
  return {
    ...(text && { text }),
    ...(additional.length > 0 && { additionalInstruction: additional }),
    ...(coding && { timing: { code: { coding: [coding], ...(text && { text }) } } }),
    ...(form === '3' && { asNeededBoolean: true }),
    ...(method && { method }),
    ...((dose || rate) && { doseAndRate: [{ ...(dose && { doseQuantity: dose }), ...(rate && { rateRatio: rate }) }] }),
  };
}

function usageCoding(usage: JahisRecord | undefined): Coding | undefined {
  const code = codeText(at(usage, 7));
  if (!code) return undefined;
  const kind = at(usage, 6);
  const isJami = kind === '2' && /^[0-9A-Z]{16}$/.test(code);
  return { system: isJami ? MEDICATION_USAGE : jahisSystem(`usage-code-${codeText(kind) || 'unknown'}`), code };
}

const remarkKinds: Record<string, string> = {
  '281': '薬品補足',
  '291': '薬品服用注意',
  '311': '用法補足',
  '391': '処方服用注意',
};

/** Under the number of its record, so that a caution is told from what is part of the usage. */
function remark(record: JahisRecord): CodeableConcept | undefined {
  const text = at(record, 2);
  if (!text) return undefined;
  const display = remarkKinds[record.kind];
  return { coding: [{ system: jahisSystem('record'), code: record.kind, ...(display && { display }) }], text };
}
