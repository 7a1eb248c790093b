// $growth over the whole server: points from what a record holds, their references, the chart, and what is refused.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { undefinedIn } from '../profiles/published.ts';
import { type Body, patientNamed, type Response, startApp, type TestApp } from '../support/app.ts';
import { refusalsOf } from '../support/valid.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

const LOINC = 'http://loinc.org';
const JP = 'http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationBodyMeasurementCode_CS';
const UCUM = 'http://unitsofmeasure.org';

const child = async (more: object = {}) =>
  (await t.system.create(patientNamed('試験', '花子', { birthDate: '2025-11-23', gender: 'female', ...more }))).id;

type Told = { date?: string; system?: string } & Record<string, unknown>;
const observed = (patient: string, code: string, value: number, unit: string, { date, system, ...more }: Told = {}) =>
  t.system.create({
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: system ?? LOINC, code }] },
    subject: { reference: `Patient/${patient}` },
    effectiveDateTime: date ?? '2026-05-23',
    valueQuantity: { value, unit, system: UCUM, code: unit },
    ...more,
  });

const picture = async (id: string, query = '') =>
  t.app.inject({
    url: `/fhir/Patient/${id}/$growth?_format=image/svg%2Bxml${query}`,
    headers: { authorization: `Bearer ${t.system.token}` },
  });
const growth = (id: string, query = '') => t.system.get(`Patient/${id}/$growth${query}`);

type Part = { name: string; part?: Part[]; resource?: Body; [value: string]: unknown };
const parameters = ({ body }: Response, name: string) =>
  (body.parameter as unknown as Part[]).filter((one) => one.name === name);
const valueIn = (one: Part): unknown => Object.entries(one).find(([key]) => key.startsWith('value'))?.[1];
/** A point in one line of what tests look at. */
const points = (answer: Response) =>
  parameters(answer, 'point').map(({ part = [] }) => {
    const value = (name: string) => {
      const found = part.find((one) => one.name === name);
      return found && (valueIn(found) as never);
    };
    const quantity = (name: string) => (value(name) as { value: number; comparator?: string } | undefined)?.value;
    return {
      measure: value('measure'),
      date: value('date'),
      value: quantity('value'),
      age: quantity('age'),
      correctedAge: quantity('correctedAge'),
      percentile: quantity('percentile'),
      percentileBy: value('percentileReference'),
      sdScore: value('sdScore'),
      sdScoreBy: value('sdScoreReference'),
      notes: part.filter(({ name }) => name === 'note').map(noteCode),
      uncorrected: part.find(({ name }) => name === 'uncorrected')?.part?.map(({ name }) => name),
      of: part.filter(({ name }) => name === 'observation').length,
    };
  });
const noteCode = (one: Part) => (valueIn(one) as { coding: { code: string }[] }).coding[0]?.code;
const notesOf = (answer: Response) => parameters(answer, 'note').map(noteCode);
const references = (answer: Response) =>
  parameters(answer, 'reference').map(({ part = [] }) => part.find(({ name }) => name === 'code')?.valueCode);

