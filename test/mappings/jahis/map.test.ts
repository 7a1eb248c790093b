// JAHIS notebook to FHIR (jp-formats 6.1, 6.2); every resource is checked against R4 structure.
import type {
  AllergyIntolerance,
  CareTeam,
  Communication,
  MedicationDispense,
  MedicationRequest,
  Resource,
} from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { mapJahis } from '../../../mappings/jahis/map.ts';
import { MyNumberFound, UnreadableInput } from '../../../mappings/record.ts';
import { notebook, notebookFile } from '../../support/samples/jahis.ts';
import { faultsOf } from '../../support/valid-entries.ts';

const child = { reference: 'Patient/hana' };
const map = (lines: readonly string[]) => mapJahis(notebookFile(lines), child);
const ofType = <Type extends Resource>(lines: readonly string[], type: Type['resourceType']): Type[] =>
  map(lines).entries.flatMap(({ resource }) => (resource?.resourceType === type ? [resource as Type] : []));
const dispenses = (lines: readonly string[]) =>
  JSON.parse(JSON.stringify(ofType<MedicationDispense>(lines, 'MedicationDispense'))) as MedicationDispense[];
const changed = (from: string, to: string) => notebook.map((line) => line.replace(from, to));

describe('mapJahis', () => {
  it('makes a dispense of each drug, with pharmacy, pharmacist and notes', () => {
    const { entries, problems } = map(notebook);
    expect(problems).toEqual([]);
    expect(faultsOf(entries)).toEqual([]);
    const [syrup, powder, ointment] = dispenses(notebook);
    expect(syrup).toMatchObject({
      status: 'completed',
      subject: child,
      whenHandedOver: '2026-09-20',
      medicationCodeableConcept: {
        text: 'ｼｹﾝｼﾛｯﾌﾟ5%',
        coding: [
          {
            system: 'http://capstandard.jp/iyaku.info/CodeSystem/YJ-code',
            code: '1141007Q1000',
            display: 'シケンシロップ5%',
          },
          { code: '1141007QAZZZ', display: '【般】試験シロップ' },
        ],
      },
      performer: [
        { actor: { display: '薬剤 次郎' } },
        { actor: { display: 'テスト薬局', identifier: { value: '1340000002' } } },
      ],
      note: [{ authorString: '医療関係者', text: '正しい飲み方は薬袋をご覧ください。' }],
      dosageInstruction: [
        {
          additionalInstruction: [
            { coding: [{ code: '281' }], text: 'よく振ってから' },
            { coding: [{ code: '311' }], text: '食後すぐに' },
          ],
        },
      ],
    });
    expect([syrup, powder, ointment].map((one) => one?.identifier?.slice(1).map(({ value }) => value))).toEqual([
      ['1', '1'],
      ['1', '2'],
      ['2', '1'],
    ]);
    // The code of the powder stands behind a space in the file.
    expect(powder?.medicationCodeableConcept?.coding?.[0]?.code).toBe('620000001');
  });

  it('reads an oral amount as per day, another as total', () => {
    const [syrup, powder, ointment] = dispenses(notebook);
    expect(syrup).toMatchObject({ quantity: { value: 52.5, unit: 'mL' }, daysSupply: { value: 5, code: 'd' } });
    expect(syrup?.dosageInstruction).toMatchObject([
      {
        text: '【分３ 毎食後服用】',
        timing: { code: { coding: [{ code: '1013044400000000' }] } },
        doseAndRate: [{ doseQuantity: { value: 3.5 }, rateRatio: { numerator: { value: 10.5 } } }],
      },
    ]);
    // 0.7 g in three doses has no exact single dose.
    expect(powder?.quantity?.value).toBe(3.5);
    expect(powder?.dosageInstruction?.[0]?.doseAndRate?.[0]?.doseQuantity).toBeUndefined();
    expect(ointment).toMatchObject({ quantity: { value: 25, unit: 'g' } });
    expect(ointment?.daysSupply).toBeUndefined();
    expect(ointment?.dosageInstruction?.[0]?.doseAndRate).toBeUndefined();
  });

  it('reads an amount taken as needed as per dose', () => {
    const [syrup] = dispenses(
      changed('301,1,【分３ 毎食後服用】,5,日分,1,2,1013044400000000,1', '301,1,発熱時,4,回分,3,1,,1'),
    );
    expect(syrup).toMatchObject({
      quantity: { value: 42 },
      dosageInstruction: [{ asNeededBoolean: true, doseAndRate: [{ doseQuantity: { value: 10.5 } }] }],
    });
    expect(syrup?.daysSupply).toBeUndefined();
  });

  it('points to a stub prescription when somebody prescribed, in the same transaction', () => {
    const { entries } = map(notebook);
    const [stub] = ofType<MedicationRequest>(notebook, 'MedicationRequest');
    expect(stub).toMatchObject({
      status: 'completed',
      intent: 'order',
      requester: { display: '見本こどもクリニック 小児科 医師 一郎' },
    });
    const [syrup] = ofType<MedicationDispense>(notebook, 'MedicationDispense');
    const pointed = entries.find(({ fullUrl }) => fullUrl === syrup?.authorizingPrescription?.[0]?.reference);
    expect(pointed?.resource).toEqual(stub);
    const own = notebook.filter((line) => !/^5[15],/.test(line));
    expect(ofType(own, 'MedicationRequest')).toEqual([]);
    expect(dispenses(own)[0]?.authorizingPrescription).toBeUndefined();
  });

  it('takes allergies as unconfirmed, OTC drugs with ingredients, memos', () => {
    const [food, drug] = ofType<AllergyIntolerance>(notebook, 'AllergyIntolerance');
    expect(food).toMatchObject({ code: { text: '鶏卵' }, verificationStatus: { coding: [{ code: 'unconfirmed' }] } });
    expect(drug).toMatchObject({ category: ['medication'], code: { text: '試験シロップで発疹' } });
    expect(ofType(notebook, 'MedicationStatement')).toMatchObject([
      {
        status: 'completed',
        medicationCodeableConcept: { text: '試験かぜシロップ', coding: [{ code: '4900000000000' }] },
        effectivePeriod: { start: '2026-09-01', end: '2026-09-03' },
        informationSource: { display: '患者等' },
        contained: [
          {
            resourceType: 'Medication',
            ingredient: [{ itemCodeableConcept: { text: 'アセトアミノフェン', coding: [{ code: '1141007' }] } }],
          },
        ],
        derivedFrom: [{ reference: '#ingredients' }],
      },
    ]);
    expect(ofType(notebook, 'Communication')).toMatchObject([
      { sent: '2026-09-20', payload: [{ contentString: '食後に体調を記録してください' }] },
    ]);
  });

  it('names each record alike when the notebook comes again, and apart for another child', () => {
    const conditions = (id: string) =>
      mapJahis(notebookFile(notebook), { reference: `Patient/${id}` }).entries.map(
        ({ request }) => request?.ifNoneExist,
      );
    expect(conditions('a')).toEqual(conditions('a'));
    expect(new Set([...conditions('a'), ...conditions('b')]).size).toBe(2 * conditions('a').length);
  });

  it('knows the same dispensing from an app that left numbers out, wrote full width and counted RPs anew', () => {
    const own = notebook.map((line) =>
      line
        .replace('テスト薬局,13,4,0000002', 'ﾃｽﾄ薬局,,,')
        .replace('ｼｹﾝｼﾛｯﾌﾟ', 'シケンシロップ')
        .replace(/^(201|281|301|311),1,/, '$1,7,')
        .replace('JAHISTC08,1', 'JAHISTC04,2'),
    );
    const urls = (lines: readonly string[]) =>
      map(lines).entries.flatMap(({ resource, fullUrl }) =>
        resource?.resourceType.startsWith('Medication') ? [fullUrl] : [],
      );
    expect(urls(own).sort()).toEqual(urls(notebook).sort());
  });

  it('puts a longer notebook behind a shorter one by its newest day, and names a split one', () => {
    expect(map(notebook).message).toEqual({ id: '', time: '2026-09-20' });
    expect(map([...notebook, '601,夜に咳,20261001', '911,20261001093000,1,1']).message).toEqual({
      id: '20261001093000',
      time: '2026-10-01T09:30:00+09:00',
    });
    // No moment, or one before what the notebook tells of.
    for (const id of ['12345678901234', '20260919093000', '20261001996000'])
      expect(map([...notebook, `911,${id},1,1`]).message).toEqual({ id, time: '2026-09-20' });
  });

  it('keeps the words of shop and family about a dispensing, each with who said it', () => {
    const lines = [
      ...notebook,
      '411,入院中に発疹,30,1',
      '421,残薬は5包,1',
      '601,昼に眠くなった,20260921',
      '2,9,嚥下に注意,2',
    ];
    const said = ofType<Communication>(lines, 'Communication').map(({ category, sender, sent, about, payload }) => [
      category?.[0]?.text,
      sender?.display,
      sent,
      about?.length ?? 0,
      payload?.[0]?.contentString,
    ]);
    expect(said).toEqual([
      ['手帳メモ', '医療関係者', '2026-09-20', 0, '食後に体調を記録してください'],
      ['その他の特記', '患者等', undefined, 0, '嚥下に注意'],
      ['入院中の副作用', '医療関係者', '2026-09-20', 3, '入院中に発疹'],
      ['残薬確認', '医療関係者', '2026-09-20', 3, '残薬は5包'],
      ['患者等記入', '患者等', '2026-09-21', 3, '昼に眠くなった'],
    ]);
    expect(faultsOf(map(lines).entries)).toEqual([]);
  });

  it('tells family entries from professional ones by their tag', () => {
    const creators = map(changed('2,1,鶏卵,1', '2,1,鶏卵,2')).entries.map(
      ({ resource }) => `${resource?.resourceType} ${resource?.meta?.tag?.[0]?.code ?? '-'}`,
    );
    expect(new Set(creators)).toEqual(
      new Set([
        'AllergyIntolerance 2',
        'AllergyIntolerance 1',
        'MedicationStatement 2',
        'Communication 1',
        'MedicationDispense 1',
        'MedicationRequest -',
      ]),
    );
  });

  it('names the family pharmacist with shop, telephone and period', () => {
    const [team] = ofType<CareTeam>([...notebook, '701,薬剤 次郎,テスト薬局,03-0000-0000,R080401,,1'], 'CareTeam');
    expect(team).toMatchObject({
      status: 'active',
      period: { start: '2026-04-01' },
      contained: [{ name: [{ text: '薬剤 次郎' }], telecom: [{ value: '03-0000-0000' }] }],
      participant: [{ member: { display: '薬剤 次郎' }, onBehalfOf: { display: 'テスト薬局' } }],
    });
  });

  it.each([
    // form, unit of the quantity -> what 10.5 mL means
    ['1', '日分', 'day'],
    ['2', '調剤', 'total'],
    ['3', '回分', 'dose'],
    ['4', '調剤', 'total'],
    ['5', '調剤', 'total'],
    ['6', '調剤', 'total'],
    ['6', '日分', 'day'],
    ['7', '日分', 'day'],
    ['9', '調剤', 'total'],
    ['10', '日分', 'day'],
    ['', '回分', 'dose'],
    ['', '調剤', 'total'],
    ['', '', 'unknown'],
    ['10', '', 'unknown'],
  ])('reads the amount of form "%s" in "%s" as of: %s', (form, unit, expected) => {
    const [syrup] = dispenses(
      changed('301,1,【分３ 毎食後服用】,5,日分,1,', `301,1,【分３ 毎食後服用】,5,${unit},${form},`),
    );
    const rate = syrup?.dosageInstruction?.[0]?.doseAndRate?.[0];
    const meaning =
      rate?.rateRatio?.numerator?.value === 10.5
        ? 'day'
        : rate?.doseQuantity?.value === 10.5
          ? 'dose'
          : syrup?.quantity?.value === 10.5
            ? 'total'
            : 'unknown';
    expect(meaning).toBe(expected);
    if (expected === 'unknown') expect(syrup?.dosageInstruction?.[0]?.text).toContain('10.5mL');
  });

  it.each([
    ['2', '620000001', 'urn:oid:1.2.392.100495.20.2.71'],
    ['3', '1141007Q1000', 'urn:oid:1.2.392.100495.20.2.72'],
    ['4', '1141007Q1000', 'http://capstandard.jp/iyaku.info/CodeSystem/YJ-code'],
    ['6', '103297001', 'http://medis.or.jp/CodeSystem/master-HOT9'],
    ['6', '1032970', 'http://medis.or.jp/CodeSystem/master-HOT7'],
    ['6', '1032970010101', 'http://medis.or.jp/CodeSystem/master-HOT13'],
    ['1', '710010093', 'https://tsumugi.example/fhir/sid/jahis/drug-code-1'],
    ['8', 'X1', 'https://tsumugi.example/fhir/sid/jahis/drug-code-8'],
  ])('names the drug code of kind %s (%s) by %s', (kind, code, system) => {
    const [syrup] = dispenses(changed('mL,4,1141007Q1000', `mL,${kind},${code}`));
    expect(syrup?.medicationCodeableConcept?.coding?.[0]).toMatchObject({ system, code });
  });

  it('takes a dispensing once that stands twice in a file, with all that was said about it', () => {
    const block = notebook.slice(notebook.findIndex((line) => line.startsWith('5,')));
    const twice = [...notebook, '601,一度目,20260921', ...block, '601,二度目,20260922'];
    expect(dispenses(twice)).toEqual(dispenses(notebook));
    expect(ofType<Communication>(twice, 'Communication').flatMap(({ about }) => about?.length ?? [])).toEqual([3, 3]);
    expect(map(twice).problems).toEqual(['Line 22: the dispensing was there before; it is taken once.']);
    // Another day, shop, prescriber, drug or usage makes another one.
    const others = ['R080920 R080921', 'テスト薬局 別の薬局', 'クリニック 医院', '医師 先生', '軟膏 クリーム'];
    for (const other of others) {
      const [from = '', to = ''] = other.split(' ');
      const changed = block.map((line) => line.replace(from, to));
      expect(dispenses([...notebook, ...changed])).toHaveLength(6);
    }
  });

  it('keeps two equal drugs of one RP apart', () => {
    const twice = notebook.flatMap((line) => (line.startsWith('201,2') ? [line, line] : [line]));
    expect(dispenses(twice)).toHaveLength(4);
  });

  it.each([
    ['2,1,,1', 'Line 3: record 2 without text is kept only in the original.'],
    ['31,7,成分,2,1,2', 'Line 3: record 31 (ingredient) belongs to no OTC drug (record 3).'],
    ['999,新しい記録', 'Line 3: record 999 stands before any dispensing date (record 5).'],
    ['201,1,試験錠,1,錠,1,,1', 'Line 3: record 201 stands before any dispensing date (record 5).'],
  ])('does not lose %s silently', (line, problem) => {
    expect(map([...notebook.slice(0, 2), line, ...notebook.slice(2)]).problems).toEqual([problem]);
  });

  it.each([
    [
      '201,1,ｼｹﾝｼﾛｯﾌﾟ5%,10.5',
      '201,1,ｼｹﾝｼﾛｯﾌﾟ5%,適量',
      'Line 13: the amount of a drug (record 201) is no number and is kept in words.',
    ],
    ['201,1,ｼｹﾝｼﾛｯﾌﾟ5%', '201,1,', 'Line 13: a drug (record 201) was not taken: its name is empty.'],
    ['5,R080920', '5,R081399', 'Line 8: the dispensing date (record 5) is no date; its drugs were not taken.'],
    ['501,正しい', '999,正しい', 'Line 20: record 999 is not known and is kept only in the original.'],
  ])('names what it could not take: %s -> %s', (from, to, problem) => {
    expect(map(changed(from, to)).problems).toContain(problem);
  });

  it('reads short lines of old versions, an end mark, and UTF-8 with a remark', () => {
    const old = [
      'JAHISTC01,1',
      '1,試験 花子,2,20260710',
      '5,20260920',
      '201,1,試験錠,1,錠,1',
      '301,1,朝食後,3,日分,1',
      '\u001a',
    ];
    expect(dispenses(old)).toHaveLength(1);
    const utf8 = mapJahis(Buffer.from(notebook.join('\r\n')), child);
    expect(utf8.problems).toEqual(['The file is in UTF-8 instead of Windows-31J.']);
    expect(utf8.entries).toEqual(map(notebook).entries);
  });

  it('does not take half-width kana for UTF-8', () => {
    // ﾃｱ is C3 B1 in Windows-31J, which is a valid UTF-8 "ñ".
    const lines = ['JAHISTC08,1', '1,TEST,2,20260710', '5,20260920,1', '201,1,ﾃｱ,1,T,1,,1'];
    expect(dispenses(lines)[0]?.medicationCodeableConcept?.text).toBe('ﾃｱ');
  });

  it.each<[string, Uint8Array, string]>([
    ['two formats in one', notebookFile([...notebook, 'JAHIS10', '1,1,1234567,13,病院']), 'hand them in one by one'],
    ['no header', notebookFile(['1,試験 花子']), 'header of a JAHIS notebook'],
    ['a field of no end', notebookFile([...notebook, `501,${'あ'.repeat(1001)}`]), 'more than 1000 characters'],
    ['nothing', new Uint8Array(), 'header of a JAHIS notebook'],
    ['broken Shift_JIS', Buffer.concat([notebookFile(notebook), Buffer.of(0x81, 0x20)]), 'not valid Shift_JIS'],
    ['a line that is no record', notebookFile([...notebook, '薬']), 'does not begin with a record number'],
    ['one part of two', notebookFile([...notebook, '911,12345678901234,2,1']), 'part 2 is missing'],
  ])('refuses %s', (_, bytes, expected) => {
    expect(() => mapJahis(bytes, child)).toThrow(UnreadableInput);
    expect(() => mapJahis(bytes, child)).toThrow(expected);
  });

  it('refuses a My Number', () => {
    expect(() => map(changed('よく振ってから', 'マイナンバー 123456789018'))).toThrow(MyNumberFound);
  });
});
