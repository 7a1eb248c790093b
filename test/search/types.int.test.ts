// Numbers, quantities, composites, places, uris and words: search parameters whose answers need more than equality.
// https://hl7.org/fhir/R4/search.html
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { matchIds, startApp, type TestApp } from '../support/app.ts';

const ucum = 'http://unitsofmeasure.org';
const loinc = 'http://loinc.org';
let t: TestApp;

const put = async (resource: { resourceType: string; id: string; [name: string]: unknown }) => {
  const { status, text } = await t.system.put(`${resource.resourceType}/${resource.id}`, resource);
  if (status !== 201) throw new Error(text);
};
const search = (text: string) => t.system.get(encodeURI(text).replaceAll('+', '%2B').replaceAll('#', '%23'));
const expectFound = async (text: string, ids: string) => {
  const response = await search(text);
  if (response.status !== 200) throw new Error(`${response.status}: ${response.text}`);
  expect(matchIds(response).sort()).toEqual(ids.split(' ').filter(Boolean));
};

beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

describe('number', () => {
  beforeAll(async () => {
    const percent = (value: number) => ({ value, system: 'http://unitsofmeasure.org', code: '%' });
    const risk = (id: string, probability: object) =>
      put({
        resourceType: 'RiskAssessment',
        id,
        status: 'final',
        subject: { reference: 'Patient/a' },
        prediction: [probability],
      });
    await risk('n9.95', { probabilityDecimal: 9.95 });
    await risk('n10', { probabilityDecimal: 10 });
    await risk('n10.05', { probabilityDecimal: 10.05 });
    await risk('n10.4', { probabilityDecimal: 10.4 });
    await risk('range', { probabilityRange: { low: percent(1), high: percent(2) } });
    await risk('none', { whenRange: { low: { value: 1 } } });
  });
  test.each([
    ['10.0', 'n10 n9.95'],
    ['10.00', 'n10'],
    ['1e1', 'n10 n10.05 n10.4 n9.95'],
    ['1.00e1', 'n10 n9.95'],
    ['1000e-2', 'n10'],
    ['ne10.0', 'n10.05 n10.4 range'],
    ['gt10', 'n10.05 n10.4'],
    ['ge10', 'n10 n10.05 n10.4'],
    ['lt10', 'n9.95 range'],
    ['le10', 'n10 n9.95 range'],
    ['sa1.5', 'n10 n10.05 n10.4 n9.95'],
    ['eb1.5', ''],
    ['gt1.5', 'n10 n10.05 n10.4 n9.95 range'],
    ['ap9.5', 'n10 n10.05 n10.4 n9.95'],
    ['9.95,10.4', 'n10.4 n9.95'],
  ])('probability=%s', (value, ids) => expectFound(`RiskAssessment?probability=${value}`, ids));
  test('missing', async () => {
    await expectFound('RiskAssessment?probability:missing=true', 'none');
  });
  test.each(['x', '', 'gt', '1e', '1.', '--1', '1e9999', '9'.repeat(100)])('%j is refused', async (value) => {
    const { status } = await t.system.get(`RiskAssessment?probability=eq${value}`);
    expect(status).toBe(400);
  });
});