describe('the answer', () => {
  test('scores each measure by the reference that is usual for it, and cites it', async () => {
    const id = await child();
    await observed(id, '29463-7', 7200, 'g');
    await observed(id, '8302-2', 0.655, 'm');
    await observed(id, '31006116', 42.5, 'cm', { system: JP });
    const answer = await growth(id);
    expect(answer.status).toBe(200);
    expect(refusalsOf(answer.body)).toEqual([]);
    expect(undefinedIn(answer.body)).toEqual([]);
    expect(points(answer)).toMatchObject([
      {
        measure: 'weight',
        date: '2026-05-23',
        value: 7.2,
        age: 181,
        percentileBy: 'jp-2023',
        sdScoreBy: 'jp-2000',
        of: 1,
      },
      { measure: 'height', value: 65.5, percentileBy: 'jp-2023', sdScoreBy: 'jp-2000' },
      { measure: 'head-circumference', value: 42.5, percentileBy: 'jp-2023', sdScoreBy: 'jp-2023' },
      { measure: 'bmi', value: 16.78, percentileBy: 'who', sdScoreBy: 'who', notes: ['computed'], of: 2 },
      { measure: 'weight-for-length', value: 7.2, percentileBy: 'who', sdScoreBy: 'who', of: 2 },
    ]);
    expect(references(answer)).toEqual(['jp-2023', 'jp-2000', 'who']);
    expect(notesOf(answer)).toEqual(['gestation-unknown']);
  });

  test('a value of the published table has its published place', async () => {
    const id = await child();
    // Girls at birth in the survey of 2023: 2.95 kg is the 50th percentile; girls at birth in WHO's table: M is 3.2322 kg.
    await observed(id, '8339-4', 2950, 'g', { date: '2026-01-01' });
    expect(points(await growth(id, '?measure=weight'))).toMatchObject([{ age: 0, percentile: 50, sdScore: 0 }]);
    await observed(id, '29463-7', 3.2322, 'kg', { date: '2025-11-23' });
    const [byWho] = points(await growth(id, '?measure=weight&reference=who'));
    expect(byWho).toMatchObject({ percentile: 50, percentileBy: 'who', sdScore: 0, sdScoreBy: 'who' });
  });

  test('converts pounds and inches, and counts the day in Japan', async () => {
    const id = await child();
    await observed(id, '3141-9', 16, '[lb_av]', { date: '2026-05-22T20:00:00Z' });
    await observed(id, '8306-3', 26, '[in_i]', { date: '2026-05-23T09:00:00+09:00' });
    expect(points(await growth(id, '?measure=weight,height'))).toMatchObject([
      { value: 7.257, date: '2026-05-23' },
      { value: 66.04, date: '2026-05-23' },
    ]);
  });

  test('GET with repeated names and POST say the same', async () => {
    const id = await child();
    await observed(id, '29463-7', 7.2, 'kg');
    const body = {
      resourceType: 'Parameters',
      parameter: [
        { name: 'measure', valueCode: 'weight' },
        { name: 'measure', valueCode: 'bmi' },
        { name: 'reference', valueCode: 'who' },
      ],
    };
    const got = await growth(id, '?measure=weight&measure=bmi&reference=who');
    const posted = await t.system.post(`Patient/${id}/$growth`, body);
    expect([posted.status, posted.body]).toEqual([200, got.body]);
    expect(references(got)).toEqual(['who']);
  });

  test('reads the parts of a panel, units without codes, and the code that says most', async () => {
    const id = await child();
    const quantity = (value: number, unit: string) => ({ valueQuantity: { value, unit } });
    await t.system.create({
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: LOINC, code: '85353-1' }], text: '身体計測' },
      subject: { reference: `Patient/${id}` },
      effectiveDateTime: '2026-05-23',
      component: [
        { code: { coding: [{ system: LOINC, code: '29463-7' }] }, ...quantity(7200, 'ｇ') },
        {
          code: {
            coding: [
              { system: LOINC, code: '8302-2' },
              { system: LOINC, code: '8308-9' },
            ],
          },
          ...quantity(65, '㎝'),
        },
      ],
    });
    expect(points(await growth(id, '?measure=weight,height&reference=who'))).toMatchObject([
      { measure: 'weight', value: 7.2, notes: [] },
      { measure: 'height', value: 65, notes: ['position-adjusted'] },
    ]);
  });

  test('a child born preterm is compared by corrected age, and the age since birth stands beside it', async () => {
    const id = await child();
    await observed(id, '76516-4', 32, 'wk', { date: '2025-11-23' });
    await observed(id, '29463-7', 6.1, 'kg');
    const answer = await growth(id, '?measure=weight');
    expect(points(answer)).toMatchObject([
      {
        age: 181,
        correctedAge: 125,
        uncorrected: ['percentile', 'percentileReference', 'sdScore', 'sdScoreReference'],
      },
    ]);
    expect(parameters(answer, 'gestationalAge').map(valueIn)).toEqual([
      { value: 224, unit: 'd', system: UCUM, code: 'd' },
    ]);
    expect(notesOf(answer)).toEqual([]);
  });

  test.each<[said: string, code: string, told: Told, corrected: boolean]>([
    ['of the newborn, as weeks and days', '18185-9', { date: '2025-11-24', valueString: '32週3日' }, true],
    ['estimated on the day of birth', '11884-4', { date: '2025-11-23' }, true],
    ['of a pregnancy, years later', '18185-9', { date: '2026-05-01' }, false],
    ['taken back', '76516-4', { date: '2025-11-23', status: 'entered-in-error' }, false],
    ['of somebody else', '76516-4', { date: '2025-11-23', focus: [{ display: '見本' }] }, false],
  ])('a gestational age %s', async (_, code, told, corrected) => {
    const id = await child();
    await observed(id, code, 32, 'wk', { ...told, ...(told.valueString ? { valueQuantity: undefined } : {}) });
    await observed(id, '29463-7', 6.1, 'kg');
    const [point] = points(await growth(id, '?measure=weight'));
    expect(point?.correctedAge !== undefined).toBe(corrected);
  });

  test('what was entered in error, cancelled, of somebody else or of another kind is left out; the rest is marked', async () => {
    const id = await child();
    const other = await child();
    await observed(id, '29463-7', 7, 'kg', { status: 'entered-in-error' });
    await observed(id, '29463-7', 7, 'kg', { status: 'cancelled' });
    await observed(id, '29463-7', 7, 'kg', { focus: [{ display: '胎児' }] });
    await observed(id, '8867-4', 120, '/min');
    await observed(other, '29463-7', 7.1, 'kg');
    await observed(id, '29463-7', 7200, 'kg', { date: '2026-05-01' });
    await observed(id, '29463-7', 7.2, 'cm', { date: '2026-05-02' });
    await observed(id, '29463-7', 7.2, 'kg', { date: '2026-05' });
    await observed(id, '29463-7', 7.2, 'kg', { date: '2026-05-04', valueQuantity: undefined, valueString: '7.2kg' });
    const atMost = { value: 7.2, comparator: '<', unit: 'kg', system: UCUM, code: 'kg' };
    await observed(id, '29463-7', 7.2, 'kg', { date: '2026-05-05', valueQuantity: atMost });
    await observed(id, '29463-7', 3, 'kg', { date: '2025-01-01' });
    await observed(id, '29463-7', 7.2, 'kg', { date: '2026-05-03', status: 'preliminary' });
    expect(points(await growth(id)).map(({ date, value, notes }) => [date, value, notes])).toEqual([
      ['2025-01-01', 3, ['before-birth']],
      ['2026-05-01', 7200, ['implausible']],
      ['2026-05-02', undefined, ['unreadable']],
      ['2026-05-03', 7.2, ['preliminary']],
      ['2026-05-04', undefined, ['unreadable']],
      ['2026-05-05', undefined, ['unreadable']],
      [undefined, 7.2, ['no-day']],
    ]);
  });

  test('a percentile that rounds to nobody is below the last tenth, and decimals keep their places', async () => {
    const id = await child({ birthDate: '2016-11-23' });
    await observed(id, '8302-2', 100, 'cm', { date: '2026-11-23' });
    const { text } = await growth(id, '?measure=height');
    expect(text).toMatch(/"percentile","valueQuantity":\{"value":0\.1,"comparator":"<"/);
    expect(text).toMatch(/"sdScore","valueDecimal":-\d\.\d\d[,}]/);
  });

  test('without a sex that has references nothing is scored, nothing is drawn, and both are said', async () => {
    const id = await child({ gender: 'unknown' });
    await observed(id, '29463-7', 7.2, 'kg');
    const answer = await growth(id, '?measure=weight');
    expect(points(answer)).toMatchObject([{ value: 7.2, percentile: undefined, sdScore: undefined }]);
    expect(notesOf(answer)).toEqual(['sex-unknown', 'gestation-unknown']);
    expect(parameters(answer, 'chart')).toEqual([]);
    expect((await picture(id)).statusCode).toBe(422);
  });
});

