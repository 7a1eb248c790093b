// Every other kind of message of a Japanese hospital (SS-MIX2 2.1, jp-formats 5.3) to FHIR, and its withdrawal.
import type { Appointment, BundleEntry, Condition, Resource } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { mapHl7 } from '../../../mappings/hl7v2/map.ts';
import { INSTITUTION, jis, message, msh, pid } from '../../support/samples/hl7v2.ts';
import {
  allergy,
  appointment,
  basics,
  disease,
  drip,
  history,
  imagingDone,
  imagingOrder,
  laboratoryOrder,
  letter,
  meals,
  pharmacyOrder,
  physiology,
  vitalSigns,
} from '../../support/samples/hl7v2-hospital.ts';
import { faultsOf } from '../../support/valid-entries.ts';

function map(text: string): { entries: BundleEntry[]; problems: string[] } {
  const { entries, problems } = mapHl7(jis(text), { institution: INSTITUTION });
  expect(faultsOf(entries)).toEqual([]);
  return { entries, problems };
}

const all = (text: string, type: string): Resource[] =>
  map(text)
    .entries.flatMap(({ resource }) => resource ?? [])
    .filter(({ resourceType }) => resourceType === type);
const one = (text: string, type: string): Resource | undefined => all(text, type)[0];

/** The identifier by which an entry is found again. */
const keys = (text: string, type: string): string[] =>
  map(text)
    .entries.filter(({ resource }) => resource?.resourceType === type)
    .map(({ request }) => (request?.ifNoneExist ?? request?.url.split('?')[1]) as string);

describe('PPR^ZD1', () => {
  it('takes a disease with its modifiers, codes, outcome and dates', () => {
    const found = one(disease(), 'Condition') as Condition;
    expect(found).toMatchObject({
      extension: [{ valueCodeableConcept: { coding: [{ code: 'N' }] } }],
      clinicalStatus: { coding: [{ code: 'active' }] },
      verificationStatus: { coding: [{ code: 'provisional' }] },
      code: { text: '急性気管支炎の疑い', coding: [{ code: '20061525' }, { code: 'B6AB' }, { code: 'J40' }] },
      onsetDateTime: '2026-07-20',
      recordedDate: '2026-07-21',
      recorder: { display: '医師 一郎' },
      note: [{ text: '経過観察' }],
    });
    expect(found.code?.extension?.map(({ url }) => url.split('_').at(-1))).toEqual([
      'DiseasePrefixModifier',
      'DiseasePostfixModifier',
    ]);
  });

  it.each([
    ['F^治癒^HL70241', '20260801', 'resolved', '2026-08-01'],
    ['S^後遺症^HL70241', '20260801', 'inactive', '2026-08-01'],
    ['N^回復せず^HL70241', '', 'active', undefined],
  ])('ends with the outcome %s of %s as %s', (outcome, ended, status, abatement) => {
    const found = one(disease({ outcome, ended }), 'Condition') as Condition;
    expect(found.clinicalStatus?.coding?.[0]?.code).toBe(status);
    expect(found.abatementDateTime).toBe(abatement);
  });

  it('withdraws the same disease by PRB-1 DE', () => {
    const withdrawn = one(disease({ action: 'DE' }), 'Condition') as Condition;
    expect(withdrawn.verificationStatus?.coding?.[0]?.code).toBe('entered-in-error');
    expect(withdrawn.clinicalStatus).toBeUndefined();
    expect(keys(disease({ action: 'DE' }), 'Condition')).toEqual(keys(disease(), 'Condition'));
  });

  it('takes the insurance with symbol and number as they were written', () => {
    expect(one(disease(), 'Coverage')).toMatchObject({
      extension: [{ valueString: 'あいう' }, { valueString: '１８７' }],
      subscriberId: '１８７',
      relationship: { coding: [{ code: 'CHD' }] },
      period: { start: '2026-07-10', end: '2027-03-31' },
      payor: [{ identifier: { value: '06139999' }, display: '試験健康保険組合' }],
    });
  });
});