describe('quantity', () => {
  beforeAll(async () => {
    const value = (id: string, valueQuantity: object) =>
      put({
        resourceType: 'Observation',
        id: `q-${id}`,
        status: 'final',
        code: { coding: [{ system: loinc, code: '29463-7' }] },
        valueQuantity,
      });
    await value('mg', { value: 5400, unit: 'milligram', system: ucum, code: 'mg' });
    await value('g', { value: 5.4, system: ucum, code: 'g' });
    await value('kg', { value: 5.4, system: ucum, code: 'kg' });
    await value('text', { value: 5.4, unit: 'mg' });
    await value('own', { value: 7, system: 'urn:units', code: 'drop' });
    await value('below', { value: 5.4, comparator: '<', system: ucum, code: 'g' });
    await value('cel', { value: 36.6, system: ucum, code: 'Cel' });
    await value('iu', { value: 500, system: ucum, code: '[iU]' });
    await value('none', { unit: 'g' });
    await put({
      resourceType: 'Observation',
      id: 'q-series',
      status: 'final',
      code: { text: 'series' },
      valueSampledData: { origin: { value: 5.4 }, period: 1, dimensions: 1, data: '5 6' },
    });
    await put({
      resourceType: 'Condition',
      id: 'age',
      subject: { reference: 'Patient/a' },
      onsetAge: { value: 24, system: ucum, code: 'mo' },
    });
    await put({
      resourceType: 'Condition',
      id: 'ages',
      subject: { reference: 'Patient/a' },
      onsetRange: { low: { value: 1, system: ucum, code: 'a' }, high: { value: 3, system: ucum, code: 'a' } },
    });
    await put({
      resourceType: 'Invoice',
      id: 'money',
      status: 'issued',
      totalNet: { value: 3300, currency: 'JPY' },
    });
  });
  test.each([
    ['Observation?value-quantity=5.4', 'q-g q-kg q-text'],
    [`Observation?value-quantity=5.4|${ucum}|g`, 'q-g q-mg'],
    [`Observation?value-quantity=5400|${ucum}|mg`, 'q-g q-mg'],
    [`Observation?value-quantity=5|${ucum}|g`, 'q-g q-mg'],
    [`Observation?value-quantity=5.40e3|${ucum}|g`, 'q-kg'],
    [`Observation?value-quantity=gt5.4|${ucum}|g`, 'q-kg'],
    [`Observation?value-quantity=ge5.4|${ucum}|g`, 'q-g q-kg q-mg'],
    [`Observation?value-quantity=lt5.4|${ucum}|g`, 'q-below'],
    [`Observation?value-quantity=ne5.4|${ucum}|g`, 'q-below q-kg'],
    ['Observation?value-quantity=5.4||mg', 'q-text'],
    ['Observation?value-quantity=5400||mg', 'q-mg'],
    ['Observation?value-quantity=5400||milligram', 'q-mg'],
    ['Observation?value-quantity=7|urn:units|drop', 'q-own'],
    ['Observation?value-quantity=7|urn:units|', 'q-own'],
    ['Observation?value-quantity=7|urn:other|drop', ''],
    [`Observation?value-quantity=36.6|${ucum}|Cel`, 'q-cel'],
    [`Observation?value-quantity=97.9|${ucum}|[degF]`, 'q-cel'],
    [`Observation?value-quantity=309.8|${ucum}|K`, 'q-cel'],
    [`Observation?value-quantity=500|${ucum}|[iU]`, 'q-iu'],
    [`Observation?value-quantity=0.5|${ucum}|k[iU]`, ''],
    [`Observation?value-quantity=500|${ucum}|1`, ''],
    [`Observation?value-quantity=5.4|${ucum}|no-such-unit`, ''],
    ['Observation?combo-value-quantity=7', 'q-own'],
    [`Condition?onset-age=2|${ucum}|a`, 'age'],
    [`Condition?onset-age=gt2|${ucum}|a`, 'ages'],
    [`Condition?onset-age=ge2|${ucum}|a`, 'age ages'],
    ['Invoice?totalnet=3300', 'money'],
    ['Invoice?totalnet=3300||JPY', 'money'],
    ['Invoice?totalnet=3300|urn:iso:std:iso:4217|JPY', 'money'],
    ['Invoice?totalnet=3300|urn:iso:std:iso:4217|USD', ''],
  ])('%s', (text, ids) => expectFound(text, ids));
  test.each(['x', '5|g', '5|a|b|c', 'gt'])('%j is refused', async (value) => {
    expect((await t.system.get(`Observation?value-quantity=${value}`)).status).toBe(value === '5|g' ? 200 : 400);
  });
});

