// One row of a municipal vaccination ledger -> Immunization. The same dose keeps its identifier (municipality and history key, as
// MyNa Portal names it too), so that a later row corrects it and a withdrawn one marks it.

import type { Immunization } from '@medplum/fhirtypes';
import { CANONICAL } from '../../server/fhir/canonical.ts';
import { UCUM } from '../code-systems.ts';
import { LEDGER_DOSE } from '../myna/vaccination.ts';
import { businessIdentifier, patientReference, replaceEntry, targetKey } from '../record.ts';
import { vaccineConcept } from '../vaccine.ts';
import type { LedgerRow } from './ledger-reader.ts';
import { institutionOf, type LedgerSettings, ledgerKey, type MappedRow, mapRow } from './mapped-row.ts';
import type { RowValues } from './row-values.ts';
import { type VaccinationKey, vaccinationColumns } from './vaccination-columns.ts';

/** Never throws: what is wrong with the row is in its faults, and without what is required there are no entries. */
export function mapVaccination(row: LedgerRow<VaccinationKey>, settings: LedgerSettings): MappedRow {
  return mapRow(row, vaccinationColumns, settings, (values, target) => {
    const key = ledgerKey(values, settings);
    const date = values.date('date');
    const isDeleted = values.isSet('deleted');
    const status = isDeleted ? 'entered-in-error' : statusOf(values);
    if (key === undefined || date === undefined || status === undefined || isDeleted === undefined) return [];
    const [kind, name] = [values.text('vaccineKindCode'), values.text('vaccineNameCode')];
    const sent = [
      ...(kind ? [{ system: `${CANONICAL}/sid/ledger-vaccine-kind`, code: kind }] : []),
      ...(name ? [{ system: `${CANONICAL}/sid/ledger-vaccine-name`, code: name }] : []),
    ];
    const [maker, makerCode] = [values.text('manufacturerName'), values.text('manufacturerCode')];
    const amount = values.decimal('doseQuantity');
    const dose = values.integer('dose', 1);
    const category = values.word('legalClass', categories);
    const performer = performersOf(values);
    const immunization: Immunization = {
      resourceType: 'Immunization',
      identifier: [
        businessIdentifier('ledger-dose', [targetKey(target), ...key.parts]),
        { system: LEDGER_DOSE, value: key.parts.join('.') },
      ],
      status,
      vaccineCode: vaccineConcept(sent, values.text('vaccineName')),
      patient: patientReference(target),
      occurrenceDateTime: date,
      // A ledger tells what a clinic reported to it.
      primarySource: false,
      reportOrigin: { text: '市区町村の予防接種記録' },
      ...(status === 'not-done' && { statusReason: { text: values.text('implementationClass') } }),
      ...(values.text('venue') && { location: { display: values.text('venue') } }),
      ...((maker || makerCode) && {
        manufacturer: {
          ...(makerCode && { identifier: { system: `${CANONICAL}/sid/ledger-manufacturer`, value: makerCode } }),
          ...(maker && { display: maker }),
        },
      }),
      ...(values.text('lotNumber') && { lotNumber: values.text('lotNumber') }),
      ...(amount !== undefined && { doseQuantity: { value: amount, unit: 'mL', system: UCUM, code: 'mL' } }),
      ...(performer.length > 0 && { performer }),
      ...(category && {
        programEligibility: [
          {
            coding: [{ system: `${CANONICAL}/CodeSystem/vaccination-category`, code: category }],
            text: values.text('legalClass'),
          },
        ],
      }),
      ...(values.text('specialReason') && { note: [{ text: values.text('specialReason') }] }),
      ...(dose !== undefined && { protocolApplied: [{ doseNumberPositiveInt: dose }] }),
    };
    return [replaceEntry(immunization)];
  });
}

function statusOf(values: RowValues<VaccinationKey>): 'completed' | 'not-done' | undefined {
  return values.text('implementationClass') === '' ? 'completed' : values.word('implementationClass', implementations);
}

// Words of the layout; the codes that systems use for them are not public, so a code is a fault and not a guess.
const implementations = {
  実施: 'completed',
  接種: 'completed',
  接種済: 'completed',
  completed: 'completed',
  未実施: 'not-done',
  見合わせ: 'not-done',
  予診のみ: 'not-done',
  'not-done': 'not-done',
} as const;

const categories: Readonly<Record<string, string>> = {
  定期a類: 'routine-A',
  'routine-a': 'routine-A',
  a類: 'routine-A',
  定期b類: 'routine-B',
  'routine-b': 'routine-B',
  b類: 'routine-B',
  臨時: 'temporary',
  temporary: 'temporary',
  任意: 'voluntary',
  voluntary: 'voluntary',
};

function performersOf(values: RowValues<VaccinationKey>): NonNullable<Immunization['performer']> {
  const physician = values.text('physician');
  const institution = institutionOf(values);
  return [...(physician ? [{ actor: { display: physician } }] : []), ...(institution ? [{ actor: institution }] : [])];
}