describe('allergies', () => {
  it('take what IAM says', () => {
    expect(one(allergy(), 'AllergyIntolerance')).toMatchObject({
      clinicalStatus: { coding: [{ code: 'active' }] },
      verificationStatus: { coding: [{ code: 'confirmed' }] },
      type: 'allergy',
      category: ['medication'],
      code: { coding: [{ code: '620000001' }], text: '試験抗生剤' },
      onsetDateTime: '2026-07-01',
      recordedDate: '2026-07-02T09:00:00+09:00',
      recorder: { display: '医師 一郎' },
      asserter: { display: '試験 母' },
      reaction: [{ severity: 'severe', manifestation: [{ text: '発疹' }, { text: '呼吸困難' }] }],
      note: [{ text: '家族の申告' }],
    });
  });

  it.each([
    ['IAM-6 D', allergy({ action: 'D' })],
    ['IAM-17 E', allergy({ clinical: 'E', action: 'U' })],
  ])('are withdrawn by %s', (_, text) => {
    const found = one(text, 'AllergyIntolerance');
    expect(found).toMatchObject({ verificationStatus: { coding: [{ code: 'entered-in-error' }] } });
    expect(found).not.toHaveProperty('clinicalStatus');
    expect(keys(text, 'AllergyIntolerance')).toEqual(keys(allergy(), 'AllergyIntolerance'));
  });

  it('ride on any message as AL1, and are the same there; one without a substance is said', () => {
    expect(one(basics(), 'AllergyIntolerance')).toMatchObject({
      category: ['food'],
      code: { text: '鶏卵' },
      reaction: [{ severity: 'moderate', manifestation: [{ text: '蕁麻疹' }, { text: '咳' }] }],
    });
    expect(map(basics()).problems).toEqual(['An AL1 segment was not taken: AL1-3 (substance) is empty.']);
    expect(keys(drip(), 'AllergyIntolerance')).toEqual(keys(basics(), 'AllergyIntolerance'));
  });
});

describe('drugs', () => {
  it('given by a drip keep how long, where, with what and what was noted', () => {
    expect(one(drip(), 'MedicationAdministration')).toMatchObject({
      status: 'completed',
      effectivePeriod: { start: '2026-07-10T10:30:00+09:00', end: '2026-07-10T11:30:00+09:00' },
      device: [{ display: '点滴ポンプ' }],
      note: [{ text: 'ゆっくり' }, { text: '終了時に発赤なし' }],
      dosage: { site: { text: '左上腕' }, method: { text: '点滴' }, dose: { unit: 'ミリリットル' } },
    });
  });

  it('that were refused say why', () => {
    expect(one(drip({ completion: 'RE' }), 'MedicationAdministration')).toMatchObject({
      status: 'not-done',
      statusReason: [{ text: '本人拒否' }],
    });
  });

  it('ordered without codes (RXO) are orders as well', () => {
    expect(one(pharmacyOrder(), 'MedicationRequest')).toMatchObject({
      status: 'on-hold',
      identifier: [{}, { value: '2' }, { value: '1' }, { value: '000000000000778' }],
      recorder: { display: '入力者 花子' },
      note: [{ text: '冷所保存' }],
      dosageInstruction: [{ patientInstruction: '泣いたら後で', additionalInstruction: [{ text: 'よく振る' }] }],
      dispenseRequest: { numberOfRepeatsAllowed: 1 },
    });
    expect(one(pharmacyOrder('CA'), 'MedicationRequest')).toMatchObject({ status: 'cancelled' });
    expect(keys(pharmacyOrder('CA'), 'MedicationRequest')).toEqual(keys(pharmacyOrder(), 'MedicationRequest'));
  });

  it('in another place of an order are other orders; another drug in the same place replaces', () => {
    const other = pharmacyOrder().replace('100000001^試験シロップ', '100000009^試験散');
    expect(keys(other, 'MedicationRequest')).toEqual(keys(pharmacyOrder(), 'MedicationRequest'));
  });
});

