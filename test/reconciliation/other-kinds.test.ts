// Dispensings, prescriptions, allergies, visits and findings that several sources tell of.
import type {
  AllergyIntolerance,
  Encounter,
  MedicationDispense,
  MedicationRequest,
  Observation,
} from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import { allergyEvents } from '../../server/reconciliation/allergies/allergies.ts';
import { findingEvents } from '../../server/reconciliation/checkups/findings.ts';
import { visitEvents } from '../../server/reconciliation/checkups/visits.ts';
import { dispensingEvents, prescriptionEvents } from '../../server/reconciliation/medication/medication.ts';
import type { Event } from '../../server/reconciliation/types.ts';

const YJ = 'http://capstandard.jp/iyaku.info/CodeSystem/YJ-code';
const subject = { reference: 'Patient/a' };

/** From which source, and its place in the list. */
const from = (source: string | undefined, n: number) => ({
  id: `${n}`,
  ...(source !== undefined && { meta: { source }, identifier: [{ system: `urn:test:${source}`, value: `${n}` }] }),
});
const groupsOf = (events: Event[]) =>
  events.map(({ members }) => members.map((one) => one.split('/')[1]).sort()).sort();

type Told<Resource> = Partial<Resource> & { by?: string };

describe('dispensings', () => {
  const events = (all: Told<MedicationDispense>[]) =>
    dispensingEvents(
      all.map(
        ({ by, ...more }, n): MedicationDispense => ({
          resourceType: 'MedicationDispense',
          ...from(by, n),
          status: 'completed',
          medicationCodeableConcept: { text: 'カロナール細粒20%' },
          subject,
          whenHandedOver: '2026-03-10',
          ...more,
        }),
      ),
      [],
    );
  const ten = { value: 10, unit: 'g' };

  test.each<[string, Told<MedicationDispense>[], string[][]]>([
    [
      'a drug in other widths',
      [{ by: 'shop' }, { medicationCodeableConcept: { text: 'ｶﾛﾅｰﾙ細粒２０％' } }],
      [['0', '1']],
    ],
    ['a claim that knows the month', [{ by: 'shop' }, { by: 'claims', whenHandedOver: '2026-03' }], [['0', '1']]],
    [
      'another drug of the prescription',
      [{ by: 'shop' }, { medicationCodeableConcept: { text: 'ムコダインDS50%' } }],
      [['0'], ['1']],
    ],
    ['the next month', [{ by: 'shop' }, { whenHandedOver: '2026-04-10' }], [['0'], ['1']]],
    ['what was not handed over', [{ by: 'shop' }, { status: 'cancelled' }], [['0']]],
    [
      'two lines of one drug, each with its own',
      [
        { by: 'shop', quantity: ten },
        { by: 'shop', quantity: { value: 5, unit: 'g' } },
        { quantity: { value: 5, unit: 'Ｇ' } },
      ],
      [['0'], ['1', '2']],
    ],
    [
      'two pharmacies on one day',
      [
        { by: 'shop', performer: [{ actor: { display: '見本薬局' } }] },
        { by: 'other', performer: [{ actor: { display: '試験調剤薬局' } }] },
      ],
      [['0'], ['1']],
    ],
    [
      'another code of one system, whatever the name',
      [
        { by: 'shop', medicationCodeableConcept: { coding: [{ system: YJ, code: '1141007C1075' }], text: '薬' } },
        { medicationCodeableConcept: { coding: [{ system: YJ, code: '1141007C1083' }], text: '薬' } },
      ],
      [['0'], ['1']],
    ],
  ])('%s', (_, all, groups) => {
    expect(groupsOf(events(all))).toEqual(groups);
  });

  test('of two thousand from two sources each is found again', () => {
    const all = Array.from({ length: 2_000 }, (_, n): Told<MedicationDispense> => {
      const day = new Date(Date.UTC(2016, 0, 1 + Math.floor(n / 8) * 14)).toISOString().slice(0, 10);
      const medicationCodeableConcept = { text: `見本薬${Math.floor(n / 2) % 4}` };
      return { by: n % 2 ? 'shop' : 'claims', whenHandedOver: day, medicationCodeableConcept };
    });
    const before = process.cpuUsage();
    expect(events(all)).toHaveLength(1_000);
    expect(process.cpuUsage(before).user / 1_000_000).toBeLessThan(3);
  });
});

test('prescriptions are compared by the day they were made', () => {
  const request = (n: number, more: Partial<MedicationRequest>): MedicationRequest => ({
    resourceType: 'MedicationRequest',
    ...from(n === 0 ? 'clinic' : undefined, n),
    status: 'completed',
    intent: 'order',
    medicationCodeableConcept: { text: 'ムコダインDS50%' },
    subject,
    ...more,
  });
  const events = (on: string | undefined) =>
    prescriptionEvents(
      [request(0, { authoredOn: '2026-03-10' }), request(1, on === undefined ? {} : { authoredOn: on })],
      [],
    );
  expect(events('2026-03-10')).toHaveLength(1);
  expect(events('2026-03-25')).toHaveLength(2);
  expect(events(undefined)).toHaveLength(2);
});

