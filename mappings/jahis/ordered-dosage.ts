// How a drug of a prescription is taken: kind of drug (101), usage (111) and its supplements (181), uneven doses (221), one dose
// (241), supplements of the drug (281) -> FHIR Dosage. JAHIS prescription Ver.1.10; JP Core 1.2.0 JP_MedicationDosage.

import type { CodeableConcept, Coding, Dosage, Timing } from '@medplum/fhirtypes';
import { MEDICATION_USAGE } from '../code-systems.ts';
import { divideExactly } from '../decimal.ts';
import { type AmountKind, type Amounts, DAY, plainNumber, quantityOf, timesPerDay } from './amount.ts';
import { codeText, jahisConcept, jahisSystem, notCode } from './codes.ts';
import type { OrderedDrug, OrderedRp } from './ordered.ts';
import { at, type JahisRecord } from './record.ts';

const JAMI = 'http://jami.jp/CodeSystem';
const FORM = 'urn:oid:1.2.392.100495.20.2.21';
const STRENGTH = 'http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationIngredientStrengthStrengthType';

const forms: Record<string, string> = {
  '1': '内服',
  '2': '頓服',
  '3': '外用',
  '4': '内服滴剤',
  '5': '注射',
  '6': '医療材料',
  '9': '不明',
};

/**
 * What the amount in record 201 says, and how often it is handed out: oral drugs (1) per day, drugs taken as needed (2) per dose;
 * of all others amount × quantity is the whole, and what one of them is for is not said.
 */
export function orderedKind(form: JahisRecord | undefined): { kind: AmountKind } {
  const kind = at(form, 2);
  if (kind === '1') return { kind: 'day' };
  return { kind: kind === '2' || forms[kind] ? 'dose' : 'unknown' };
}

/** Undefined when nothing is said of how the drug is taken. */
export function orderedDosage(rp: OrderedRp, drug: OrderedDrug, amounts: Amounts | undefined): Dosage | undefined {
  const { form, usage, supplements } = rp;
  const kind = at(form, 2);
  const words = amounts ? '' : `${at(drug.record, 7)}${at(drug.record, 9)}`;
  const text = [at(usage, 4), notCode(at(usage, 3)), ...continued(supplements), words].filter(Boolean).join(' ');
  const additional = [
    ...supplements.flatMap(usageSupplement),
    ...oneDose(drug),
    ...uneven(drug),
    ...drug.supplements.flatMap(drugSupplement),
  ];
  const timing = timingOf(usage, at(usage, 4));
  const site = siteOf(supplements);
  const doseAndRate = doseAndRateOf(kind, usage, drug, amounts);
  const name = at(form, 3) || forms[kind];
  const method = kind && name && { coding: [{ system: FORM, code: codeText(kind) || '9' }], text: name };
  const dosage: Dosage = {
    ...(text && { text }),
    ...(additional.length > 0 && { additionalInstruction: additional }),
    ...(timing && { timing }),
    ...(kind === '2' && { asNeededBoolean: true }),
    ...(site && { site }),
    ...(method && { method }),
    ...(doseAndRate && { doseAndRate: [doseAndRate] }),
  };
  return Object.keys(dosage).length > 0 ? dosage : undefined;
}

// Class 5 of record 181 goes on with the words of record 111.
const continued = (supplements: readonly JahisRecord[]): string[] =>
  supplements.filter((record) => at(record, 3) === '5').map((record) => at(record, 4));

/** Record 111: kind 2 is the usage code of JAMI; its count stands in the record or in the code. */
function timingOf(usage: JahisRecord | undefined, text: string): Timing | undefined {
  const [kind, code] = [at(usage, 2), codeText(at(usage, 3))];
  const system =
    kind === '2' && /^[0-9A-Z]{16}$/.test(code)
      ? MEDICATION_USAGE
      : jahisSystem(`usage-code-${codeText(kind) || 'unknown'}`);
  const count = countOf(usage);
  if (!code && count === undefined) return undefined;
  return {
    ...(count !== undefined && { repeat: { frequency: count, period: 1, periodUnit: 'd' } }),
    ...(code && { code: { coding: [{ system, code }], ...(text && { text }) } }),
  };
}

function countOf(usage: JahisRecord | undefined): number | undefined {
  const count = Number(at(usage, 5).normalize('NFKC'));
  if (Number.isInteger(count) && count >= 1 && count <= 99) return count;
  return at(usage, 2) === '2' ? timesPerDay(codeText(at(usage, 3))) : undefined;
}

