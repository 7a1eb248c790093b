// phr-import/1 of kind vaccination-json -> Immunization. The format is our own, because the schemas behind MyNa
// Portal are not public; item names are those of Japanese vaccination ledgers.

import type { Immunization, Organization, Reference } from '@medplum/fhirtypes';
import { CANONICAL } from '../../server/fhir/canonical.ts';
import { isObject, type JsonObject, numberText, parseJson } from '../../server/fhir/json.ts';
import { findMyNumber } from '../../server/fhir/my-number.ts';
import { tryDecode } from '../charset.ts';
import { INSTITUTION, UCUM } from '../code-systems.ts';
import { decimal } from '../decimal.ts';
import { civilDate } from '../japanese-date.ts';
import {
  businessIdentifier,
  createEntry,
  type MappedRecord,
  MyNumberFound,
  type PatientTarget,
  patientReference,
  replaceEntry,
  targetKey,
  UnreadableInput,
  uniqueEntries,
} from '../record.ts';
import { vaccineConcept } from '../vaccine.ts';

/** Identifier system of a dose in a municipal ledger: municipality code (6 digits) and history key. */
export const LEDGER_DOSE = `${CANONICAL}/sid/municipal-vaccination`;

const CATEGORY = `${CANONICAL}/CodeSystem/vaccination-category`;

/**
 * Throws UnreadableInput when the text is no vaccination-json, MyNumberFound when it holds a My Number. A record without
 * vaccine, date or key is left out and named by its position.
 */
export function mapMyna(bytes: Uint8Array, target: PatientTarget): MappedRecord {
  const content = readContent(bytes);
  const place = findMyNumber(content);
  if (place !== undefined) throw new MyNumberFound(place);
  if (!Array.isArray(content.records))
    throw new UnreadableInput('The file has no list "records" (kind vaccination-json).');
  const mapped: MappedRecord = {
    patient: 'identifier' in target ? target.identifier : undefined,
    entries: [],
    problems: [],
  };
  for (const [index, record] of content.records.entries()) {
    const dose = isObject(record) ? immunization(record, target) : 'is no object';
    if (typeof dose === 'string') mapped.problems.push(`records[${index}] was not taken: ${dose}.`);
    else mapped.entries.push(dose.status === 'entered-in-error' ? replaceEntry(dose) : createEntry(dose));
  }
  return { ...mapped, entries: uniqueEntries(mapped.entries) };
}

function readContent(bytes: Uint8Array): JsonObject {
  const text = tryDecode(bytes, 'utf-8');
  if (text === undefined) throw new UnreadableInput('The file is not valid UTF-8.');
  let content: unknown;
  try {
    content = parseJson(text);
  } catch {
    throw new UnreadableInput('The file is not valid JSON.');
  }
  if (!isObject(content)) throw new UnreadableInput('The file is not a JSON object.');
  if (content.kind !== undefined && content.kind !== 'vaccination-json') {
    throw new UnreadableInput('The file is not of kind vaccination-json.');
  }
  return content;
}

/** The dose, or why there is none. */
function immunization(record: JsonObject, target: PatientTarget): Immunization | string {
  const text = (name: string): string => {
    const value = record[name];
    return typeof value === 'string' ? value.trim() : (numberText(value) ?? '');
  };
  const date = isoDate(text('date'));
  const key = text('historyKey');
  if (!text('vaccineName')) return 'vaccineName is missing';
  if (!date) return 'date is missing or no date of the form YYYY-MM-DD';
  if (!key) return 'historyKey is missing';
  const municipality = text('municipalityCode');
  const ledgerDose = municipality ? [{ system: LEDGER_DOSE, value: `${municipality}.${key}` }] : [];
  const kindCode = text('vaccineKindCode');
  const sent = kindCode
    ? [{ system: `${CANONICAL}/sid/ledger-vaccine-kind`, code: kindCode, display: text('vaccineName') }]
    : [];
  const amount = decimal(text('doseQuantity'));
  const unit = text('doseUnit') || 'mL';
  const number = Number(text('dose'));
  const [institution, institutionCode] = [text('institutionName'), text('institutionCode')];
  const organization: Reference<Organization> = {
    type: 'Organization',
    ...(/^\d{10}$/.test(institutionCode) && { identifier: { system: INSTITUTION, value: institutionCode } }),
    ...(institution && { display: institution }),
  };
  const performer: NonNullable<Immunization['performer']> = [];
  if (text('physician')) performer.push({ actor: { display: text('physician') } });
  if (organization.identifier || organization.display) performer.push({ actor: organization });
  return {
    resourceType: 'Immunization',
    identifier: [businessIdentifier('ledger-dose', [targetKey(target), municipality, key]), ...ledgerDose],
    status: record.isDeleted === true ? 'entered-in-error' : 'completed',
    vaccineCode: vaccineConcept(sent, text('vaccineName')),
    patient: patientReference(target),
    occurrenceDateTime: date,
    // A ledger tells what a clinic reported to it.
    primarySource: false,
    reportOrigin: { text: '市区町村の予防接種記録' },
    ...(text('venue') && { location: { display: text('venue') } }),
    ...(text('manufacturer') && { manufacturer: { display: text('manufacturer') } }),
    ...(text('lotNumber') && { lotNumber: text('lotNumber') }),
    ...(amount !== undefined && {
      doseQuantity: { value: amount, unit, ...(unit === 'mL' && { system: UCUM, code: 'mL' }) },
    }),
    ...(performer.length > 0 && { performer }),
    ...(text('category') && { programEligibility: [{ coding: [{ system: CATEGORY, code: text('category') }] }] }),
    ...(text('specialReason') && { note: [{ text: text('specialReason') }] }),
    ...(Number.isInteger(number) && number > 0 && { protocolApplied: [{ doseNumberPositiveInt: number }] }),
  };
}

/** A whole day, or a month where the ledger knows no more (`YYYY-MM`). */
function isoDate(text: string): string | undefined {
  const match = /^(\d{4})-(\d\d)(?:-(\d\d))?$/.exec(text);
  const date = match && civilDate(Number(match[1]), Number(match[2]), Number(match[3] ?? 1));
  return date ? (match[3] ? date : date.slice(0, 7)) : undefined;
}
