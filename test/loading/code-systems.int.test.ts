// Code systems from their release formats, invented but in exactly those, and what the tables answer about them.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { shippedDefinitions } from '../../server/definitions/shipped.ts';
import { loadFile } from '../../server/loading/load-file.ts';
import { createLargeCodeSystems } from '../../server/store/large-code-systems.ts';
import { followLoaded, type LoadedDefinitions } from '../../server/store/loaded-definitions.ts';
import { listLoaded, pruneLoaded, removeLoaded } from '../../server/store/loading.ts';
import { migrate } from '../../server/store/migrate.ts';
import { openPool, type Pool } from '../../server/store/pool.ts';
import type { LargeCodeSystems, LargeFilter } from '../../server/terminology/large-code-systems.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';
import { zipOf } from './archives.ts';

let database: FreshDatabase;
let pool: Pool;
let folder: string;
let loaded: LoadedDefinitions;
let large: LargeCodeSystems;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.connection, 6, 30_000);
  await migrate(pool);
  folder = mkdtempSync(join(tmpdir(), 'tsumugi-codes-'));
  loaded = await followLoaded({ pool, shipped: shippedDefinitions });
  large = createLargeCodeSystems({ pool, systems: loaded.systems });
});
afterAll(async () => {
  loaded.close();
  rmSync(folder, { recursive: true });
  await pool.end();
  await database.drop();
});

const wishes = { languages: ['ja'], encoding: 'utf-8' };
const load = (path: string, more: object = {}) => loadFile(pool, path, { ...wishes, ...more }, () => undefined);

/** Loads, and waits until this process has noticed. */
async function loadSeen(path: string, more: object = {}) {
  const outcomes = await load(path, more);
  const [{ name, version } = { name: '', version: '' }] = outcomes;
  await vi.waitFor(() =>
    expect(large.systems().some((one) => one.system === name && one.version === version)).toBe(true),
  );
  return outcomes;
}

