// Messages of a Japanese hospital to FHIR, field by field (jp-formats 5.4); every resource is checked against R4 structure.
import type { Encounter, Immunization, MedicationRequest, Observation } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { mapHl7 } from '../../../mappings/hl7v2/map.ts';
import { MyNumberFound } from '../../../mappings/record.ts';
import bodyMeasurements from '../../../profiles/concept-maps/jp-body-measurement-to-loinc.json' with { type: 'json' };
import { VACCINE_SYSTEM } from '../../../server/fhir/canonical.ts';
import {
  admission,
  birth,
  discharge,
  INSTITUTION,
  jis,
  laboratory,
  message,
  msh,
  PATIENT_NUMBER,
  PATIENT_SYSTEM,
  pid,
  prescription,
  report,
  vaccination,
} from '../../support/samples/hl7v2.ts';
import { faultsOf } from '../../support/valid-entries.ts';

const options = { institution: INSTITUTION };
const map = (text: string) => mapHl7(jis(text), options);
const resources = <Type>(text: string) => map(text).entries.map(({ resource }) => resource as Type);
const observations = (text: string) =>
  map(text).entries.filter(({ resource }) => resource?.resourceType === 'Observation');

describe('RAS^O17', () => {
  it('makes a vaccination of class 06 an Immunization', () => {
    const { patient, entries, problems } = map(vaccination());
    expect(problems).toEqual([]);
    expect(patient).toEqual({ system: PATIENT_SYSTEM, value: PATIENT_NUMBER });
    expect(entries).toHaveLength(1);
    expect(entries[0]?.resource).toMatchObject({
      resourceType: 'Immunization',
      status: 'completed',
      patient: { reference: `Patient?identifier=${PATIENT_SYSTEM}|${PATIENT_NUMBER}` },
      occurrenceDateTime: '2026-09-15T10:15:00+09:00',
      vaccineCode: {
        coding: [
          { system: VACCINE_SYSTEM, code: 'DPT-IPV-Hib' },
          { system: expect.stringContaining(`/${INSTITUTION}/99XYZ`), code: 'T0001' },
        ],
        text: '五種混合（試験用コード）',
      },
      primarySource: true,
      lotNumber: 'LOT0001',
      expirationDate: '2027-03-31',
      manufacturer: { display: '試験製薬' },
      site: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0163', code: 'LA', display: '左上腕' }] },
      route: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0162', code: 'SC' }] },
      doseQuantity: { unit: 'ミリリットル', code: 'ML' },
      performer: [
        { actor: { display: '医師 一郎' } },
        { actor: { type: 'Organization', identifier: { value: INSTITUTION } } },
        { function: { coding: [{ code: 'OP' }] }, actor: { display: '医師 一郎' } },
      ],
      note: [{ text: '1回目' }],
      protocolApplied: [{ doseNumberPositiveInt: 1 }],
    });
    expect(faultsOf(entries)).toEqual([]);
  });

  it('keeps the digits of the dose', () => {
    expect(JSON.stringify(map(vaccination()).entries)).toContain('"doseQuantity":{"value":0.50,');
  });

  it('names the same dose alike each time, and another dose differently', () => {
    const condition = (text: string) => map(text).entries[0]?.request?.ifNoneExist;
    expect(condition(vaccination())).toMatch(/^identifier=http:\/\/jpfhir\.jp\/\S+\|immunization\.[0-9a-f]{32}$/);
    expect(condition(vaccination())).toBe(condition(vaccination({ charset: 'ASCII~ISO IR87' })));
    expect(condition(vaccination())).not.toBe(condition(vaccination({ product: 'T0002^BCG^99XYZ' })));
  });

  it.each([
    ['RXA-21 D', vaccination({ action: 'D' })],
    ['ORC-1 CA', vaccination({ control: 'CA' })],
  ])('withdraws by %s: replaces the same dose as entered in error', (_, text) => {
    const given = map(vaccination()).entries[0]?.request;
    const withdrawn = map(text).entries[0];
    expect((withdrawn?.resource as Immunization | undefined)?.status).toBe('entered-in-error');
    expect(withdrawn?.request).toEqual({ method: 'PUT', url: `Immunization?${given?.ifNoneExist}` });
  });

  it('keeps a vaccine it does not know as sent', () => {
    const [dose] = resources<Immunization>(vaccination({ product: 'T9^試験ワクチン^99XYZ' }));
    expect(dose?.vaccineCode).toMatchObject({
      coding: [{ code: 'T9', display: '試験ワクチン' }],
      text: '試験ワクチン',
    });
    expect(dose?.vaccineCode.coding).toHaveLength(1);
  });

  it('makes any other injection a MedicationAdministration', () => {
    const { entries } = map(vaccination().replace('06^予防接種', '00^一般'));
    expect(entries[0]?.resource).toMatchObject({ resourceType: 'MedicationAdministration', status: 'completed' });
    expect(faultsOf(entries)).toEqual([]);
  });

  it.each([
    ['a vaccine by its YJ code', '631340QD1020^試験生ワクチン^YJ', 'Immunization'],
    ['a vaccine by its name', '1^五種混合^99XYZ', 'Immunization'],
    ['another drug', '620007329^試験輸液^HOT9', 'MedicationAdministration'],
  ])('without a class takes %s for what it is', (_, product, type) => {
    const { entries } = map(vaccination({ product }).replace(/RXE.*?\r/, ''));
    expect(entries[0]?.resource?.resourceType).toBe(type);
  });

  it('says which segment lacks a date and takes nothing half', () => {
    const { entries, problems } = map(vaccination().replace('RXA|0|1|20260915101500', 'RXA|0|1|20261315'));
    expect(entries).toEqual([]);
    expect(problems).toEqual(['An RXA segment was not taken: RXA-3 (time given) is no date.']);
  });
});