describe('composite', () => {
  beforeAll(async () => {
    const part = (code: string, value: number) => ({
      code: { coding: [{ system: loinc, code }] },
      valueQuantity: { value, system: ucum, code: 'mm[Hg]' },
    });
    const base = { resourceType: 'Observation', status: 'final' };
    await put({
      ...base,
      id: 'c-pressure',
      code: { coding: [{ system: loinc, code: '85354-9' }] },
      component: [part('8480-6', 150), part('8462-4', 90)],
    });
    await put({
      ...base,
      id: 'c-swapped',
      code: { coding: [{ system: loinc, code: '85354-9' }] },
      component: [part('8480-6', 90), part('8462-4', 150)],
    });
    await put({ ...base, id: 'c-alone', ...part('8480-6', 145) });
    await put({
      ...base,
      id: 'c-concept',
      code: { coding: [{ system: 'urn:t', code: 'a$b' }] },
      valueCodeableConcept: { coding: [{ system: 'urn:t', code: 'yes' }] },
    });
    await put({
      ...base,
      id: 'c-date',
      code: { coding: [{ system: 'urn:t', code: 'when' }] },
      valueDateTime: '2026-04-01',
    });
    await put({ ...base, id: 'c-text', code: { coding: [{ code: 'words' }] }, valueString: 'シケン' });
    const document = (id: string, code: string, target: string) =>
      put({
        resourceType: 'DocumentReference',
        id,
        status: 'current',
        content: [{ attachment: { title: 'x' } }],
        relatesTo: [
          { code, target: { reference: `DocumentReference/${target}` } },
          { code: 'signs', target: { reference: 'DocumentReference/third' } },
        ],
      });
    await document('d1', 'replaces', 'old');
    await document('d2', 'appends', 'old');
    await put({
      resourceType: 'MolecularSequence',
      id: 'm1',
      coordinateSystem: 0,
      referenceSeq: {
        genomeBuild: 'GRCh38',
        chromosome: { coding: [{ code: '1' }] },
        windowStart: 1,
        windowEnd: 50,
        strand: 'watson',
      },
      variant: [
        { start: 10, end: 20 },
        { start: 30, end: 40 },
      ],
    });
  });
  const mmHg = `|${ucum}|mm[Hg]`;
  test.each([
    [`Observation?component-code-value-quantity=${loinc}|8480-6$gt140`, 'c-pressure'],
    [`Observation?component-code-value-quantity=8480-6$gt140${mmHg}`, 'c-pressure'],
    [`Observation?component-code-value-quantity=8480-6$gt14|${ucum}|cm[Hg]`, 'c-pressure'],
    ['Observation?component-code-value-quantity=8480-6$gt140,8462-4$gt140', 'c-pressure c-swapped'],
    ['Observation?component-code-value-quantity=8480-6$gt140&component-code-value-quantity=8462-4$lt140', 'c-pressure'],
    ['Observation?combo-code-value-quantity=8480-6$gt140', 'c-alone c-pressure'],
    ['Observation?code-value-quantity=8480-6$gt140', 'c-alone'],
    ['Observation?combo-code-value-quantity=8480-6$gt140,8462-4$150', 'c-alone c-pressure c-swapped'],
    ['Observation?component-code-value-quantity:missing=false', 'c-pressure c-swapped'],
    ['Observation?combo-code-value-quantity:missing=false&_id=c-alone,c-pressure,c-date', 'c-alone c-pressure'],
    ['Observation?code-value-quantity:missing=true&_id=c-alone,c-pressure,c-date', 'c-date c-pressure'],
    ['Observation?code-value-concept=urn:t|a\\$b$urn:t|yes', 'c-concept'],
    ['Observation?code-value-concept=urn:t|a\\$b$no', ''],
    ['Observation?combo-code-value-concept=a\\$b$yes', 'c-concept'],
    ['Observation?code-value-date=when$2026-04', 'c-date'],
    ['Observation?code-value-date=when$gt2026-04', ''],
    ['Observation?code-value-string=words$しけ', 'c-text'],
    ['Observation?code-value-string=other$しけ', ''],
    ['DocumentReference?relationship=replaces$DocumentReference/old', 'd1'],
    ['DocumentReference?relationship=appends$old', 'd2'],
    ['DocumentReference?relationship=signs$old', ''],
    ['MolecularSequence?chromosome-variant-coordinate=1$10$20', 'm1'],
    ['MolecularSequence?chromosome-variant-coordinate=1$10$40', ''],
    ['MolecularSequence?chromosome-variant-coordinate=1$ge30$le40', 'm1'],
    ['MolecularSequence?chromosome-window-coordinate=1$1$50', 'm1'],
  ])('%s', (text, ids) => expectFound(text, ids));
  test.each(['a', 'a$1$2', 'a$', '$1', 'a$x'])('%j is refused', async (value) => {
    expect((await t.system.get(`Observation?component-code-value-quantity=${value}`)).status).toBe(400);
  });
});