/** Per day as sent; one dose as sent (241), or reckoned where doses are even. Flag 2: the amount is of the substance. */
function doseAndRateOf(
  kind: string,
  usage: JahisRecord | undefined,
  { record, added }: OrderedDrug,
  amounts: Amounts | undefined,
): NonNullable<Dosage['doseAndRate']>[number] | undefined {
  const unit = at(record, 9);
  const [single, isUneven] = [added.get('241'), added.has('221')];
  const count = Number(at(single, 4)) || countOf(usage);
  const amount = plainNumber(at(record, 7));
  const reckoned = amount && count && kind === '1' ? divideExactly(amount, count) : undefined;
  const asNeeded = kind === '2' ? amounts?.dose : undefined;
  const dose = isUneven ? undefined : (quantityOf(plainNumber(at(single, 3)) ?? reckoned, unit) ?? asNeeded);
  const rate = amounts?.perDay && { numerator: amounts.perDay, denominator: { value: 1, ...DAY } };
  if (!dose && !rate) return undefined;
  const strength = { '1': '製剤量', '2': '原薬量' }[at(record, 8)];
  return {
    ...(strength && { type: { coding: [{ system: STRENGTH, code: at(record, 8), display: strength }] } }),
    ...(dose && { doseQuantity: dose }),
    ...(rate && { rateRatio: rate }),
  };
}

const additionalCoding = (code: string): Coding[] =>
  code ? [{ system: `${JAMI}/MedicationUsageAdditional`, code }] : [];

const usageClasses: Record<string, string> = {
  '1': '漸減',
  '2': '一包化',
  '3': '隔日',
  '4': '粉砕',
  '7': '１回使用量',
  '8': '補足用法',
};

/** Record 181, but for what goes on with the usage (5) and where it is used (6, 9). */
function usageSupplement(record: JahisRecord): CodeableConcept[] {
  const kind = at(record, 3);
  if (['5', '6', '9'].includes(kind)) return [];
  return supplement('usage-supplement', kind, usageClasses[kind], at(record, 4), at(record, 5));
}

const drugClasses: Record<string, string> = { '1': '一包化', '2': '粉砕', '7': '補足用法' };

/** Record 281, but for what is said of another drug in its place (3 to 6, 8). */
function drugSupplement(record: JahisRecord): CodeableConcept[] {
  const kind = at(record, 4);
  if (['3', '4', '5', '6', '8'].includes(kind) && !at(record, 6)) return [];
  return supplement('drug-supplement', kind, drugClasses[kind], at(record, 5), at(record, 6));
}

function supplement(
  table: string,
  kind: string,
  name: string | undefined,
  text: string,
  code: string,
): CodeableConcept[] {
  const coding = [...additionalCoding(codeText(code)), ...(name ? (jahisConcept(table, kind, name).coding ?? []) : [])];
  if (!text && coding.length === 0) return [];
  return [{ ...(coding.length > 0 && { coding }), ...((text || name) && { text: text || name }) }];
}

/** Record 241, where one dose is no number: 2/3 of a tablet. */
function oneDose({ record, added }: OrderedDrug): CodeableConcept[] {
  const amount = at(added.get('241'), 3);
  return amount && plainNumber(amount) === undefined ? [{ text: `１回 ${amount}${at(record, 9)}` }] : [];
}

/** Record 221: how much at which time of the day, up to five. */
function uneven({ record, added }: OrderedDrug): CodeableConcept[] {
  const doses = added.get('221');
  return [1, 2, 3, 4, 5].flatMap((time) => {
    const [amount, code] = [at(doses, time + 2), codeText(at(doses, time + 7))];
    if (!amount && !code) return [];
    const coding = additionalCoding(code);
    const text = amount && `${time}回目: ${amount}${at(record, 9)}`;
    return [{ ...(coding.length > 0 && { coding }), ...(text && { text }) }];
  });
}

/** Record 181 of class 6 (in words) or 9 (code of JAMI). */
function siteOf(supplements: readonly JahisRecord[]): CodeableConcept | undefined {
  const record = supplements.find((one) => ['6', '9'].includes(at(one, 3)));
  if (!record) return undefined;
  const [text, code] = [at(record, 4), codeText(at(record, 6))];
  const coding = [{ system: `${JAMI}/MedicationBodySiteExternal`, code, ...(text && { display: text }) }];
  return text || code ? { ...(code && { coding }), ...(text && { text }) } : undefined;
}