describe('VXU^V04', () => {
  it('takes doses with their source, by the OID in PID-3.4, and leaves "no vaccine" out', () => {
    const { patient, entries, problems } = mapHl7(Buffer.from(report()), options);
    expect(problems).toEqual([]);
    expect(patient).toEqual({ system: 'urn:oid:2.999.1', value: PATIENT_NUMBER });
    const [told, given] = entries.map(({ resource }) => resource as Immunization);
    expect(entries).toHaveLength(2);
    expect(told).toMatchObject({
      primarySource: false,
      occurrenceDateTime: '2026-09-15',
      vaccineCode: { coding: [{ code: 'RV5' }, { code: '116' }] },
    });
    expect(told?.doseQuantity).toBeUndefined();
    expect(given).toMatchObject({
      primarySource: true,
      occurrenceDateTime: '2026-10-01T08:00:00-05:00',
      vaccineCode: { coding: [{ code: 'HepB' }, { system: 'http://hl7.org/fhir/sid/cvx', code: '08' }] },
      manufacturer: { identifier: { system: 'http://hl7.org/fhir/sid/mvx', value: 'MSD' }, display: 'Maker' },
      protocolApplied: [{ doseNumberPositiveInt: 2 }],
    });
    expect(JSON.stringify(given)).toContain('"value":0.25');
    expect(faultsOf(entries)).toEqual([]);
  });
});