describe('near', () => {
  beforeAll(async () => {
    const place = (id: string, latitude: number, longitude: number) =>
      put({ resourceType: 'Location', id, position: { latitude, longitude } });
    await place('tokyo', 35.681, 139.767);
    await place('yokohama', 35.466, 139.622); // 27 km away
    await place('osaka', 34.702, 135.495); // 403 km
    await place('date-line-east', 0, 179.99);
    await place('date-line-west', 0, -179.99); // 2.2 km
    await put({ resourceType: 'Location', id: 'nowhere' });
  });
  test.each([
    ['35.681|139.767', 'tokyo yokohama'],
    ['35.681|139.767|1|km', 'tokyo'],
    ['35.681|139.767|17|[mi_us]', 'tokyo yokohama'],
    ['35.681|139.767|16|mi', 'tokyo'],
    ['35.681|139.767|410', 'osaka tokyo yokohama'],
    ['35.681|139.767|500|m', 'tokyo'],
    ['0|180|3|km', 'date-line-east date-line-west'],
    ['34.7|135.5|5|km,35.681|139.767|5|km', 'osaka tokyo'],
  ])('near=%s', (value, ids) => expectFound(`Location?near=${value}`, ids));
  test.each(['x', '91|0', '0|181', '0', '0|0|-1|km', '0|0|1|parsec', '0|0|1|km|5', '|'])('%j is refused', async (v) => {
    expect((await t.system.get(`Location?near=${v}`)).status).toBe(400);
  });
  test('missing', () => expectFound('Location?near:missing=true', 'nowhere'));
});

describe('uri', () => {
  beforeAll(async () => {
    const set = (id: string, url: string) => put({ resourceType: 'ValueSet', id, status: 'active', url });
    await set('u1', 'http://acme.test/fhir');
    await set('u2', 'http://acme.test/fhir/ValueSet/1');
    await set('u3', 'http://acme.test/fhir-more');
    await set('u4', 'urn:oid:1.2.3');
    await set('u5', 'urn:oid:1.2.3.4');
    await put({
      resourceType: 'Basic',
      id: 'p1',
      code: { text: 'x' },
      meta: {
        profile: ['http://acme.test/StructureDefinition/a|1.0'],
        source: 'http://acme.test/source#1',
        tag: [{ system: 'urn:t', code: 'demo', display: 'A demonstration' }],
        security: [{ system: 'urn:s', code: 'R' }],
      },
    });
  });
  test.each([
    ['ValueSet?url=http://acme.test/fhir', 'u1'],
    ['ValueSet?url:below=http://acme.test/fhir', 'u1 u2'],
    ['ValueSet?url:below=http://acme.test/fhir/', 'u1 u2'],
    ['ValueSet?url:below=http://acme.test', 'u1 u2 u3'],
    ['ValueSet?url:above=http://acme.test/fhir/ValueSet/1/_history/5', 'u1 u2'],
    ['ValueSet?url:above=http://acme.test/fhir-more', 'u3'],
    ['ValueSet?url:below=urn:oid:1.2.3', 'u4'],
    ['ValueSet?url:above=urn:oid:1.2.3.4', 'u5'],
    ['ValueSet?url:missing=true', ''],
    ['Basic?_profile=http://acme.test/StructureDefinition/a', 'p1'],
    ['Basic?_profile=http://acme.test/StructureDefinition/a|1.0', 'p1'],
    ['Basic?_profile=http://acme.test/StructureDefinition/a|2.0', ''],
    ['Basic?_profile:below=http://acme.test/StructureDefinition', 'p1'],
    ['Basic?_profile:below=http://acme.test/StructureDefinition/a', 'p1'],
    ['Basic?_profile:below=http://acme.test/Structure', ''],
    ['Basic?_source=http://acme.test/source#1', 'p1'],
    ['Basic?_source:below=http://acme.test', 'p1'],
    ['Basic?_security=urn:s|R', 'p1'],
    ['Basic?_tag:text=a demo', 'p1'],
    ['Basic?_tag:not=demo', ''],
  ])('%s', (text, ids) => expectFound(text, ids));
});

