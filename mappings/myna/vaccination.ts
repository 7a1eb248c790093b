// phr-import/1 of kind vaccination-json -> Immunization. The format is our own, because the schemas behind MyNa
// Portal are not public; item names are those of Japanese vaccination ledgers.

import type { Immunization } from '@medplum/fhirtypes';
import { CANONICAL } from '../../server/fhir/canonical.ts';
import type { JsonObject } from '../../server/fhir/json.ts';
import { UCUM } from '../code-systems.ts';
import { decimal } from '../decimal.ts';
import { institutionReference } from '../institution.ts';
import {
  businessIdentifier,
  type PatientTarget,
  patientReference,
  replaceEntry,
  targetKey,
  UnreadableInput,
} from '../record.ts';
import { vaccineConcept } from '../vaccine.ts';
import { vaccinationFields } from './fields.ts';
import { codeOf, isoDate, isTrue, rowsOf, textOf } from './form.ts';
import { add, type MappedPart, type MynaContext, newPart, partsWithContent } from './subjects.ts';
import { saidOf, unknownFields } from './unknown-fields.ts';

/** Identifier system of a dose in a municipal ledger: municipality code (6 digits) and history key. */
export const LEDGER_DOSE = `${CANONICAL}/sid/municipal-vaccination`;

const CATEGORY = `${CANONICAL}/CodeSystem/vaccination-category`;

export const isVaccinations = (content: JsonObject): boolean => 'records' in content;

/** Throws UnreadableInput when the content has no list of records. A record without vaccine, date or key is left out and named. */
export function mapVaccinations(content: JsonObject, context: MynaContext): MappedPart[] {
  if (!Array.isArray(content.records))
    throw new UnreadableInput('The file has no list "records" (kind vaccination-json).');
  const part = newPart(context.patient, context);
  for (const [index, record] of rowsOf(content, 'records').entries()) {
    const dose = immunization(record, context.patient);
    if (typeof dose === 'string') part.record.problems.push(`records[${index}] was not taken: ${dose}.`);
    // A municipality corrects its ledger under the same key: the export made last stands.
    else add(part, replaceEntry(dose));
  }
  const said = saidOf(unknownFields(content, vaccinationFields));
  if (said) part.record.problems.push(said);
  return partsWithContent([part]);
}

/** The dose, or why there is none. */
function immunization(record: JsonObject, target: PatientTarget): Immunization | string {
  const text = (name: string): string => textOf(record[name]);
  const date = isoDate(text('date'));
  const key = text('historyKey');
  if (!text('vaccineName')) return 'vaccineName is missing';
  if (!date) return 'date is missing or no date of the form YYYY-MM-DD';
  if (!key) return 'historyKey is missing';
  const municipality = text('municipalityCode');
  const ledgerDose = municipality ? [{ system: LEDGER_DOSE, value: `${municipality}.${key}` }] : [];
  const kindCode = codeOf(record.vaccineKindCode);
  const sent = kindCode
    ? [{ system: `${CANONICAL}/sid/ledger-vaccine-kind`, code: kindCode, display: text('vaccineName') }]
    : [];
  const amount = decimal(text('doseQuantity'));
  const unit = text('doseUnit') || 'mL';
  const number = Number(text('dose'));
  const organization = institutionReference(text('institutionName'), text('institutionCode'));
  const performer: NonNullable<Immunization['performer']> = [];
  if (text('physician')) performer.push({ actor: { display: text('physician') } });
  if (organization) performer.push({ actor: organization });
  const isDoseNumber = Number.isInteger(number) && number > 0 && number < 100;
  const branch = text('branch') && `枝番 ${text('branch')}`;
  const notes = [text('specialReason'), text('implementationClass'), branch].filter(Boolean);
  return {
    resourceType: 'Immunization',
    identifier: [businessIdentifier('ledger-dose', [targetKey(target), municipality, key]), ...ledgerDose],
    status: isTrue(record.isDeleted) ? 'entered-in-error' : 'completed',
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
    ...(text('category') && {
      programEligibility: [{ coding: [{ system: CATEGORY, code: codeOf(record.category) }] }],
    }),
    ...(notes.length > 0 && { note: notes.map((note) => ({ text: note })) }),
    ...(isDoseNumber && { protocolApplied: [{ doseNumberPositiveInt: number }] }),
  };
}
