// The invented families that the benchmark stores: children with a full vaccination history as it was usual for their birth
// years, or a few doses, and growth measurements. Everything follows from a number, so every run stores the same.
import type { Immunization, Observation, Patient } from '@medplum/fhirtypes';
import vaccines from '../../profiles/code-systems/vaccine.json' with { type: 'json' };
import { CANONICAL } from '../../server/fhir/canonical.ts';
import { formatDay, parseDay } from '../../server/forecast/days.ts';
import { nameOf, roll, skewed } from './invented.ts';

export const identifierSystem = `${CANONICAL}/sid/bench-child`;
/** All histories are complete by this day. */
export const assessmentDate = '2026-04-01';
/** Children from this number on are the population: born over 14 years, their doses spread over 20. */
export const populationFrom = 10_000_000;
/** A code that many people have, and one that `rareDose` alone gives. */
export const commonVaccine = 'IIV';
export const rareVaccine = 'YF';
/** A lot that one dose in ten is of, and a clinic that gives about one in nine. */
export const hotLot = 'TEST-LOT-1';
export const hotClinic = 'Organization/bench-clinic-1';

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
const displays = new Map(vaccines.concept.map(({ code, display }) => [code, display]));
const codesByUse = [commonVaccine, ...vaccines.concept.map(({ code }) => code)].filter(
  (code, n, all) => code !== rareVaccine && all.indexOf(code) === n,
);
const clinics = 400;
const lots = 3000;

/** Child `n`, counted from 0. */
export function child(n: number): Patient {
  const isGirl = n % 2 === 0;
  const { kanji, kana } = nameOf(n);
  return {
    resourceType: 'Patient',
    identifier: [{ system: identifierSystem, value: identifierOf(n) }],
    name: [kanji, kana].map(({ family, given }) => ({
      use: 'official',
      text: `${family} ${given}`,
      family,
      given: [given],
    })),
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
  const doseNumber = doses.slice(0, index + 1).filter(([code]) => code === vaccine).length;
  return {
    ...doseOf(vaccine, formatDay(birthDay(n) + ageDays + (n % 5)), patient, n * 50 + index),
    // As of what an organization writes: on a card stands nothing else.
    meta: { source: `${CANONICAL}/Organization/bench-clinic` },
    protocolApplied: [{ doseNumberPositiveInt: doseNumber || 1 }],
  };
}

/** One of the few doses of a child without a full history: some code at some age, the first codes far more often. */
export function someDose(n: number, index: number, patient: string): Immunization {
  const which = n * 50 + index;
  const vaccine = codesByUse[skewed(codesByUse.length, which, 1)] ?? commonVaccine;
  return doseOf(vaccine, formatDay(birthDay(n) + 60 + Math.floor(roll(which, 2) * 2200)), patient, which);
}

export const rareDose = (n: number, patient: string): Immunization =>
  doseOf(rareVaccine, formatDay(birthDay(n) + 300 + (n % 900)), patient, n * 50);

/** `which` chooses lot and clinic. */
function doseOf(vaccine: string, date: string, patient: string, which: number): Immunization {
  const display = displays.get(vaccine);
  if (display === undefined) throw new Error(`profiles/code-systems/vaccine.json has no code ${vaccine}`);
  const lot = which % 10 === 3 ? hotLot : `TEST${skewed(lots, which, 3)}`;
  const clinic = `Organization/bench-clinic-${1 + skewed(clinics, which, 4)}`;
  return {
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: { coding: [{ system: `${CANONICAL}/CodeSystem/vaccine`, code: vaccine, display }] },
    patient: { reference: patient },
    occurrenceDateTime: date,
    primarySource: true,
    lotNumber: lot,
    performer: [{ actor: { reference: clinic, display: '見本クリニック' } }],
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

const birthDay = (n: number): number =>
  n < populationFrom
    ? (parseDay('2018-01-10') ?? 0) + ((n * 37) % 700)
    : (parseDay('2006-01-10') ?? 0) + Math.floor(roll(n, 0) * 5200);

function agesOf(vaccine: string, agesDays: number[]): (readonly [string, number])[] {
  return agesDays.map((ageDays) => [vaccine, ageDays] as const);
}