describe('ORU^R01 and OUL^R22', () => {
  it('takes weight at birth to the last digit, with LOINC beside the national key', () => {
    const { entries, problems } = map(birth());
    const [weight, length, head] = entries.map(({ resource }) => resource as Observation);
    expect(JSON.stringify(weight)).toContain(
      '"valueQuantity":{"value":3.050,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}',
    );
    expect(weight).toMatchObject({
      status: 'final',
      effectiveDateTime: '2026-07-10T09:30:00+09:00',
      category: [{ coding: [{ code: 'body-measurement' }] }, { coding: [{ code: 'vital-signs' }] }],
      code: { coding: [{ code: '31002900' }, { system: 'http://loinc.org', code: '8339-4' }], text: '出生時体重' },
    });
    expect(length?.code.coding).toContainEqual(expect.objectContaining({ system: 'http://loinc.org', code: '8302-2' }));
    expect(head).toMatchObject({ valueString: '測定不能' });
    expect(problems).toEqual(['An OBX of type NM holds no number; its text was kept.']);
    expect(faultsOf(entries)).toEqual([]);
  });

  it.each(bodyMeasurements.group[0]?.element ?? [])(
    'puts the LOINC code of the map beside $code $display',
    (measure) => {
      const { entries } = map(birth().replace('31000298^身長', `${measure.code}^${measure.display}`));
      const found = entries.map(({ resource }) => (resource as Observation).code.coding?.map(({ code }) => code));
      expect(found).toContainEqual([measure.code, measure.target[0]?.code]);
    },
  );

  it('takes laboratory results with range, flag, comparator and coded value', () => {
    const { entries } = map(laboratory());
    const [protein, crp, group] = observations(laboratory()).map(({ resource }) => resource as Observation);
    expect(JSON.stringify(protein)).toContain('"value":7.20');
    expect(JSON.stringify(protein)).toContain('"low":{"value":6.70,');
    expect(protein).toMatchObject({
      category: [{ coding: [{ code: 'laboratory' }] }, { coding: [{ code: 'laboratory' }] }],
      interpretation: [{ coding: [{ code: 'L' }] }],
      specimen: { display: '血清' },
      referenceRange: [{ text: '6.70-8.3' }],
      effectiveDateTime: '2026-10-01T09:15:00+09:00',
      issued: '2026-10-01T10:30:59+09:00',
    });
    expect(crp?.valueQuantity).toMatchObject({ comparator: '<', unit: 'mg/dL' });
    expect(group?.valueCodeableConcept).toMatchObject({ coding: [{ code: 'A', display: 'A型' }] });
    expect(faultsOf(entries)).toEqual([]);
  });

  it('lets a correction replace what was sent before', () => {
    const [first] = observations(laboratory());
    const [corrected] = observations(laboratory('C'));
    expect((corrected?.resource as Observation | undefined)?.status).toBe('corrected');
    expect(corrected?.request).toEqual({ method: 'PUT', url: `Observation?${first?.request?.ifNoneExist}` });
  });
});

describe('ADT', () => {
  it('opens a stay and closes the same one', () => {
    const [open] = map(admission()).entries;
    const [closed] = map(discharge()).entries;
    expect(open?.resource).toMatchObject({
      status: 'in-progress',
      class: { code: 'IMP' },
      period: { start: '2026-07-09T16:00:00+09:00' },
    });
    expect((closed?.resource as Encounter | undefined)?.period).toEqual({
      start: '2026-07-09T16:00:00+09:00',
      end: '2026-07-15T10:00:00+09:00',
    });
    expect(closed?.request).toEqual({ method: 'PUT', url: `Encounter?${open?.request?.ifNoneExist}` });
    expect(faultsOf([...map(admission()).entries, ...map(discharge()).entries])).toEqual([]);
  });

  it('takes nothing from a change of name or address: the Patient belongs to the family', () => {
    const text = message(msh('ADT^A08^ADT_A01', '8'), 'EVN||20260716', pid, 'PV1|0001|O|09^^^^^C');
    expect(map(text)).toMatchObject({ entries: [], problems: [] });
  });

  it('keeps a weight that comes again and again without a time as one', () => {
    const adt = (control: string) =>
      map(
        message(
          msh('ADT^A08^ADT_A01', control),
          pid,
          'PV1|0001|O',
          'OBX|1|NM|9N006000000000001^体重^JC10||6.35|kg^kg^ISO+|||||F',
        ),
      );
    expect(adt('1').entries[0]?.request).toEqual(adt('2').entries[0]?.request);
    expect(adt('1').entries[0]?.resource).toMatchObject({
      code: { coding: [{}, { code: '29463-7' }, { code: '31000296' }] },
    });
  });
});