describe('the chart', () => {
  test('is a Binary in the answer, and by itself with _format', async () => {
    const id = await child();
    await observed(id, '29463-7', 7.2, 'kg');
    const [chart] = parameters(await growth(id, '?measure=weight'), 'chart');
    expect(chart?.resource).toMatchObject({ resourceType: 'Binary', contentType: 'image/svg+xml' });
    const alone = await picture(id, '&measure=weight');
    expect(alone.headers['content-type']).toBe('image/svg+xml');
    expect(alone.headers['content-security-policy']).toBe("default-src 'none'; sandbox");
    expect(alone.body).toBe(Buffer.from(String(chart?.resource?.data), 'base64').toString());
  });
});

describe('bad input', () => {
  test.each<[query: string, diagnostics: RegExp, expression: string]>([
    ['?reference=jp-2010', /no growth reference "jp-2010" here\. Known: jp-2023, jp-2000, who/, 'reference'],
    ['?reference=who&reference=jp-2000', /may be given once/, 'reference'],
    ['?reference=', /no growth reference "" here/, 'reference'],
    ['?measure=shoe-size', /Known: weight, height, head-circumference, bmi, weight-for-length/, 'measure'],
    ['?measure=weight,', /no growth measure ""/, 'measure'],
    ['?date=2026-01-01', /no parameter "date"\. Known: measure, reference/, 'date'],
  ])('%s', async (query, diagnostics, expression) => {
    const { status, body } = await growth(await child(), query);
    expect(status).toBe(400);
    expect(body.issue[0]).toMatchObject({ diagnostics: expect.stringMatching(diagnostics), expression: [expression] });
  });

  test.each<[why: string, body: unknown]>([
    ['no Parameters', { resourceType: 'Patient' }],
    ['another value', { resourceType: 'Parameters', parameter: [{ name: 'measure', valueString: 'weight' }] }],
    ['another name', { resourceType: 'Parameters', parameter: [{ name: 'sex', valueCode: 'male' }] }],
  ])('POST: %s', async (_, body) => {
    expect((await t.system.post(`Patient/${await child()}/$growth`, body)).status).toBe(400);
  });

  test.each([undefined, '2025', '2025-11'])('a birth date of %s is 422', async (birthDate) => {
    const { status, body } = await growth(await child({ birthDate }));
    expect([status, body.issue[0]?.expression]).toEqual([422, ['Patient.birthDate']]);
  });
});

describe('the caller', () => {
  test('sees only what their scopes let them', async () => {
    const id = await child();
    const category = [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
    ];
    await observed(id, '29463-7', 7.2, 'kg', { category });
    await observed(id, '29463-7', 3.1, 'kg', { date: '2025-11-24' });
    const granular = await t.caller('patient/Patient.r patient/Observation.rs?category=vital-signs', { patient: id });
    const seen = points(await granular.get(`Patient/${id}/$growth?measure=weight`));
    expect(seen.map(({ value }) => value)).toEqual([7.2]);
  });

  test('with Observation of one patient and Patient of all is refused for the others', async () => {
    const [own, other] = [await child(), await child()];
    const mixed = await t.caller('system/Patient.r patient/Observation.r', { patient: own });
    expect((await mixed.get(`Patient/${own}/$growth`)).status).toBe(200);
    expect((await mixed.get(`Patient/${other}/$growth`)).status).toBe(403);
    expect((await mixed.get('Patient/missing/$growth')).status).toBe(403);
  });
});