describe('token', () => {
  beforeAll(async () => {
    await put({
      resourceType: 'Patient',
      id: 't1',
      gender: 'female',
      active: true,
      identifier: [
        {
          type: { coding: [{ system: 'urn:types', code: 'MR' }], text: 'カルテ番号' },
          system: 'urn:a|b',
          value: 'AbC|1',
        },
      ],
      telecom: [
        { system: 'phone', value: '０９０−１２３４−５６７８' },
        { system: 'email', value: 'Hanako@Example.test' },
      ],
    });
    await put({
      resourceType: 'Condition',
      id: 't2',
      subject: { reference: 'Patient/t1' },
      code: { coding: [{ system: 'urn:c', code: 'H', display: 'Headache, primary' }], text: 'あたまが イタイ' },
    });
  });
  const codes = 'http://hl7.org/fhir/administrative-gender';
  test.each([
    [`Patient?gender=${codes}|female`, 't1'],
    [`Patient?gender=${codes}|`, 't1'],
    [`Patient?gender=${codes}|male`, ''],
    ['Patient?gender=urn:other|female', ''],
    ['Patient?gender=FEMALE', 't1'],
    ['Patient?active=true', 't1'],
    ['Patient?active=http://hl7.org/fhir/special-values|true', 't1'],
    ['Patient?identifier=abc\\|1', 't1'],
    ['Patient?identifier=urn:a\\|b|ABC\\|1', 't1'],
    ['Patient?identifier=urn:a|b\\|ABC\\|1', ''],
    ['Patient?identifier=URN:A\\|B|', ''],
    ['Patient?identifier:of-type=urn:types|MR|abc\\|1', 't1'],
    ['Patient?identifier:of-type=urn:types|MR|2', ''],
    ['Patient?identifier:of-type=urn:types|DL|abc\\|1', ''],
    ['Patient?identifier:text=ｶﾙﾃ', 't1'],
    ['Patient?phone=090-1234-5678', 't1'],
    ['Patient?phone=09012345678', 't1'],
    ['Patient?telecom=phone|090(1234)5678', 't1'],
    ['Patient?telecom=hanako@example.test', 't1'],
    ['Patient?email=09012345678', ''],
    ['Condition?code:text=headache', 't2'],
    ['Condition?code:text=アタマがいたい', 't2'],
    ['Condition?code:text=primary', ''],
    ['Condition?code:text=nothing,HEAD', 't2'],
  ])('%s', (text, ids) => expectFound(text, ids));
  test.each(['of-type=a|b', 'of-type=a|b|c|d', 'in=urn:x', 'above=x', 'nonsense=x'])(
    'identifier:%s is refused',
    async (v) => {
      expect((await t.system.get(`Patient?identifier:${v}`)).status).toBe(400);
    },
  );
});

