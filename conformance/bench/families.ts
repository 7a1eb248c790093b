// The invented families that the benchmark stores: children of about seven years with a full vaccination history as it was
// usual for their birth years, and growth measurements. Everything follows from a number, so every run stores the same.
import type { Immunization, Observation, Patient } from '@medplum/fhirtypes';
import vaccines from '../../profiles/code-systems/vaccine.json' with { type: 'json' };
import { CANONICAL } from '../../server/fhir/canonical.ts';
import { formatDay, parseDay } from '../../server/forecast/days.ts';

export const identifierSystem = `${CANONICAL}/sid/bench-child`;
/** All histories are complete by this day. */
export const assessmentDate = '2026-04-01';

/** Vaccine and age in days of the 30 doses. */
const doses: readonly (readonly [string, number])[] = [
  ...agesOf('RV1', [62, 92]),
  ...agesOf('HepB', [62, 92, 215]),
  ...agesOf('PCV13', [62, 92, 122, 380]),
  ...agesOf('Hib', [62, 92, 122, 380]),
  ...agesOf('DPT-IPV', [95, 123, 151, 540]),
  ...agesOf('BCG', [165]),
  ...agesOf('MR', [370, 2100]),
  ...agesOf('VAR', [370, 560]),
  ...agesOf('MUMPS', [372, 2110]),
  ...agesOf('JE', [1110, 1138, 1500]),
  ...agesOf('IIV', [500, 528, 865]),
];
const measuredAtDays = [30, 60, 100, 190, 300, 365, 560, 730, 1100, 1460];
const firstBirthDay = parseDay('2018-01-10');
const births = 700;
const displays = new Map(vaccines.concept.map(({ code, display }) => [code, display]));

/** Child `n`, counted from 0. */
export function child(n: number): Patient {
  const isGirl = n % 2 === 0;
  return {
    resourceType: 'Patient',
    identifier: [{ system: identifierSystem, value: identifierOf(n) }],
    name: [
      { use: 'official', text: `試験 ${isGirl ? '花子' : '太郎'}`, family: '試験', given: [isGirl ? '花子' : '太郎'] },
      {
        use: 'official',
        text: `シケン ${isGirl ? 'ハナコ' : 'タロウ'}`,
        family: 'シケン',
        given: [isGirl ? 'ハナコ' : 'タロウ'],
      },
    ],
    telecom: [{ system: 'phone', value: `000-0000-${String(n % 10_000).padStart(4, '0')}`, use: 'home' }],
    gender: isGirl ? 'female' : 'male',
    birthDate: formatDay(birthDay(n)),
    address: [
      { use: 'home', state: '見本県', city: '見本市', line: [`試験町${n}番地`], postalCode: '000-0000', country: 'JP' },
    ],
  };
}

export const identifierOf = (n: number): string => `BENCH-${String(n).padStart(6, '0')}`;

/** Dose `index` (0 to 29) of child `n`, for the patient of that reference. */
export function immunization(n: number, index: number, patient: string): Immunization {
  const [vaccine, ageDays] = doses[index % doses.length] ?? ['MR', 370];
  const display = displays.get(vaccine);
  if (display === undefined) throw new Error(`profiles/code-systems/vaccine.json has no code ${vaccine}`);
  const doseNumber = doses.slice(0, index + 1).filter(([code]) => code === vaccine).length;
  return {
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: { coding: [{ system: `${CANONICAL}/CodeSystem/vaccine`, code: vaccine, display }] },
    patient: { reference: patient },
    occurrenceDateTime: formatDay(birthDay(n) + ageDays + (n % 5)),
    primarySource: true,
    lotNumber: `TEST${n % 90}${index}`,
    performer: [{ actor: { display: '見本クリニック' } }],
    protocolApplied: [{ doseNumberPositiveInt: doseNumber || 1 }],
  };
}

/** Measurement `index` (0 to 19): weight and height in turn. */
export function observation(n: number, index: number, patient: string): Observation {
  const ageDays = measuredAtDays[Math.floor(index / 2) % measuredAtDays.length] ?? 30;
  const isWeight = index % 2 === 0;
  const value = isWeight ? 3.5 + ageDays / 110 + (n % 7) / 10 : 52 + ageDays / 28 + (n % 9) / 10;
  return {
    resourceType: 'Observation',
    status: 'final',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
    ],
    code: {
      coding: [
        isWeight
          ? { system: 'http://loinc.org', code: '29463-7', display: 'Body weight' }
          : { system: 'http://loinc.org', code: '8302-2', display: 'Body height' },
      ],
    },
    subject: { reference: patient },
    effectiveDateTime: formatDay(birthDay(n) + ageDays),
    valueQuantity: {
      value: Math.round(value * 10) / 10,
      unit: isWeight ? 'kg' : 'cm',
      system: 'http://unitsofmeasure.org',
      code: isWeight ? 'kg' : 'cm',
    },
  };
}

/** A transaction Bundle of one child with that many doses and measurements, as JSON text. */
export function familyTransaction(n: number, doseCount: number, measurementCount: number): string {
  const patient = urn(n, 0);
  const resources = [
    child(n),
    ...Array.from({ length: doseCount }, (_, index) => immunization(n, index, patient)),
    ...Array.from({ length: measurementCount }, (_, index) => observation(n, index, patient)),
  ];
  return transaction(resources.map((resource, index) => ({ fullUrl: urn(n, index), resource })));
}

/** A transaction Bundle that creates these resources, as JSON text. */
export function transaction(entries: { fullUrl?: string; resource: Patient | Immunization | Observation }[]): string {
  const entry = entries.map((one) => ({ ...one, request: { method: 'POST', url: one.resource.resourceType } }));
  return JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry });
}

const urn = (n: number, index: number): string =>
  `urn:uuid:00000000-0000-4000-8000-${n.toString(16).padStart(8, '0')}${index.toString(16).padStart(4, '0')}`;

const birthDay = (n: number): number => (firstBirthDay ?? 0) + ((n * 37) % births);

function agesOf(vaccine: string, agesDays: number[]): (readonly [string, number])[] {
  return agesDays.map((ageDays) => [vaccine, ageDays] as const);
}