function folderOf(name: string, files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    writeFileSync(join(folder, name, path), text);
  }
  return join(folder, name);
}
function file(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const everything = { include: [{}], exclude: [] };
const page = { offset: 0, count: 100 };
async function codes(system: string, filters: readonly LargeFilter[], text?: string): Promise<string> {
  const asked = text === undefined ? page : { ...page, text };
  const { concepts } = await large.expand({ system }, { include: [{ filters }], exclude: [] }, asked);
  return concepts.map(({ code }) => code).join(' ');
}
const filter = (property: string, op: LargeFilter['op'], value: string) => ({ property, op, value });

const loincHeader =
  '"LOINC_NUM","COMPONENT","PROPERTY","TIME_ASPCT","SYSTEM","SCALE_TYP","METHOD_TYP","CLASS","VersionLastChanged","CHNG_TYPE","DefinitionDescription","STATUS","CONSUMER_NAME","CLASSTYPE","FORMULA","EXMPL_ANSWERS","SURVEY_QUEST_TEXT","SURVEY_QUEST_SRC","UNITSREQUIRED","RELATEDNAMES2","SHORTNAME","ORDER_OBS","HL7_FIELD_SUBFIELD_ID","EXTERNAL_COPYRIGHT_NOTICE","EXAMPLE_UNITS","LONG_COMMON_NAME","EXAMPLE_UCUM_UNITS","STATUS_REASON","STATUS_TEXT","CHANGE_REASON_PUBLIC","COMMON_TEST_RANK","COMMON_ORDER_RANK","HL7_ATTACHMENT_STRUCTURE","EXTERNAL_COPYRIGHT_LINK","PanelType","AskAtOrderEntry","AssociatedObservations","VersionFirstReleased","ValidHL7AttachmentRequest","DisplayName"';
const loincColumns = loincHeader.slice(1, -1).split('","');
const loincRow = (cells: Record<string, string>) =>
  loincColumns.map((column) => `"${(cells[column] ?? '').replaceAll('"', '""')}"`).join(',');
const term = (number: string, name: string, more: Record<string, string> = {}) =>
  loincRow({ LOINC_NUM: number, LONG_COMMON_NAME: name, STATUS: 'ACTIVE', CLASS: 'INVENTED', ...more });
const loincFiles = {
  'LoincTable/Loinc.csv': [
    loincHeader,
    term('99901-1', 'Invented weight of "baby"', {
      COMPONENT: 'Weight',
      SHORTNAME: 'Wt inv',
      RELATEDNAMES2: 'mass; heft',
    }),
    term('99902-9', 'Invented length,\nof child', { COMPONENT: 'Length', SCALE_TYP: 'Qn' }),
    term('99903-7', 'Invented old', { STATUS: 'DEPRECATED', COMPONENT: 'Weight' }),
    '',
  ].join('\r\n'),
  'AccessoryFiles/ComponentHierarchyBySystem/ComponentHierarchyBySystem.csv': [
    '"PATH_TO_ROOT","SEQUENCE","IMMEDIATE_PARENT","CODE","CODE_TEXT"',
    '"","1","","LP99990-1","Invented root"',
    '"LP99990-1","1","LP99990-1","LP99991-9","Body"',
    '"LP99990-1.LP99991-9","1","LP99991-9","99901-1","Wt"',
    '"LP99990-1.LP99991-9","2","LP99991-9","99902-9","Len"',
    '"LP99990-1","2","LP99990-1","99902-9","Len"',
  ].join('\n'),
  'AccessoryFiles/AnswerFile/AnswerList.csv': [
    '"AnswerListId","AnswerListName","AnswerListOID","AnswerStringId","SequenceNumber","DisplayText"',
    '"LL9991-1","Yes or no","","LA9991-1","1","Yes"',
    '"LL9991-1","Yes or no","","LA9992-9","2","No"',
    '"LL9992-9","Only yes","","LA9991-1","1","Yes"',
  ].join('\n'),
  'AccessoryFiles/LinguisticVariants/jaJP99LinguisticVariant.csv': [
    '\ufeff"LOINC_NUM","COMPONENT","PROPERTY","TIME_ASPCT","SYSTEM","SCALE_TYP","METHOD_TYP","CLASS","SHORTNAME","LONG_COMMON_NAME","RELATEDNAMES2","LinguisticVariantDisplayName"',
    '"99901-1","体重","","","","","","","","見本の体重","","ベビーの体重"',
    '"99999-9","無い","","","","","","","","無い","",""',
  ].join('\n'),
  'AccessoryFiles/LinguisticVariants/deDE99LinguisticVariant.csv': 'broken',
};
const loinc = 'http://loinc.org';

describe('LOINC', () => {
  test('a release is loaded from its folder and from its ZIP, and in force at once', async () => {
    const unpacked = folderOf('Loinc_9.98', loincFiles);
    await expect(loadSeen(unpacked)).resolves.toEqual([
      {
        ...{ name: loinc, version: '9.98', title: 'LOINC', language: 'en', counts: { codes: 9 } },
        notes: ['1 lines about codes that the release does not have were left out'],
      },
    ]);
    await loadSeen(file('Loinc_9.99.zip', zipOf(loincFiles)));
    expect(large.systems().map(({ version, count }) => [version, count])).toEqual([
      ['9.98', 9],
      ['9.99', 9],
    ]);
  });

  test('a term has its names, properties and places', async () => {
    const found = await large.lookup({ system: loinc }, '99901-1');
    expect(found).toMatchObject({ code: '99901-1', display: 'Invented weight of "baby"' });
    expect(found?.designations).toContainEqual({
      ...{ language: 'ja-JP', value: 'ベビーの体重' },
      use: { system: loinc, code: 'LinguisticVariantDisplayName' },
    });
    expect(found?.properties).toContainEqual({ code: 'COMPONENT', type: 'string', value: 'Weight' });
    expect(found?.properties).toContainEqual({ code: 'parent', type: 'code', value: 'LP99991-9' });
    const body = await large.lookup({ system: loinc }, 'LP99991-9');
    expect(body?.isAbstract).toBe(true);
    expect(body?.properties.filter(({ code }) => code === 'child').map(({ value }) => value)).toEqual([
      '99901-1',
      '99902-9',
    ]);
    expect((await large.lookup({ system: loinc }, '99902-9'))?.display).toBe('Invented length,\nof child');
    expect((await large.lookup({ system: loinc }, '99903-7'))?.isInactive).toBe(true);
    expect(await large.lookup({ system: loinc }, '1-8')).toBeUndefined();
    expect(await large.lookup({ system: loinc, version: '1.0' }, '99901-1')).toBeUndefined();
    expect(await large.lookup({ system: 'http://example.com' }, '99901-1')).toBeUndefined();
  });

  test.each<[LargeFilter[], string]>([
    [[filter('concept', 'is-a', 'LP99990-1')], '99901-1 99902-9 LP99990-1 LP99991-9'],
    [[filter('concept', 'descendent-of', 'LP99991-9')], '99901-1 99902-9'],
    [[filter('concept', 'is-a', '99901-1')], '99901-1'],
    [[filter('concept', 'is-not-a', 'LP99990-1')], '99903-7 LA9991-1 LA9992-9 LL9991-1 LL9992-9'],
    [[filter('concept', 'generalizes', '99901-1')], '99901-1 LP99990-1 LP99991-9'],
    [[filter('concept', 'is-a', 'unknown')], ''],
    [[filter('parent', '=', 'LP99990-1')], '99902-9 LP99991-9'],
    [[filter('child', '=', '99902-9')], 'LP99990-1 LP99991-9'],
    [[filter('COMPONENT', '=', 'Weight')], '99901-1 99903-7'],
    [[filter('COMPONENT', 'in', 'Weight,Length')], '99901-1 99902-9 99903-7'],
    [[filter('COMPONENT', 'not-in', 'Weight,Length')], 'LA9991-1 LA9992-9 LL9991-1 LL9992-9 LP99990-1 LP99991-9'],
    [[filter('COMPONENT', 'regex', 'W.*t|x')], '99901-1 99903-7'],
    [[filter('SCALE_TYP', 'exists', 'true')], '99902-9'],
    [[filter('STATUS', '=', 'ACTIVE'), filter('SCALE_TYP', 'exists', 'false')], '99901-1'],
    [[filter('answer-list', '=', 'LL9992-9')], 'LA9991-1'],
    [[filter('inactive', '=', 'true')], '99903-7'],
    [[filter('concept', 'regex', 'L[AL]9+1-1')], 'LA9991-1 LL9991-1'],
    [[filter('display', '=', 'Yes')], 'LA9991-1'],
    [[filter('concept', 'in', '99901-1, 99902-9,x')], '99901-1 99902-9'],
  ])('filters %j', async (filters, expected) => {
    expect(await codes(loinc, filters)).toBe(expected);
  });

  test.each([
    [filter('method', '=', 'x'), /has no property method; it has concept, display, .*COMPONENT/],
    [filter('COMPONENT', 'is-a', 'x'), /COMPONENT with is-a is not answered/],
    [filter('COMPONENT', 'regex', '('), /cannot be read/],
    [filter('COMPONENT', 'regex', '(a)\\1'), /reference back/],
    [filter('COMPONENT', 'exists', 'perhaps'), /true or false/],
  ])('refuses %j with 422', async (one, why) => {
    await expect(codes(loinc, [one])).rejects.toMatchObject({ status: 422, message: expect.stringMatching(why) });
  });

  test.each([
    ['baby', '99901-1'],
    ['BABY weight', '99901-1'],
    ['体重', '99901-1'],
    ['べびーの', '99901-1'],
    ['ﾍﾞﾋﾞｰ', '99901-1'],
    ['体', '99901-1'],
    ['heft', '99901-1'],
    ['9990 inv', '99901-1 99902-9 99903-7 LP99990-1'],
    ['weights', ''],
    ['wei old', ''],
  ])('finds %s in codes and words', async (text, expected) => {
    expect(await codes(loinc, [], text)).toBe(expected);
  });

  test('an expansion has pages, a total, a language, and leaves inactive codes out where it is asked to', async () => {
    const all = await large.expand({ system: loinc }, everything, { offset: 1, count: 2, language: 'ja' });
    expect(all.total).toBe(9);
    expect(all.concepts.map(({ code }) => code)).toEqual(['99902-9', '99903-7']);
    const [first] = (await large.expand({ system: loinc }, everything, { offset: 0, count: 1, language: 'ja' }))
      .concepts;
    expect(first?.display).toBe('ベビーの体重');
    expect((await large.expand({ system: loinc }, everything, { ...page, isActiveOnly: true })).total).toBe(8);
    const part = { codes: ['99901-1', 'LA9991-1', 'none'] };
    const selection = { include: [part], exclude: [{ filters: [filter('COMPONENT', 'exists', 'true')] }] };
    expect((await large.expand({ system: loinc }, selection, page)).concepts.map(({ code }) => code)).toEqual([
      'LA9991-1',
    ]);
    expect(await large.validate({ system: loinc }, selection, '99901-1')).toBeUndefined();
    expect(await large.validate({ system: loinc }, selection, 'LA9991-1')).toMatchObject({ display: 'Yes' });
    expect(await large.validate({ system: loinc }, everything, '99903-7')).toMatchObject({ isInactive: true });
  });

  test.each([
    ['LP99990-1', '99901-1', 'subsumes'],
    ['99901-1', 'LP99990-1', 'subsumed-by'],
    ['99901-1', '99901-1', 'equivalent'],
    ['99901-1', '99902-9', 'not-subsumed'],
    ['99901-1', 'unknown', undefined],
  ])('%s to %s: %s', async (first, second, expected) => {
    expect(await large.subsumes({ system: loinc }, first, second)).toBe(expected);
  });

  test('a version that is removed leaves the other in force, and its rows go later', async () => {
    await removeLoaded(pool, loinc, '9.99');
    await vi.waitFor(() => expect(large.systems().map(({ version }) => version)).toEqual(['9.98']));
    expect(await large.lookup({ system: loinc }, '99901-1')).toMatchObject({ code: '99901-1' });
    const rows = async () => (await pool.query('select count(*)::int as count from concept')).rows[0].count;
    while ((await pruneLoaded(pool)) > 0);
    expect(await rows()).toBe(18);
    await pool.query(`update loaded set until = until - interval '1 hour' where until is not null`);
    while ((await pruneLoaded(pool)) > 0);
    expect(await rows()).toBe(9);
  });
});

const rf2 = (columns: string, ...rows: string[]) =>
  [columns, ...rows].map((row) => `${row.replaceAll(' ', '\t')}\r\n`).join('');
const core = '900000000000207008';
const conceptRow = (id: string, active = '1') => `${id} 20990101 ${active} ${core} 900000000000074008`;
const describe2 = (id: string, concept: string, type: string, term: string, language = 'en', active = '1') =>
  `${id} 20990101 ${active} ${core} ${concept} ${language} ${type} ${term.replaceAll(' ', '\u00a0')} 900000000000448009`;
const isA = (from: string, to: string, active = '1') =>
  `1${from} 20990101 ${active} ${core} ${from} ${to} 0 116680003 900000000000011006 900000000000451002`;
const [fsn, synonym] = ['900000000000003001', '900000000000013009'];
const snomedFiles = (relations: string[] = []) => {
  const path = 'SnomedCT_InventedRF2_PRODUCTION_20990101/Snapshot';
  const files = {
    [`${path}/Terminology/sct2_Concept_Snapshot_INT_20990101.txt`]: rf2(
      'id effectiveTime active moduleId definitionStatusId',
      ...['138875005', '990001001', '990002008', '990003003'].map((id) => conceptRow(id)),
      conceptRow('990004009', '0'),
    ),
    [`${path}/Terminology/sct2_Description_Snapshot-en_INT_20990101.txt`]: rf2(
      'id effectiveTime active moduleId conceptId languageCode typeId term caseSignificanceId',
      describe2('1001', '138875005', fsn, 'Invented root'),
      describe2('1002', '990001001', fsn, 'Fever (finding)'),
      describe2('1003', '990001001', synonym, 'Pyrexia'),
      describe2('1004', '990001001', synonym, 'Fever'),
      describe2('1005', '990002008', fsn, 'High "fever" (finding)'),
      describe2('1006', '990003003', synonym, 'Old word', 'en', '0'),
      describe2('1007', '990004009', fsn, 'Gone'),
    ),
    [`${path}/Terminology/sct2_Relationship_Snapshot_INT_20990101.txt`]: rf2(
      'id effectiveTime active moduleId sourceId destinationId relationshipGroup typeId characteristicTypeId modifierId',
      isA('990001001', '138875005'),
      isA('990002008', '990001001'),
      isA('990003003', '138875005'),
      isA('990003003', '990001001', '0'),
      `77 20990101 1 ${core} 990002008 990003003 1 363698007 900000000000011006 900000000000451002`,
      ...relations,
    ),
    [`${path}/Refset/Language/der2_cRefset_LanguageSnapshot-en_INT_20990101.txt`]: rf2(
      'id effectiveTime active moduleId refsetId referencedComponentId acceptabilityId',
      `a 20990101 1 ${core} 900000000000509007 1004 900000000000548007`,
      `b 20990101 1 ${core} 900000000000509007 1003 900000000000549004`,
      `c 20990101 1 ${core} 900000000000508004 1003 900000000000548007`,
    ),
    'SnomedCT_InventedRF2_PRODUCTION_20990101/Full/Terminology/sct2_Concept_Full_INT_20990101.txt': 'not read',
  };
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, text.replaceAll('\u00a0', ' ')]));
};
const sct = 'http://snomed.info/sct';