describe('allergies', () => {
  const events = (all: Told<AllergyIntolerance>[]) =>
    allergyEvents(
      all.map(
        ({ by, ...more }, n): AllergyIntolerance => ({
          resourceType: 'AllergyIntolerance',
          ...from(by, n),
          clinicalStatus: { coding: [{ code: 'active' }] },
          code: { text: '鶏卵' },
          patient: subject,
          ...more,
        }),
      ),
      [],
    );

  test.each<[string, Told<AllergyIntolerance>[], string[][]]>([
    [
      'one allergen in three words',
      [{ by: 'clinic' }, { by: 'city', code: { text: 'たまごアレルギー' } }, { code: { text: '卵' } }],
      [['0', '1', '2']],
    ],
    ['another allergen', [{ by: 'clinic' }, { code: { text: '牛乳' } }], [['0'], ['1']]],
    ['two of one source', [{ by: 'clinic' }, { by: 'clinic' }], [['0'], ['1']]],
    [
      'what was entered in error',
      [{ by: 'clinic' }, { verificationStatus: { coding: [{ code: 'entered-in-error' }] } }],
      [['0']],
    ],
  ])('%s', (_, all, groups) => {
    expect(groupsOf(events(all))).toEqual(groups);
  });

  test('one that a source has refuted is the same allergy, with a conflict', () => {
    const [event] = events([
      { by: 'clinic', verificationStatus: { coding: [{ code: 'refuted' }] } },
      { verificationStatus: { coding: [{ code: 'confirmed' }] }, clinicalStatus: { coding: [{ code: 'resolved' }] } },
    ]);
    expect(event?.conflicts.map(({ respect }) => respect)).toEqual(['clinicalStatus', 'verification']);
  });
});

describe('findings', () => {
  const weight = { coding: [{ system: 'http://loinc.org', code: '29463-7' }] };
  const events = (all: Told<Observation>[]) =>
    findingEvents(
      all.map(
        ({ by, ...more }, n): Observation => ({
          resourceType: 'Observation',
          ...from(by, n),
          status: 'final',
          code: weight,
          subject,
          effectiveDateTime: '2026-03-10',
          valueQuantity: { value: 9.85, unit: 'kg' },
          ...more,
        }),
      ),
      [],
    );

  test.each<[string, Told<Observation>[], string[][]]>([
    ['the same value in another unit', [{ by: 'city' }, { valueQuantity: { value: 9850, unit: 'g' } }], [['0', '1']]],
    ['another value of the day', [{ by: 'city' }, { valueQuantity: { value: 9.9, unit: 'kg' } }], [['0'], ['1']]],
    [
      'another thing with the same number',
      [{ by: 'city' }, { code: { coding: [{ system: 'http://loinc.org', code: '8302-2' }] } }],
      [['0'], ['1']],
    ],
    [
      'another hour',
      [
        { by: 'city', effectiveDateTime: '2026-03-10T09:00:00+09:00' },
        { effectiveDateTime: '2026-03-10T19:00:00+09:00' },
      ],
      [['0'], ['1']],
    ],
    ['another day', [{ by: 'city' }, { effectiveDateTime: '2026-03-12' }], [['0'], ['1']]],
    ['what was cancelled', [{ by: 'city' }, { status: 'cancelled' }], [['0']]],
  ])('%s', (_, all, groups) => {
    expect(groupsOf(events(all))).toEqual(groups);
  });
});

describe('visits', () => {
  const events = (all: Told<Encounter>[]) =>
    visitEvents(
      all.map(
        ({ by, ...more }, n): Encounter => ({
          resourceType: 'Encounter',
          ...from(by, n),
          status: 'finished',
          class: { code: 'AMB' },
          subject,
          period: { start: '2026-03-10' },
          ...more,
        }),
      ),
      [],
    );
  const stage = (text: string) => ({ type: [{ text }] });

  test.each<[string, Told<Encounter>[], string[][]]>([
    [
      'a check-up of one name',
      [{ by: 'city', ...stage('１歳６か月児健康診査') }, stage('1歳6か月児健康診査')],
      [['0', '1']],
    ],
    ['two check-ups of one day', [{ by: 'city', ...stage('1歳6か月児健康診査') }, stage('歯科健診')], [['0'], ['1']]],
    [
      'visits of two places on one day',
      [{ by: 'city', serviceProvider: { display: '見本医院' } }, { serviceProvider: { display: '試験病院' } }],
      [['0'], ['1']],
    ],
    ['a stay beside a visit', [{ by: 'city' }, { class: { code: 'IMP' } }], [['0'], ['1']]],
    ['what was only planned', [{ by: 'city' }, { status: 'planned' }], [['0']]],
  ])('%s', (_, all, groups) => {
    expect(groupsOf(events(all))).toEqual(groups);
  });
});
