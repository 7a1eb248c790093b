// JAHIS out-of-hospital prescription to FHIR (jp-formats 6.3); every resource is checked against R4 and, where it has a day, our
// profile of prescriptions.
import type { Coverage, MedicationRequest, Resource } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { mapJahis } from '../../../mappings/jahis/map.ts';
import type { JsonObject } from '../../../server/fhir/json.ts';
import { profiles, unmet } from '../../profiles/guide.ts';
import { notebookFile } from '../../support/samples/jahis.ts';
import { prescription } from '../../support/samples/jahis-prescription.ts';
import { faultsOf } from '../../support/valid-entries.ts';

const child = { reference: 'Patient/hana' };
const map = (lines: readonly string[]) => mapJahis(notebookFile(lines), child);
const ofType = <Type extends Resource>(lines: readonly string[], type: Type['resourceType']): Type[] =>
  JSON.parse(JSON.stringify(map(lines).entries.map(({ resource }) => resource))).filter(
    (one: Resource) => one.resourceType === type,
  );
const requests = (lines: readonly string[]) => ofType<MedicationRequest>(lines, 'MedicationRequest');
const changed = (from: string | RegExp, to: string) => prescription.map((line) => line.replace(from, to));

describe('a JAHIS prescription', () => {
  it('is valid, keeps to the profile of prescriptions, and leaves nothing unsaid', () => {
    const { entries, problems, message } = map(prescription);
    expect(problems).toEqual([]);
    expect(faultsOf(entries)).toEqual([]);
    expect(message).toEqual({ id: '', time: '2026-09-15' });
    const profile = profiles.find(({ id }) => id === 'medication-request');
    if (!profile) throw new Error('no profile');
    expect(requests(prescription).flatMap((one) => unmet(one as unknown as JsonObject, profile))).toEqual([]);
  });

  it('tells who prescribed, where, and of which department', () => {
    const [first] = requests(prescription);
    expect(first).toMatchObject({
      status: 'active',
      intent: 'order',
      authoredOn: '2026-09-15',
      requester: { reference: '#prescriber', display: '見本こどもクリニック 小児科 医師 一郎' },
      groupIdentifier: { value: '1234567890123456' },
      contained: [
        {
          resourceType: 'Organization',
          identifier: [{ value: '1310000001' }],
          name: '見本こどもクリニック',
          telecom: [
            { system: 'phone', value: '03-0000-0000' },
            { system: 'fax', value: '03-0000-0001' },
            { system: 'other', value: 'yakuzai@example.jp' },
          ],
          address: [{ text: '東京都千代田区千代田１－１', postalCode: '100-0001' }],
        },
        {
          resourceType: 'Practitioner',
          identifier: [{ value: 'D-7' }],
          name: [
            { text: '医師 一郎', family: '医師', given: ['一郎'] },
            { text: 'イシ イチロウ', family: 'イシ', given: ['イチロウ'] },
          ],
          qualification: [{ identifier: [{ value: 'N-123' }] }],
        },
        {
          resourceType: 'PractitionerRole',
          practitioner: { reference: '#doctor' },
          organization: { reference: '#institution' },
          specialty: [{ coding: [{ code: '09' }], text: '小児科' }],
        },
      ],
    });
  });

  it('reads oral drugs per day, with uneven doses, supplements, substitution and the whole', () => {
    const [powder, generic] = requests(prescription);
    expect(powder).toMatchObject({
      medicationCodeableConcept: {
        text: 'ｼｹﾝ細粒10%',
        coding: [{ code: '1141007B1000', display: 'シケン細粒10%' }],
      },
      dosageInstruction: [
        {
          text: '１日３回朝昼夕食後 透析日に服用',
          timing: {
            repeat: { frequency: 3, period: 1, periodUnit: 'd' },
            code: { coding: [{ code: '1013044400000000' }] },
          },
          additionalInstruction: [
            { coding: [{ code: 'I1100000' }, { code: '8' }], text: '１日おき' },
            { coding: [{ code: 'V11NNNNN' }], text: '1回目: 1ｇ' },
            { coding: [{ code: 'V20.6NNN' }], text: '2回目: 0.6ｇ' },
            { coding: [{ code: 'V30.5NNN' }], text: '3回目: 0.5ｇ' },
            { coding: [{ code: 'T1000000' }, { code: '7' }], text: '水で溶いて' },
          ],
          method: { coding: [{ system: 'urn:oid:1.2.392.100495.20.2.21', code: '1' }], text: '内服' },
          doseAndRate: [
            {
              type: { coding: [{ code: '2', display: '原薬量' }] },
              rateRatio: { numerator: { value: 2.1, unit: 'ｇ' } },
            },
          ],
        },
      ],
      dispenseRequest: {
        validityPeriod: { start: '2026-09-15', end: '2026-09-18' },
        numberOfRepeatsAllowed: 2,
        quantity: { value: 29.4, unit: 'ｇ' },
        expectedSupplyDuration: { value: 14, code: 'd' },
      },
      substitution: {
        allowedCodeableConcept: { coding: [{ code: '1', display: '変更不可' }], text: '後発品変更不可' },
      },
      note: [
        { text: '一包化: 一包化してください' },
        { text: '残薬確認: 保険医療機関へ情報提供' },
        { text: '分割指示: 3回のうち1回目' },
        { text: '分割回ごとの調剤数量: 7（総調剤数量 14）' },
        { text: '単位変換係数: 250（薬価収載単位）' },
      ],
    });
    expect(powder?.dosageInstruction?.[0]?.doseAndRate?.[0]?.doseQuantity).toBeUndefined();
    expect(generic?.dosageInstruction?.[0]?.doseAndRate).toMatchObject([
      { doseQuantity: { value: 0.3 }, rateRatio: { numerator: { value: 0.9 } } },
    ]);
    expect(generic?.medicationCodeableConcept?.coding?.[0]?.system).toContain('MedicationGeneralOrderCode');
  });

  it('reads what is taken as needed per dose, and what is put on skin as amount × quantity', () => {
    const [, , suppository, ointment] = requests(prescription);
    expect(suppository).toMatchObject({
      dosageInstruction: [
        { text: '発熱時', asNeededBoolean: true, doseAndRate: [{ doseQuantity: { value: 1, unit: '個' } }] },
      ],
      dispenseRequest: { quantity: { value: 5 } },
      substitution: { allowedBoolean: true, reason: { text: '先発希望' } },
    });
    expect(suppository?.dispenseRequest?.expectedSupplyDuration).toBeUndefined();
    expect(ointment).toMatchObject({
      dosageInstruction: [{ site: { text: '左耳', coding: [{ code: '42L' }] }, timing: { repeat: { frequency: 2 } } }],
      dispenseRequest: { quantity: { value: 10, unit: 'ｇ' } },
    });
    expect(ointment?.dosageInstruction?.[0]?.doseAndRate).toBeUndefined();
  });

  it('makes a Coverage of the insurance and of each public payer, and points the drugs to them', () => {
    const coverages = ofType<Coverage>(prescription, 'Coverage');
    expect(coverages).toMatchObject([
      {
        identifier: [{}, { value: '06139999:１２:３４５６:05' }],
        type: { coding: [{ code: '1', display: '医保' }] },
        subscriberId: '３４５６',
        relationship: { coding: [{ code: '2', display: '被扶養者' }] },
        payor: [{ identifier: { value: '06139999' } }],
        class: [{ value: '3', name: '６歳未満' }, { value: '1', name: '職務上' }, { value: '1116' }],
        costToBeneficiary: [{ valueQuantity: { value: 20, unit: '%' } }, { valueQuantity: { value: 80 } }],
      },
      {
        type: { coding: [{ code: '8' }] },
        subscriberId: '1234567',
        payor: [{ identifier: { value: '88139999' } }],
        order: 1,
      },
      { subscriberId: '９９', payor: [{ display: '特－１２' }], order: 4 },
    ]);
    const { entries } = map(prescription);
    expect(requests(prescription)[0]?.insurance?.map(({ reference }) => reference)).toEqual(
      entries.slice(0, 3).map(({ fullUrl }) => fullUrl),
    );
  });

  it('is the same prescription when its code is read again, and another one by day, doctor or part', () => {
    const urls = (lines: readonly string[]) => new Set(requests(lines).map(({ identifier }) => identifier?.[0]?.value));
    const isApart = (lines: readonly string[]) => urls(lines).isDisjointFrom(urls(changed(/^82,.*/, '')));
    expect(urls(changed('ｼｹﾝ細粒', 'シケン細粒'))).toEqual(urls(prescription));
    expect(isApart(changed(/^82,.*/, ''))).toBe(false);
    for (const line of ['51,5080916', '63,3,2', '5,D-8,,医師 二郎', '4,2,19,皮膚科', '1,1,0000002,13,別'])
      expect(isApart(changed(/^82,.*/, '').map((one) => (one.split(',')[0] === line.split(',')[0] ? line : one)))).toBe(
        true,
      );
  });

  it.each([
    ['201,1,1,1,4', '201,1,1,620000001,Acetaminophen', 'its fields are not where the format has them'],
    ['ｼｹﾝ細粒10%,2.1', 'ｼｹﾝ細粒10%,適量', 'the amount of a drug (record 201) is kept in words only'],
    ['101,1,1,,14', '', 'RP 1 has no record 101'],
    ['51,5080915', '51,5081399', 'The day of issue (record 51) is missing or no date'],
    ['211,1,1,250', '211,1,9,250', 'record 211 belongs to no drug'],
    ['12,2', '13,5', 'record 13 is there twice'],
    ['211,1,1,250', '999,1', 'record 999 is not known'],
    ['1141007B1000', '１１４１００７号', 'the drug code is no code'],
  ])('says what it could not take: %s -> %s', (from, to, problem) => {
    const { entries, problems } = map(changed(from, to));
    expect(problems.join(' ')).toContain(problem);
    expect(faultsOf(entries)).toEqual([]);
  });

  it('takes nothing, not even the insurance, from a code without drugs', () => {
    const { entries, problems } = map(prescription.filter((line) => !line.startsWith('201,')));
    expect(entries).toEqual([]);
    expect(problems).toContain('The prescription holds no drug (record 201) that could be taken.');
  });
});