describe('SNOMED CT', () => {
  test('a snapshot is loaded with its hierarchy, its words and its attributes', async () => {
    const version = `${sct}/${core}/version/20990101`;
    await expect(loadSeen(file('sct.zip', zipOf(snomedFiles())))).resolves.toMatchObject([{ name: sct, version }]);
    expect(await large.lookup({ system: sct }, '990001001')).toMatchObject({ display: 'Fever' });
    expect(await large.lookup({ system: sct }, '990002008')).toMatchObject({ display: 'High "fever" (finding)' });
    expect(await large.lookup({ system: sct }, '990003003')).toMatchObject({ display: '990003003' });
    expect(await large.lookup({ system: sct, version }, '990004009')).toMatchObject({ isInactive: true });
    expect(await codes(sct, [filter('concept', 'descendent-of', '990001001')])).toBe('990002008');
    expect(await codes(sct, [filter('363698007', '=', '990003003')])).toBe('990002008');
    expect(await large.subsumes({ system: sct }, '138875005', '990002008')).toBe('subsumes');
    expect(await large.subsumes({ system: sct }, '990003003', '990001001')).toBe('not-subsumed');
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['a circle', snomedFiles([isA('138875005', '990002008')]), /stands above itself/],
    [
      'a parent that is not there',
      snomedFiles([isA('990002008', '999999009')]),
      /Relationship.*line 7: the parent 999999009/,
    ],
  ])('refuses %s', async (_, files, why) => {
    await expect(load(file('bad.zip', zipOf(files)))).rejects.toThrow(why);
  });

  test('refuses a release without its descriptions', async () => {
    const files = Object.entries(snomedFiles()).filter(([path]) => !path.includes('Description'));
    await expect(load(file('part.zip', zipOf(Object.fromEntries(files))))).rejects.toThrow(/no description file/);
  });
});