describe('RDE^O11', () => {
  it('takes each drug with its place in the RP, usage and amounts', () => {
    const { entries, problems } = map(prescription());
    expect(problems).toEqual([]);
    const [syrup, powder] = entries.map(({ resource }) => resource as MedicationRequest);
    expect(syrup?.identifier?.slice(1, 3).map(({ value }) => value)).toEqual(['1', '1']);
    expect(powder?.identifier?.slice(1, 3).map(({ value }) => value)).toEqual(['1', '2']);
    expect(JSON.parse(JSON.stringify(syrup))).toMatchObject({
      status: 'active',
      intent: 'order',
      medicationCodeableConcept: {
        coding: [{ system: 'http://medis.or.jp/CodeSystem/master-HOT9', code: '100000001' }],
      },
      authoredOn: '2026-09-20T10:30:45+09:00',
      requester: { display: '医師 一郎' },
      dosageInstruction: [
        {
          text: '内服・経口・１日３回朝昼夕食後',
          timing: {
            code: { coding: [{ code: '1013044400000000' }] },
            repeat: { boundsDuration: { value: 5, code: 'd' } },
          },
          doseAndRate: [
            {
              doseQuantity: { value: 3.5, code: 'ML' },
              rateRatio: { numerator: { value: 10.5 }, denominator: { value: 1, code: 'd' } },
            },
          ],
        },
      ],
      dispenseRequest: { quantity: { value: 52.5 }, expectedSupplyDuration: { value: 5 } },
    });
    expect(faultsOf(entries)).toEqual([]);
  });

  it('cancels by replacing the order', () => {
    const [cancelled] = map(prescription('CA')).entries;
    expect(cancelled?.resource).toMatchObject({ status: 'cancelled' });
    expect(cancelled?.request?.method).toBe('PUT');
  });
});

describe('mapHl7', () => {
  it('names a type that is not mapped', () => {
    expect(map(message(msh('ADT^A40^ADT_A39', '5'), pid))).toMatchObject({
      entries: [],
      problems: ['Messages of type ADT^A40 are not mapped.'],
    });
  });

  it('takes an order of before v2.5, and an event that only EVN-1 tells', () => {
    const type = (text: string) => map(text).entries[0]?.resource?.resourceType;
    expect(type(prescription().replace('RDE^O11^RDE_O11', 'ORM^O01'))).toBe('MedicationRequest');
    expect(type(admission().replace('ADT^A01^ADT_A01', 'ADT').replace('EVN|', 'EVN|A01'))).toBe('Encounter');
  });

  it('does not guess whose patient number it is', () => {
    expect(mapHl7(jis(vaccination()))).toMatchObject({
      patient: undefined,
      entries: [],
      problems: ['PID-3 names no institution (no OID in PID-3.4, none configured).'],
    });
    expect(map(vaccination().replace('0000012345^^^^PI', '')).problems).toEqual(['PID-3 (patient number) is missing.']);
  });

  it('refers to the Patient a person named', () => {
    const { entries } = mapHl7(jis(vaccination()), { ...options, patient: { reference: 'Patient/p1' } });
    expect((entries[0]?.resource as Immunization | undefined)?.patient).toEqual({ reference: 'Patient/p1' });
  });

  it.each([
    ['PID-3 of the national kind', vaccination().replace('0000012345^^^^PI', '0000012345^^^^PI~123456789018^^^JPN^NI')],
    ['PID-19', vaccination().replace('東京都千代田区千代田１−１', '東京都||||||||123456789018')],
    ['labelled text', vaccination().replace('1回目', '個人番号 1234 5678 9018')],
  ])('refuses a My Number in %s without repeating it', (_, text) => {
    expect(() => map(text)).toThrow(MyNumberFound);
    expect(() => map(text)).not.toThrow(/\d{4}/);
  });

  it('takes a patient number of twelve digits for what it is', () => {
    expect(map(vaccination().replace('0000012345', '123456789018')).patient?.value).toBe('123456789018');
  });
});