describe('_text and _content', () => {
  beforeAll(async () => {
    await put({
      resourceType: 'Composition',
      id: 'w1',
      status: 'final',
      type: { text: '母子健康手帳' },
      date: '2026-04-01',
      author: [{ display: 'Ｔｅｓｔ Author' }],
      title: 'にゅうようじ ケンシン',
      text: {
        status: 'generated',
        div: '<div xmlns="http://www.w3.org/1999/xhtml"><p class="hidden">体重は <b>じゅんちょう</b> &amp; 元気</p></div>',
      },
    });
  });
  test.each([
    ['_text=ジュンチョウ', 'w1'],
    ['_text=体重 ｹﾞﾝｷ', ''],
    ['_text=体重 元気', 'w1'],
    ['_text=hidden', ''],
    ['_text=xhtml', ''],
    ['_text=%26', 'w1'],
    ['_content=test author', 'w1'],
    ['_content=ニュウヨウジ けんしん', 'w1'],
    ['_content=じゅんちょう', 'w1'],
    ['_content=健康,nothing', 'w1'],
    ['_content=nothing', ''],
    ['_content=title', ''],
  ])('%s', async (text, ids) => {
    const response = await t.system.get(`Composition?${text.includes('%') ? text : encodeURI(text)}`);
    expect(matchIds(response)).toEqual(ids.split(' ').filter(Boolean));
  });
  test.each(['_text=%20', '_content=%E3%83%BB'])('%s, without a word, is refused', async (text) => {
    expect((await t.system.get(`Composition?${text}`)).status).toBe(400);
  });
  test('numbers that no database can hold do not stop the search', async () => {
    const odd =
      '{"resourceType":"Observation","id":"odd","status":"final","code":{"text":"odd"},"valueQuantity":{"value":1e999999}}';
    const { status } = await t.system.put('Observation/odd', odd);
    if (status !== 201) return;
    expect((await search('Observation?_content=odd')).status).toBe(200);
    expect((await search('Observation?value-quantity=gt5')).status).toBe(200);
  });
});

describe('string', () => {
  const representation = (valueCode: string) => ({
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation', valueCode }],
  });
  beforeAll(async () => {
    await put({
      resourceType: 'Patient',
      id: 's1',
      name: [
        { ...representation('IDE'), text: '検査 次郎', family: '検査', given: ['次郎'] },
        { ...representation('SYL'), family: 'ケンサ', given: ['ジロウ'] },
        { ...representation('ABC'), family: 'Kensa', given: ['Jirō'] },
      ],
      address: [
        { state: '見本県', city: '試験市', line: ['本町１－２'], postalCode: '１０００００１', text: '見本県試験市' },
      ],
    });
  });
  test.each([
    ...['検査次郎', '検査 次郎', '検査　次郎', '次郎検査', '次郎 検査'].map((name) => [`name=${name}`]),
    ...[
      'ケンサ',
      'ｹﾝｻ',
      'けんさ',
      'ｹﾝｻ ｼﾞﾛｳ',
      'じろう',
      'ジロウ ケンサ',
      'KENSA',
      'jiro kensa',
      'ｋｅｎｓａ　ｊｉｒｏ',
    ].map((name) => [`name=${name}`]),
    ['family=検査'],
    ['family=けんさ'],
    ['family=kensa'],
    ['given=次郎'],
    ['given=シ\u3099ロウ'],
    ['given=jiro'],
    ['phonetic=ケンサ'],
    ['name:contains=んさじ'],
    ['family:exact=ケンサ'],
    ['given:exact=Jirō'],
    ['address=見本県試験市本町'],
    ['address=本町1-2'],
    ['address=100-0001'],
    ['address-postalcode=100-0001'],
    ['address-postalcode=１０００００１'],
    ['address-postalcode=〒100'],
    ['address-city=試験'],
  ])('%s finds', (text) => expectFound(`Patient?${text}`, 's1'));
  test.each([
    'given=しろう',
    'family:exact=けんさ',
    'name:exact=検査次郎',
    'given:exact=Jiro',
    'address-postalcode=1000002',
  ])('%s does not', (text) => expectFound(`Patient?${text}`, ''));
});