const claml = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE ClaML SYSTEM "ClaML.dtd">
<ClaML version="2.0.0"><Title name="ICD-10" date="2099-01-01" version="2099">Invented classification</Title>
<ClassKinds><ClassKind name="chapter"/><ClassKind name="block"/><ClassKind name="category"/></ClassKinds>
<ModifierClass code=".0" modifier="S04_4"><Rubric kind="preferred"><Label xml:lang="en">With coma</Label></Rubric></ModifierClass>
<ModifierClass code=".1" modifier="S04_4"><Rubric kind="preferred"><Label xml:lang="en">Without</Label></Rubric></ModifierClass>
<ModifierClass code="0" modifier="S05_5"><Rubric kind="preferred"><Label xml:lang="en">Left</Label></Rubric></ModifierClass>
<Class code="I" kind="chapter"><SubClass code="A00-A09"/><Rubric kind="preferred"><Label xml:lang="en">Chapter</Label></Rubric></Class>
<Class code="A00-A09" kind="block"><SuperClass code="I"/><Rubric kind="preferred"><Label xml:lang="en">Block</Label></Rubric></Class>
<Class code="A00" kind="category"><SuperClass code="A00-A09"/><ModifiedBy code="S04_4"/><ModifiedBy code="S05_5"/>
<Rubric kind="preferred"><Label xml:lang="en">Invented
 <Reference>disease</Reference></Label><Label xml:lang="ja">見本病</Label></Rubric></Class>