describe('examinations', () => {
  it('of the laboratory are ordered one by one, of one specimen', () => {
    const [protein, crp] = all(laboratoryOrder(), 'ServiceRequest');
    expect(protein).toMatchObject({
      status: 'active',
      priority: 'stat',
      category: [{ coding: [{ code: '108252007' }] }],
      code: { text: '総蛋白' },
      occurrenceDateTime: '2026-09-15T09:00:00+09:00',
      authoredOn: '2026-09-15T08:30:00+09:00',
      requester: { display: '医師 一郎' },
      reasonCode: [{ text: '発熱' }, { text: '発熱' }],
    });
    expect(crp).toMatchObject({ code: { text: 'CRP' }, note: [{ text: '空腹時' }] });
    expect(one(laboratoryOrder(), 'Specimen')).toMatchObject({
      type: { coding: [{ system: expect.stringContaining('SampleMaterial'), code: '023' }] },
      collection: { collectedDateTime: '2026-09-15T09:00:00+09:00', bodySite: { text: '肘静脈' } },
      receivedTime: '2026-09-15T09:30:00+09:00',
    });
    expect(all(laboratoryOrder('CA'), 'ServiceRequest')).toMatchObject([{ status: 'revoked' }, { status: 'revoked' }]);
    expect(keys(laboratoryOrder('CA'), 'ServiceRequest')).toEqual(keys(laboratoryOrder(), 'ServiceRequest'));
  });

  it('by picture are one whole, its parts, and what was told beside them', () => {
    const [whole, part, ...more] = all(imagingOrder(), 'ServiceRequest');
    expect(more).toEqual([]);
    const weight = map(imagingOrder()).entries.find(({ resource }) => resource?.resourceType === 'Observation');
    expect(whole).toMatchObject({
      supportingInfo: [{ reference: weight?.fullUrl }],
      occurrencePeriod: { start: '2026-09-16T10:00:00+09:00', end: '2026-09-16T10:30:00+09:00' },
    });
    expect(part).toMatchObject({ basedOn: [{ identifier: { value: '000000000000500' } }] });
  });

  it('that were done say by whom, when, with what, and what was seen', () => {
    const procedure = map(imagingDone()).entries.find(({ resource }) => resource?.resourceType === 'Procedure');
    expect(procedure?.resource).toMatchObject({
      status: 'completed',
      identifier: [
        {},
        { value: '000000000000500' },
        { value: 'A20260916' },
        { value: 'urn:oid:1.2.392.200036.9999.1' },
      ],
      performedPeriod: { start: '2026-09-16T10:05:00+09:00', end: '2026-09-16T10:15:00+09:00' },
      performer: [
        { function: { text: '放射線技師' }, actor: { display: '試験 技師' } },
        { actor: { type: 'Organization' } },
      ],
      reasonCode: [{ text: '咳' }],
      usedCode: [{ text: '試験造影剤 1管' }, { text: '試験器具' }],
      note: [{ text: '撮影' }, { text: '泣いて動いた' }],
    });
    expect(one(imagingDone(), 'Observation')).toMatchObject({
      partOf: [{ reference: procedure?.fullUrl }],
      valueString: '異常なし',
    });
    expect(one(imagingDone('CA'), 'Procedure')).toMatchObject({ status: 'entered-in-error' });
    expect(keys(imagingDone('CA'), 'Procedure')).toEqual(keys(imagingDone(), 'Procedure'));
  });

  it('with results make a report that points to them', () => {
    const { entries } = map(physiology());
    const [result, report] = entries.map(({ resource }) => resource);
    expect(result).toMatchObject({
      category: [{ coding: [{ code: 'procedure' }] }, { coding: [{ code: 'procedure' }] }],
      bodySite: { text: '左腕' },
      method: { text: '１２誘導' },
      note: [{ text: '自動解析' }],
      performer: [{ display: '医師 一郎' }, { display: '見本病院' }],
    });
    expect(report).toMatchObject({
      resourceType: 'DiagnosticReport',
      status: 'final',
      category: [{ coding: [{ code: 'EC' }] }],
      effectivePeriod: { end: '2026-09-15T10:05:00+09:00' },
      issued: '2026-09-15T11:00:00+09:00',
      resultsInterpreter: [{ display: '医師 一郎' }],
      result: [{ reference: entries[0]?.fullUrl }],
    });
  });

  it('at the bedside are vital signs, without a report', () => {
    const { entries } = map(vitalSigns());
    expect(entries.map(({ resource }) => resource?.resourceType)).toEqual(['Observation', 'Observation']);
    expect(entries[0]?.resource).toMatchObject({ category: [{ coding: [{ code: 'vital-signs' }] }, {}] });
  });
});

describe('OMD^O03', () => {
  it('takes a diet with its days and what else is said', () => {
    expect(one(meals(), 'NutritionOrder')).toMatchObject({
      status: 'active',
      dateTime: '2026-07-09T17:00:00+09:00',
      orderer: { display: '医師 一郎' },
      oralDiet: {
        type: [{ text: '離乳食中期' }],
        schedule: [{ repeat: { boundsPeriod: { start: '2026-07-10', end: '2026-07-15' } } }],
        instruction: '卵を除く、朝食',
      },
      supplement: [{ type: { text: '調乳' } }],
      note: [{ text: '母子同室' }],
    });
    expect(one(meals('CA'), 'NutritionOrder')).toMatchObject({ status: 'revoked' });
    expect(keys(meals('CA'), 'NutritionOrder')).toEqual(keys(meals(), 'NutritionOrder'));
  });
});

