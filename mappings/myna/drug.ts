// phr-import/1 of kinds drug-xml and drug-csv -> MedicationDispense, with a stub MedicationRequest where it is known who prescribed.
// Claims may know no more than the month (`2026-09`), and that is kept.

import type { CodeableConcept, MedicationDispense, MedicationRequest } from '@medplum/fhirtypes';
import type { JsonObject } from '../../server/fhir/json.ts';
import { HOT9, MEDICATION_USAGE, RECEIPT_DRUG, UCUM, YJ } from '../code-systems.ts';
import { decimal } from '../decimal.ts';
import { businessIdentifier, patientReference, replaceEntry, targetKey, UnreadableInput } from '../record.ts';
import { organizationOf } from './checkup.ts';
import { drugFields } from './fields.ts';
import { codeOf, isoDate, isTrue, rowsOf, textOf } from './form.ts';
import { add, type MappedPart, type MynaContext, newPart, partsWithContent } from './subjects.ts';
import { saidOf, unknownFields } from './unknown-fields.ts';

export const isDrugs = (content: JsonObject): boolean => 'items' in content;

/** Throws UnreadableInput when the content has no list of items. */
export function mapDrugs(content: JsonObject, context: MynaContext): MappedPart[] {
  if (!Array.isArray(content.items))
    throw new UnreadableInput('The file has no list "items" (kinds drug-xml, drug-csv).');
  const part = newPart(context.patient, context);
  const seen = new Map<string, number>();
  for (const [n, row] of rowsOf(content, 'items').entries()) mapDrug(part, row, `items[${n}]`, seen);
  const said = saidOf(unknownFields(content, drugFields));
  if (said) part.record.problems.push(said);
  return partsWithContent([part]);
}

function mapDrug(part: MappedPart, row: JsonObject, place: string, seen: Map<string, number>): void {
  const text = (name: string): string => textOf(row[name]);
  const day = isoDate(text('dispensedOn'));
  if (!text('drugName') || !day) {
    const why = day ? 'drugName is missing' : 'dispensedOn is missing or neither YYYY-MM-DD nor YYYY-MM';
    part.record.problems.push(`${place} was not taken: ${why}.`);
    return;
  }
  const keys = keysOf(part, row, day, seen);
  const requester = organizationOf(row);
  const prescribedOn = isoDate(text('prescribedOn'));
  const shared = {
    medicationCodeableConcept: medicationOf(row),
    subject: patientReference(part.patient),
    ...dosageOf(text('usageText'), text('usageCode')),
  };
  const request: MedicationRequest = {
    resourceType: 'MedicationRequest',
    identifier: [businessIdentifier('myna-prescription', keys)],
    status: isTrue(row.isDeleted) ? 'entered-in-error' : 'completed',
    intent: 'order',
    ...shared,
    ...(prescribedOn && { authoredOn: prescribedOn }),
    ...(requester && { requester }),
  };
  const order = requester || prescribedOn ? replaceEntry(request) : undefined;
  const [amount, days] = [decimal(text('amount')), decimal(text('days'))];
  if (text('amount') && amount === undefined)
    part.record.problems.push(`${place}.amount was not taken: it is no number.`);
  const dispense: MedicationDispense = {
    resourceType: 'MedicationDispense',
    identifier: [businessIdentifier('myna-dispense', keys)],
    status: isTrue(row.isDeleted) ? 'entered-in-error' : 'completed',
    ...shared,
    ...(text('pharmacyName') && { performer: [{ actor: { type: 'Organization', display: text('pharmacyName') } }] }),
    ...(order && { authorizingPrescription: [{ reference: order.fullUrl ?? '' }] }),
    ...(amount !== undefined && { quantity: { value: amount, ...(text('unit') && { unit: text('unit') }) } }),
    ...(days !== undefined && { daysSupply: { value: days, unit: '日', system: UCUM, code: 'd' } }),
    whenHandedOver: day,
    ...(text('genericName') && { note: [{ text: `一般名: ${text('genericName')}` }] }),
  };
  add(part, ...(order ? [order] : []), replaceEntry(dispense));
}

/** The source's key; without one, what was dispensed when and where, and the how manieth of that it is. */
function keysOf({ patient }: MappedPart, row: JsonObject, day: string, seen: Map<string, number>): string[] {
  const text = (name: string): string => textOf(row[name]);
  const owner = targetKey(patient);
  if (text('historyKey')) return [owner, 'key', text('historyKey')];
  const drug = text('drugCode') || text('drugName');
  const keys = [owner, day, text('institutionCode') || text('institutionName'), text('pharmacyName'), drug];
  const joined = keys.join('\u001f');
  const count = (seen.get(joined) ?? 0) + 1;
  seen.set(joined, count);
  return [...keys, String(count)];
}

const drugSystems: Record<string, string> = { receipt: RECEIPT_DRUG, yj: YJ, hot: HOT9 };

/** A code of a kind that is not known keeps no system: it is not guessed. */
function medicationOf(row: JsonObject): CodeableConcept {
  const [code, name, kind] = [codeOf(row.drugCode), textOf(row.drugName), textOf(row.drugCodeKind).toLowerCase()];
  const system = Object.hasOwn(drugSystems, kind) ? drugSystems[kind] : undefined;
  const coding = code && kind !== 'none' ? [{ ...(system && { system }), code, display: name.normalize('NFKC') }] : [];
  return { ...(coding.length > 0 && { coding }), text: name };
}

function dosageOf(text: string, code: string): Pick<MedicationDispense, 'dosageInstruction'> {
  if (!text && !code) return {};
  const timing = /^\d{16}$/.test(code) && {
    timing: { code: { coding: [{ system: MEDICATION_USAGE, code }], ...(text && { text }) } },
  };
  const words = text || (timing ? '' : code);
  return { dosageInstruction: [{ ...(words && { text: words }), ...timing }] };
}
