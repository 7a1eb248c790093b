// phr-import/1, kind mch-json (jp-formats 7.6 and 8): what is the mother's and what is the child's.
import type { BundleEntry, DiagnosticReport, Observation } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { mapMyna } from '../../../mappings/myna/map.ts';
import type { MynaContext } from '../../../mappings/myna/subjects.ts';
import { mchJson } from '../../support/samples/myna.ts';
import { faultsOf } from '../../support/valid-entries.ts';

const child = { reference: 'Patient/hikari' };
const mother = { reference: 'Patient/hanako' };
const both: MynaContext = { patient: child, mother };
const partsOf = (bytes: Uint8Array, context = both) => mapMyna(bytes, context);
const observations = (entries: readonly BundleEntry[] = []): Observation[] =>
  (JSON.parse(JSON.stringify(entries)) as BundleEntry[]).flatMap(({ resource }) =>
    resource?.resourceType === 'Observation' ? [resource as Observation] : [],
  );
const observed = (entries: readonly BundleEntry[] | undefined, text: string) =>
  observations(entries).find(({ code }) => code?.text === text);

describe('mch-json', () => {
  it('gives mother and child each what is theirs, valid by the profiles it declares', () => {
    const parts = partsOf(mchJson());
    expect(parts.map(({ patient }) => patient)).toEqual([child, mother]);
    for (const { record, patient } of parts) {
      expect(faultsOf(record.entries)).toEqual([]);
      expect(record.message).toEqual({ id: '', time: '2026-12-01T09:00:00+09:00' });
      const other = patient === child ? 'hanako' : 'hikari';
      expect(JSON.stringify(record.entries)).not.toContain(other);
    }
  });

  it('reads a visit in pregnancy', () => {
    const entries = partsOf(mchJson())[1]?.record.entries;
    expect(JSON.stringify(entries)).toContain('"value":58.40');
    expect(observed(entries, '妊娠週数')?.valueQuantity).toMatchObject({ value: 224, code: 'd' });
    expect(observed(entries, '血圧')?.component).toHaveLength(2);
    expect(observed(entries, '尿蛋白')?.valueCodeableConcept).toMatchObject({ coding: [{ code: 'trace' }], text: '±' });
    expect(observed(entries, '浮腫')?.valueCodeableConcept).toMatchObject({ coding: [{ code: 'none' }] });
    expect(observed(entries, '風しん抗体価')?.valueCodeableConcept).toEqual({ text: '32倍' });
    expect(observed(entries, '未処置のむし歯の数')?.valueInteger).toBe(2);
    const report = entries?.find(({ resource }) => resource?.resourceType === 'DiagnosticReport')?.resource;
    expect(report).toMatchObject({
      code: { coding: [{ code: 'pregnancy' }] },
      category: [{ coding: [{ code: '44' }] }],
      conclusionCode: [{ coding: [{ code: 'normal' }] }],
      performer: [{ display: '見本産婦人科', identifier: { value: '1310000001' } }],
    });
    expect((report as DiagnosticReport | undefined)?.result?.length).toBeGreaterThan(15);
  });

  it('puts the delivery into the mother’s record and gestation at birth into the child’s', () => {
    const [of, ofMother] = partsOf(mchJson());
    expect(observed(ofMother?.record.entries, '分娩時出血量')?.valueQuantity).toMatchObject({ value: 320, code: 'mL' });
    expect(observed(ofMother?.record.entries, '分娩時の輸血')?.valueBoolean).toBe(false);
    expect(
      ofMother?.record.entries.find(({ resource }) => resource?.resourceType === 'Procedure')?.resource,
    ).toMatchObject({
      performedDateTime: '2026-07-10T03:15:00+09:00',
      code: { coding: [{ code: 'vaginal' }] },
      note: [{ text: '良好' }, { text: '妊娠40週0日' }],
    });
    expect(observed(of?.record.entries, '在胎期間')?.valueQuantity).toMatchObject({ value: 280, code: 'd' });
    expect(observed(of?.record.entries, '出生体重')).toMatchObject({ effectiveDateTime: '2026-07-10T03:15:00+09:00' });
    expect(observed(of?.record.entries, '新生児聴覚検査')).toMatchObject({
      valueCodeableConcept: { coding: [{ code: 'refer' }] },
      effectivePeriod: { start: '2026-07-10T03:15:00+09:00' },
    });
    expect(observed(of?.record.entries, '新生児マススクリーニング')).toMatchObject({
      effectiveDateTime: '2026-07-15',
      valueCodeableConcept: { coding: [{ code: 'pass' }], text: '正常' },
    });
  });

  it('reads a check-up of a child with findings, judgement and answers', () => {
    const entries = partsOf(mchJson())[0]?.record.entries;
    expect(observed(entries, '皮膚')).toMatchObject({
      code: { coding: [{ code: 'skin' }] },
      valueCodeableConcept: { coding: [{ code: 'present' }] },
      note: [{ text: '乳児湿疹' }],
    });
    expect(observed(entries, '試験項目')).toMatchObject({ code: { text: '試験項目' }, valueString: '試験' });
    expect(observed(entries, '視力（右）')?.valueQuantity).toMatchObject({ value: 0.8 });
    expect(observed(entries, '尿潜血')?.valueCodeableConcept).toMatchObject({ coding: [{ code: '1+' }] });
    const types = entries?.map(({ resource }) => resource?.resourceType);
    expect(types?.filter((type) => type === 'DiagnosticReport')).toHaveLength(2);
    expect(entries?.find(({ resource }) => resource?.resourceType === 'QuestionnaireResponse')?.resource).toMatchObject(
      {
        authored: '2026-11-12',
        item: [
          { linkId: 'q1', text: 'あやすと笑いますか', answer: [{ valueBoolean: true }] },
          { linkId: 'q2', answer: [{ valueString: 'ときどき' }] },
        ],
      },
    );
  });

  it('leaves what is sensitive out and says so, and takes it as restricted where the person agreed', () => {
    const bytes = mchJson(({ pregnancyVisits }) =>
      Object.assign(pregnancyVisits[0]?.tests ?? {}, { hiv: '陰性', syphilis: '陰性' }),
    );
    const [of, ofMother] = partsOf(bytes);
    expect(JSON.stringify([of, ofMother])).not.toMatch(/HIV|梅毒|喫煙/);
    expect(of?.record.problems).toContain(
      'infantCheckups[0].questionnaire[2] is sensitive and was left out; it is taken only with consent to "sensitive".',
    );
    const [agreed, agreedMother] = partsOf(bytes, { ...both, takesSensitive: true });
    expect(observed(agreedMother?.record.entries, 'HIV')?.meta?.security).toEqual([
      { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' },
      { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' },
    ]);
    const responses = agreed?.record.entries.filter(
      ({ resource }) => resource?.resourceType === 'QuestionnaireResponse',
    );
    expect(responses).toHaveLength(2);
    expect(responses?.[1]?.resource?.meta?.security?.[0]?.code).toBe('R');
    expect(faultsOf([...(agreed?.record.entries ?? []), ...(agreedMother?.record.entries ?? [])])).toEqual([]);
  });

  it('leaves a test of an unknown name to the original and says so', () => {
    const bytes = mchJson(({ pregnancyVisits }) => Object.assign(pregnancyVisits[0]?.tests ?? {}, { shiken: '陽性' }));
    const parts = partsOf(bytes);
    expect(JSON.stringify(parts)).not.toContain('陽性');
    expect(parts[0]?.record.problems.join()).toContain('pregnancyVisits[].tests.shiken');
  });

  it('takes what is the mother’s only when her record was named', () => {
    const [only, ...others] = partsOf(mchJson(), { patient: child });
    expect(others).toEqual([]);
    expect(only?.record.problems.join()).toContain('no record of hers was named');
    expect(JSON.stringify(only?.record.entries)).not.toMatch(/妊娠週数|分娩/);
    expect(observed(only?.record.entries, '出生体重')).toBeDefined();
  });

  it('takes nothing of a child’s from an export that is the mother’s own', () => {
    const [own, ...others] = partsOf(mchJson(), { patient: mother, mother });
    expect(others).toEqual([]);
    expect(own?.record.problems.join()).toContain('no record of the child was named');
    expect(observed(own?.record.entries, '出生体重')).toBeUndefined();
    expect(observed(own?.record.entries, '腹囲')).toBeDefined();
  });

  it('withdraws a check-up that was deleted at the source, under the same identifiers', () => {
    const before = partsOf(mchJson())[1]?.record.entries ?? [];
    const after =
      partsOf(mchJson(({ pregnancyVisits }) => Object.assign(pregnancyVisits[0] ?? {}, { isDeleted: true })))[1]?.record
        .entries ?? [];
    expect(after.map(({ request }) => request)).toEqual(before.map(({ request }) => request));
    const ofVisit = after.filter(({ resource }) => resource?.resourceType !== 'Procedure').slice(0, 5);
    expect(ofVisit.map(({ resource }) => (resource as Observation).status)).toEqual(Array(5).fill('entered-in-error'));
  });

  it.each<[string, (content: Parameters<NonNullable<Parameters<typeof mchJson>[0]>>[0]) => void, string]>([
    ['a visit without a day', (c) => delete c.pregnancyVisits[0]?.visitDate, 'pregnancyVisits[0] was not taken'],
    [
      'a weight that is none',
      (c) => Object.assign(c.infantCheckups[0] ?? {}, { weightKg: '約6kg' }),
      'infantCheckups[0].weightKg was not taken',
    ],
    ['a newborn without a day of birth', (c) => Object.assign(c, { delivery: {} }), 'newborn was not taken'],
    [
      'a check-up of no type',
      (c) => delete c.infantCheckups[1]?.type,
      'infantCheckups[1] was not taken: type is missing',
    ],
    ['an Apgar score of 11', (c) => Object.assign(c.newborn, { apgar1: 11 }), 'newborn.apgar1 was not taken'],
  ])('says that %s was not taken', (_, change, expected) => {
    const parts = partsOf(mchJson(change));
    expect(parts.flatMap(({ record }) => record.problems).join('\n')).toContain(expected);
    for (const { record } of parts) expect(faultsOf(record.entries)).toEqual([]);
  });
});