describe('SIU', () => {
  it('takes an appointment with its length, place and purpose', () => {
    expect(one(appointment(), 'Appointment')).toMatchObject({
      status: 'booked',
      start: '2026-10-15T14:00:00+09:00',
      end: '2026-10-15T14:15:00+09:00',
      minutesDuration: 15,
      serviceType: [{ text: '再診' }, { text: '五種混合' }],
      reasonCode: [{ text: '予防接種' }],
      comment: '母子手帳を持参',
      participant: [{ actor: {} }, { actor: { display: '医師 一郎' } }, { actor: { display: '見本医院 予防接種室' } }],
    });
  });

  it.each([
    ['S12', 'booked'],
    ['S13', 'booked'],
    ['S14', 'booked'],
    ['S15', 'cancelled'],
    ['S16', 'cancelled'],
    ['S17', 'entered-in-error'],
    ['S26', 'noshow'],
  ])('%s leaves it %s', (event, status) => {
    expect((one(appointment({ event }), 'Appointment') as Appointment).status).toBe(status);
    expect(keys(appointment({ event }), 'Appointment')).toEqual(keys(appointment(), 'Appointment'));
  });

  it('says when no time is given, unless it is off', () => {
    const without = (event: string) => message(msh(`SIU^${event}^SIU_S12`, 'x'), 'SCH|P-1|F-1', pid);
    expect(map(without('S12')).problems).toEqual([
      'The appointment was not taken: SCH-11, TQ1-7 and AIS-4 give no time of day.',
    ]);
    expect(one(without('S15'), 'Appointment')).toMatchObject({ status: 'cancelled' });
  });
});

describe('MDM', () => {
  it('takes a document with its lines as one text', () => {
    expect(one(letter(), 'DocumentReference')).toMatchObject({
      status: 'current',
      docStatus: 'final',
      type: { coding: [{ code: '57133-1' }] },
      date: '2026-09-15T11:45:00+09:00',
      author: [{ display: '医師 一郎' }],
      relatesTo: [{ code: 'appends' }],
      content: [
        {
          attachment: {
            contentType: 'text/plain; charset=utf-8',
            data: Buffer.from('お世話になります\n発熱の精査をお願いします').toString('base64'),
            title: '紹介状',
          },
        },
      ],
    });
    expect(one(letter('T11'), 'DocumentReference')).toMatchObject({ status: 'entered-in-error' });
  });
});

describe('RSP^K11', () => {
  it('takes each dose of a history with what stands beside it, and none that was not given', () => {
    const [first, second, ...more] = all(history(), 'Immunization');
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      recorded: '2026-09-11',
      isSubpotent: true,
      programEligibility: [{ text: 'Not eligible' }],
      fundingSource: { text: 'Private' },
      education: [{ documentType: 'Hep B VIS', presentationDate: '2026-09-10' }],
      reaction: [{ date: '2026-09-11', detail: { reference: expect.stringContaining('urn:uuid:') } }],
      note: [{ text: 'cried' }],
    });
    expect(second).toMatchObject({
      primarySource: false,
      protocolApplied: [
        { series: 'DTaP', doseNumberPositiveInt: 1, seriesDosesPositiveInt: 5 },
        { series: 'Hep B', doseNumberPositiveInt: 2 },
      ],
    });
  });
});

describe('a message', () => {
  it('is named with the time it was made, to the fraction', () => {
    const named = (time: string) => mapHl7(jis(basics(time)), { institution: INSTITUTION }).message ?? { time: '?' };
    expect(named('20260720090000.3399')).toEqual({
      id: 'basics-20260720090000.3399',
      time: '2026-07-20T09:00:00.3399+09:00',
    });
    expect(named('20260720090000-0500').time).toBe('2026-07-20T09:00:00-05:00');
    expect(named('soon').time).toBe('');
  });

  it('that says the same twice is taken once, and two things with the same keys are both kept', () => {
    const obx = (n: number, text: string) => `OBX|${n}|TX|MS3-24^所見^JSHR||${text}||||||F`;
    const done = (...lines: string[]) => imagingDone().replace('IPC|', `${lines.join('\r')}\rIPC|`);
    expect(all(done(obx(6, '異常なし').replace('|6|', '|7|')), 'Observation')).toHaveLength(1);
    const both = all(done(obx(7, '撮り直し')), 'Observation');
    expect(both).toMatchObject([{ valueString: '異常なし' }, { valueString: '撮り直し' }]);
    expect(both[0]?.resourceType === 'Observation' && both[0].identifier).not.toEqual(
      both[1]?.resourceType === 'Observation' && both[1].identifier,
    );
  });
});
