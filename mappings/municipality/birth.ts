// One row of a municipal birth list -> the child's Patient, the RelatedPerson that joins them to the mother, and the measurements at birth.
// Mother and child are two Patients: the RelatedPerson carries her number, and no Patient.link is made.

import type { Address, CodeableConcept, HumanName, Observation, Patient, RelatedPerson } from '@medplum/fhirtypes';
import { BODY_MEASUREMENT, LOINC, OBSERVATION_CATEGORY, SIMPLE_CATEGORY, UCUM } from '../code-systems.ts';
import {
  businessIdentifier,
  type Identified,
  type PatientTarget,
  patientReference,
  replaceEntry,
  targetKey,
} from '../record.ts';
import { type BirthKey, birthColumns } from './birth-columns.ts';
import type { LedgerRow } from './ledger-reader.ts';
import { type LedgerSettings, type MappedRow, mapRow } from './mapped-row.ts';
import type { RowValues } from './row-values.ts';

/** Never throws. `person` is who the row says the child is, none where it is withdrawn. */
export function mapBirth(row: LedgerRow<BirthKey>, settings: LedgerSettings): MappedRow {
  return mapRow<BirthKey>(row, birthColumns, settings, (values, target) => {
    const isDeleted = values.isSet('deleted');
    const birthDate = values.date('birthDate');
    const gender = values.word('sex', sexes);
    if (!birthDate || !gender || isDeleted === undefined) return [];
    const about = { target, birthDate, isDeleted };
    const entries = [...motherOf(values, about, settings.system), ...observationsOf(values, about)].map(replaceEntry);
    return isDeleted
      ? { entries }
      : { entries, person: personOf(values, { system: settings.system, birthDate, gender }) };
  });
}

type Values = RowValues<BirthKey>;
type About = { target: PatientTarget; birthDate: string; isDeleted: boolean };

const sexes: Readonly<Record<string, NonNullable<Patient['gender']>>> = {
  男: 'male',
  '1': 'male',
  male: 'male',
  女: 'female',
  '2': 'female',
  female: 'female',
  その他: 'other',
  不明: 'unknown',
};

function personOf(
  values: Values,
  { system, birthDate, gender }: { system: string; birthDate: string; gender: NonNullable<Patient['gender']> },
): Patient {
  const order = values.integer('birthOrder', 1);
  const address = addressOf(values);
  return {
    resourceType: 'Patient',
    active: true,
    identifier: [{ system, value: values.text('childId') }],
    name: namesOf(
      values.text('familyName'),
      values.text('givenName'),
      values.text('familyKana'),
      values.text('givenKana'),
    ),
    gender,
    birthDate,
    ...(address && { address: [address] }),
    ...(order !== undefined && { multipleBirthInteger: order }),
  };
}

/** Characters and, where they are given, full-width kana, as JP Core tells them apart. */
function namesOf(family: string, given: string, familyKana = '', givenKana = ''): HumanName[] {
  const kana = (text: string) =>
    text.normalize('NFKC').replace(/[ぁ-ゖ]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0x60));
  const name = (representation: string, one: string, other: string): HumanName => ({
    extension: [
      { url: 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation', valueCode: representation },
    ],
    use: 'official',
    text: [one, other].filter(Boolean).join(' '),
    ...(one && { family: one }),
    ...(other && { given: [other] }),
  });
  const hasKana = familyKana !== '' || givenKana !== '';
  return [name('IDE', family, given), ...(hasKana ? [name('SYL', kana(familyKana), kana(givenKana))] : [])];
}

function addressOf(values: Values): Address | undefined {
  const [state, city, line] = [values.text('prefecture'), values.text('city'), values.text('street')];
  const postalCode = values
    .text('postalCode')
    .normalize('NFKC')
    .replace(/^(\d{3})(\d{4})$/, '$1-$2');
  if (!(state || city || line || postalCode)) return undefined;
  return {
    use: 'home',
    text: `${state}${city}${line}`,
    ...(line && { line: [line] }),
    ...(city && { city }),
    ...(state && { state }),
    ...(postalCode && { postalCode }),
    country: 'JP',
  };
}

function motherOf(values: Values, { target, isDeleted }: About, system: string): RelatedPerson[] {
  const number = values.text('motherId');
  const [family, given] = [values.text('motherFamilyName'), values.text('motherGivenName')];
  const birthDate = values.date('motherBirthDate');
  if (!(number || family || given)) return [];
  return [
    {
      resourceType: 'RelatedPerson',
      identifier: [
        businessIdentifier('ledger-birth', [targetKey(target), 'mother']),
        ...(number ? [{ system, value: number }] : []),
      ],
      active: !isDeleted,
      patient: patientReference(target),
      relationship: [{ ...coded('http://terminology.hl7.org/CodeSystem/v3-RoleCode', 'MTH', 'mother'), text: '母' }],
      ...((family || given) && { name: namesOf(family, given) }),
      ...(birthDate && { birthDate }),
    },
  ];
}

function observationsOf(values: Values, about: About): Identified[] {
  const weight = values.decimal('birthWeightG');
  const length = values.decimal('birthLengthCm');
  const weeks = values.integer('gestationalWeeks', 15);
  const days = values.integer('gestationalDays', 0) ?? 0;
  const weightCode = {
    coding: [
      loinc('8339-4', 'Birth weight Measured'),
      { system: BODY_MEASUREMENT, code: '31002900', display: '出生体重' },
    ],
  };
  const lengthCode = { coding: [loinc('89269-5', 'Body height Measured --at birth')] };
  const ageCode = { coding: [loinc('76516-4', 'Gestational age--at birth')] };
  return [
    ...(weight === undefined
      ? []
      : [observation(about, 'body-measurement', { ...weightCode, text: '出生体重' }, weight, 'g')]),
    ...(length === undefined
      ? []
      : [observation(about, 'body-measurement', { ...lengthCode, text: '出生時の身長' }, length, 'cm')]),
    ...(weeks === undefined
      ? []
      : [observation(about, 'exam', { ...ageCode, text: '在胎期間' }, weeks * 7 + days, 'd')]),
  ];
}

const loinc = (code: string, display: string) => ({ system: LOINC, code, display });
const coded = (system: string, code: string, display?: string): CodeableConcept => ({
  coding: [{ system, code, ...(display && { display }) }],
});

function observation(about: About, category: string, code: CodeableConcept, value: number, unit: string): Observation {
  return {
    resourceType: 'Observation',
    identifier: [businessIdentifier('ledger-birth', [targetKey(about.target), code.coding?.[0]?.code ?? ''])],
    status: about.isDeleted ? 'entered-in-error' : 'final',
    category: [
      coded(SIMPLE_CATEGORY, category),
      coded(OBSERVATION_CATEGORY, category === 'exam' ? 'exam' : 'vital-signs'),
    ],
    code,
    subject: patientReference(about.target),
    effectiveDateTime: about.birthDate,
    valueQuantity: { value, unit: unit === 'd' ? '日' : unit, system: UCUM, code: unit },
  };
}