<Class code="A01" kind="category"><SuperClass code="A00-A09"/><ModifiedBy code="S04_4" all="false"><ValidModifierClass code=".1"/></ModifiedBy>
<Rubric kind="preferred"><Label xml:lang="en">Other</Label></Rubric></Class>
<Class code="A01.1" kind="category"><SuperClass code="A01"/><Rubric kind="preferred"><Label xml:lang="en">Listed</Label></Rubric></Class>
</ClaML>`;
const icd10 = 'http://hl7.org/fhir/sid/icd-10';

describe('ICD-10 in ClaML', () => {
  test('is loaded with its hierarchy, its languages and the fourth characters of its modifiers', async () => {
    await loadSeen(file('icd102099.xml', claml));
    expect(large.systems()).toContainEqual({
      ...{ system: icd10, version: '2099', count: 7, language: 'en' },
      name: 'Invented classification',
    });
    expect(await codes(icd10, [])).toBe('A00 A00-A09 A00.0 A00.1 A01 A01.1 I');
    expect(await large.lookup({ system: icd10 }, 'A00')).toMatchObject({ display: 'Invented disease' });
    expect(await large.lookup({ system: icd10 }, 'A00.0')).toMatchObject({ display: 'Invented disease: With coma' });
    expect(await large.lookup({ system: icd10 }, 'A01.1')).toMatchObject({ display: 'Listed' });
    expect(await codes(icd10, [filter('concept', 'is-a', 'A00')])).toBe('A00 A00.0 A00.1');
    expect(await codes(icd10, [], '見本')).toBe('A00');
  });

  test.each([
    ['cut off', claml.slice(0, -200), /icd\.xml, line \d+: it is not well-formed XML/],
    ['another document', '<html/>', /no ClaML: its root is html/],
    [
      'an entity that grows',
      claml.replace('"ClaML.dtd"', '"ClaML.dtd" [<!ENTITY a "aaaa">]').replace('Other', '&a;'),
      /not well-formed/,
    ],
  ])('refuses %s', async (_, text, why) => {
    await expect(load(file('icd.xml', text))).rejects.toThrow(why);
  });
});

describe('a table', () => {
  const columns = { system: 'http://example.com/disease', codeColumn: '管理番号', displayColumn: '病名' };
  const shiftJis = Buffer.from([
    ...[0x8a, 0xc7, 0x97, 0x9d, 0x94, 0xd4, 0x8d, 0x86, 0x2c, 0x95, 0x61, 0x96, 0xbc, 0x0d, 0x0a],
    ...[0x32, 0x30, 0x2c, 0x94, 0x78, 0x89, 0x8a, 0x0d, 0x0a],
  ]);

  test('in Shift_JIS has its words, and every other column is a property', async () => {
    await loadSeen(file('disease.csv', shiftJis), { ...columns, encoding: 'shift_jis', version: '5' });
    expect(await large.lookup({ system: columns.system }, '20')).toMatchObject({ display: '肺炎' });
    expect(await codes(columns.system, [], '肺炎')).toBe('20');
    const text = '管理番号\t病名\tICD10\t上位\n1\t肺炎\tJ18\t\n2\tウイルス性肺炎\tJ12\t1\n';
    await loadSeen(file('disease.txt', text), { ...columns, parentColumn: '上位', version: '6' });
    expect(await codes(columns.system, [filter('ICD10', '=', 'J12')])).toBe('2');
    expect(await codes(columns.system, [filter('concept', 'is-a', '1')], 'ｳｲﾙｽ')).toBe('2');
  });

  test('that is loaded again takes the place of the same version, and the old one is readable until then', async () => {
    const again = { ...columns, version: '7' };
    await loadSeen(file('d.csv', '管理番号,病名\n1,古い\n'), again);
    const [before] = large.systems().filter(({ version }) => version === '7');
    let seenMeanwhile: string | undefined;
    await loadFile(pool, file('d.csv', '管理番号,病名\n1,新しい\n2,もう一つ\n'), { ...wishes, ...again }, (phase) => {
      if (phase === 'writing')
        seenMeanwhile = large
          .systems()
          .filter(({ version }) => version === '7')
          .map(({ count }) => count)
          .join();
    });
    expect([before?.count, seenMeanwhile]).toEqual([1, '1']);
    await vi.waitFor(async () =>
      expect(await large.lookup({ system: columns.system, version: '7' }, '1')).toMatchObject({ display: '新しい' }),
    );
    expect((await listLoaded(pool)).filter(({ version }) => version === '7')).toHaveLength(1);
  });

  test.each([
    ['a column that is missing', '管理番号,名\n1,a\n', /line 1: there is no column 病名; the columns are 管理番号, 名/],
    ['a row that is too short', '管理番号,病名\n1,a\n2\n', /line 3: there are 1 cells under 2 columns/],
    [
      'a code that is there twice',
      '管理番号,病名\n1,a\n2,b\n1,c\n',
      /line 4: the code 1 is there twice; first on line 2/,
    ],
    ['a quote that does not end', '管理番号,病名\n1,"a\n2,b\n', /line 2: a quoted cell does not end/],
    ['an empty code', '管理番号,病名\n,a\n', /line 2: a code is empty/],
    ['a code beyond length', `管理番号,病名\n${'1'.repeat(300)},a\n`, /line 2: a code is longer than 255/],
    ['no code at all', '管理番号,病名\n', /no code in it/],
    ['an empty file', '', /it is empty/],
    ['a NUL', '管理番号,病名\n1,a\0b\n', /line 2: there is a NUL/],
    ['bytes of another encoding', shiftJis, /line 1: .*not utf-8/],
  ])('with %s is refused', async (_, text, why) => {
    const before = await listLoaded(pool);
    await expect(load(file('bad.csv', text), { ...columns, version: 'bad' })).rejects.toThrow(why);
    expect(await listLoaded(pool)).toEqual(before);
    expect((await pool.query('select from loaded where since is null')).rowCount).toBe(0);
  });
});

describe('a ZIP', () => {
  const csv = { 'LoincTable/Loinc.csv': loincFiles['LoincTable/Loinc.csv'] };
  test.each<[string, Buffer, RegExp]>([
    ['is cut off', zipOf(csv).subarray(0, -30), /cut off/],
    ['has a name that leads out', zipOf({ '../Loinc.csv': 'x' }), /leads out of it/],
    ['is a bomb', zipOf({ 'LoincTable/Loinc.csv': ' '.repeat(4_000_000) }), /more than 200 times/],
    ['says less than it holds', zipOf(csv, { bytes: 10 }), /unpacks to more than the ZIP says/],
    ['holds something else than it says', zipOf(csv, { crc: 1 }), /not what was packed/],
    ['is encrypted', zipOf(csv, { flags: 1 }), /encrypted/],
    ['is packed in another way', zipOf(csv, { method: 14 }), /another method/],
  ])('that %s is refused', async (_, content, why) => {
    await expect(load(file('Loinc_1.0.zip', content))).rejects.toThrow(why);
  });
});

test('a second load beside one is refused', async () => {
  const client = await pool.connect();
  await client.query('select pg_advisory_lock(7205763)');
  await expect(load(folderOf('Loinc_9.97', loincFiles))).rejects.toThrow(/another load is under way/);
  client.release(true);
});

test('what a load left that was killed is forgotten, and was never in force', async () => {
  const { rows } = await pool.query(
    `insert into loaded (kind, name, version) values ('codes', 'urn:killed', '') returning number`,
  );
  await pool.query(
    `insert into concept (loaded, position, code, display, inactive, abstract, parents, ancestors, more, words)
     select $1, n, n::text, '', false, false, '{}', '{}', '{}', '' from generate_series(0, 6000) n`,
    [rows[0].number],
  );
  expect(await removeLoaded(pool, 'urn:killed')).toEqual([]);
  await load(folderOf('Loinc_9.96', loincFiles));
  expect((await pool.query('select from concept where loaded = $1', [rows[0].number])).rowCount).toBe(0);
  expect((await pool.query(`select from loaded where name = 'urn:killed'`)).rowCount).toBe(0);
});
