// Records as they come: wrong, vague, doubled, contradictory, endless. Each has a defined answer that names what is wrong.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VACCINE_SYSTEM } from '../../server/fhir/canonical.ts';
import { type Body, patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

const CVX = 'http://hl7.org/fhir/sid/cvx';
const own = (code: string) => ({ coding: [{ system: VACCINE_SYSTEM, code }] });
const cvx = (code: string) => ({ coding: [{ system: CVX, code }] });
const dose = (vaccineCode: object, when: string, more: object = {}) => ({
  resourceType: 'Immunization',
  status: 'completed',
  patient: { display: '試験 花子' },
  vaccineCode,
  occurrenceDateTime: when,
  ...more,
});

const asked = (immunizations: object[], patient: object = {}, assessmentDate = '2026-11-22', more: object[] = []) => ({
  resourceType: 'Parameters',
  parameter: [
    { name: 'assessmentDate', valueDate: assessmentDate },
    { name: 'patient', resource: { resourceType: 'Patient', birthDate: '2026-01-15', ...patient } },
    ...immunizations.map((resource) => ({ name: 'immunization', resource })),
    ...more,
  ],
});

type Named = { url: string; extension: { url: string; valueCode?: string; valueReference?: { display?: string } }[] };
const partOf = ({ extension }: Named, name: string) => extension.find(({ url }) => url === name);

function warningsOf(body: Body): string[] {
  const recommendation = body.parameter.find(({ name }) => name === 'recommendation')?.resource;
  return ((recommendation?.extension ?? []) as Named[])
    .filter(({ url }) => url.endsWith('/forecast-warning'))
    .map((one) =>
      `${partOf(one, 'code')?.valueCode} ${partOf(one, 'immunization')?.valueReference?.display ?? ''}`.trim(),
    );
}

function reasonsOf(body: Body): string[] {
  return body.parameter
    .filter(({ name }) => name === 'evaluation')
    .flatMap(({ resource }) => (resource.doseStatusReason ?? []) as { coding: { code: string }[] }[])
    .map(({ coding }) => coding.at(-1)?.code ?? '');
}

describe('a dose that cannot be history', () => {
  test.each<[string, object[], string[]]>([
    ['in the future', [dose(own('BCG'), '2027-01-01')], ['afterAssessmentDate immunization-1']],
    ['before birth', [dose(own('BCG'), '2025-12-31')], ['beforeBirth immunization-1']],
    ['of an unknown product', [dose(own('MOON'), '2026-06-15')], ['unknownVaccine immunization-1']],
    ['of an unknown CVX', [dose(cvx('9999'), '2026-06-15')], ['unknownVaccine immunization-1']],
    [
      'of a product with a name only nobody knows',
      [dose({ text: '月面熱ワクチン' }, '2026-06-15')],
      ['unknownVaccine immunization-1'],
    ],
    ['without a product', [dose({ text: '？' }, '2026-06-15')], ['unknownVaccine immunization-1']],
    [
      'with its day as a story',
      [{ ...dose(own('BCG'), ''), occurrenceDateTime: undefined, occurrenceString: '生後5か月ごろ' }],
      ['invalidDate immunization-1'],
    ],
    ['entered in error', [dose(own('BCG'), '2026-06-15', { status: 'entered-in-error' })], []],
    ['not done', [dose(own('BCG'), '2026-06-15', { status: 'not-done' })], ['notGiven immunization-1']],
    ['long before anybody lived', [dose(own('BCG'), '0001-01-01')], ['beforeBirth immunization-1']],
    ['in the last year there is', [dose(own('BCG'), '9999-12-31')], ['afterAssessmentDate immunization-1']],
  ])('%s is left out and named', async (_, immunizations, warnings) => {
    const { status, body } = await t.system.post('$immds-forecast', asked(immunizations));
    expect(status).toBe(200);
    expect(warningsOf(body)).toEqual(warnings);
    expect(body.parameter.filter(({ name }) => name === 'evaluation')).toEqual([]);
  });
});

describe('the same dose told twice', () => {
  test.each<[string, object[], number]>([
    ['by clinic, MyNa and the paper book', [own('MR'), own('MR'), own('MR')], 1],
    ['under our code and under CVX', [own('MR'), cvx('04')], 1],
    ['as a brand and as a code', [{ text: 'ゴービック水性懸濁注シリンジ' }, cvx('120')], 1],
    ['with two hours on one day in Japan', [own('MR'), own('MR')], 1],
  ])('%s counts once', async (_, concepts, counted) => {
    const patient = { birthDate: '2025-01-15' };
    const times = ['2026-02-10', '2026-02-10T10:00:00+09:00', '2026-02-09T20:00:00Z'];
    const doses = concepts.map((concept, n) => dose(concept, times[n] ?? '', { id: `d${n}` }));
    const { body } = await t.system.post('$immds-forecast', asked(doses, patient));
    const valid = body.parameter.filter(
      ({ name, resource }) =>
        name === 'evaluation' && JSON.stringify(resource.immunizationEvent).includes('/d0') && resource.series !== '',
    );
    expect(valid.length).toBeGreaterThanOrEqual(counted);
    const repeats = reasonsOf(body).filter((reason) => reason === 'duplicateRecord');
    expect(repeats.length).toBeGreaterThanOrEqual(concepts.length - 1);
  });

  test('the same lot some days later is two records, named for review', async () => {
    const lot = { lotNumber: 'MR-77' };
    const doses = [dose(own('MR'), '2026-02-10', lot), dose(own('MR'), '2026-02-12', lot)];
    const { body } = await t.system.post('$immds-forecast', asked(doses, { birthDate: '2025-01-15' }));
    expect(warningsOf(body)).toEqual(['sameLotNearby immunization-2']);
    expect(body.parameter.filter(({ name }) => name === 'evaluation').length).toBeGreaterThanOrEqual(2);
  });

  test('two products of one kind on one day are both judged, and asked about', async () => {
    const doses = [dose(own('PCV13'), '2026-04-10'), dose(own('PCV20'), '2026-04-10')];
    const { text, body } = await t.system.post('$immds-forecast', asked(doses));
    expect(body.parameter.filter(({ name }) => name === 'evaluation')).toHaveLength(2);
    expect(text).toContain('E4-product');
  });
});

describe('a person or a day that cannot be', () => {
  test.each<[string, object, string, number]>([
    ['no birth date', { birthDate: undefined }, '2026-11-22', 422],
    ['a birth month only', { birthDate: '2026-01' }, '2026-11-22', 422],
    ['a birthday that no calendar has', { birthDate: '2026-02-30' }, '2026-11-22', 422],
    ['a day of assessment that no calendar has', {}, '2026-02-30', 400],
    ['a month of assessment', {}, '2026-11', 400],
    ['born after the day of assessment', { birthDate: '2027-01-15' }, '2026-11-22', 200],
    ['150 years old', { birthDate: '1876-01-15' }, '2026-11-22', 200],
    ['the oldest date', { birthDate: '0001-01-01' }, '2026-11-22', 200],
    ['the last day to plan from', { birthDate: '9799-12-31' }, '9799-12-31', 200],
    ['the last date', {}, '9999-12-31', 400],
    ['born on the last date', { birthDate: '9999-12-31' }, '2026-11-22', 400],
    ['a death', { deceasedDateTime: '2026-05-01' }, '2026-11-22', 200],
    ['no sex', { gender: 'unknown' }, '2026-11-22', 200],
  ])('%s', async (_, patient, assessmentDate, status) => {
    const { status: got, body, text } = await t.system.post('$immds-forecast', asked([], patient, assessmentDate));
    expect(got, text).toBe(status);
    expect(body.resourceType).toBe(status === 200 ? 'Parameters' : 'OperationOutcome');
  });

  test('vague dates are judged at both ends', async () => {
    const { body } = await t.system.post(
      '$immds-forecast',
      asked([dose(own('BCG'), '2026'), dose(own('HepB'), '2026-07')]),
    );
    expect(warningsOf(body)).toEqual([]);
    expect(body.parameter.filter(({ name }) => name === 'evaluation')).toHaveLength(2);
  });

  test('contradictory histories are all judged: RV1 and RV5, mother negative and positive, immune and vaccinated', async () => {
    const doses = [dose(own('RV1'), '2026-03-20'), dose(own('RV5'), '2026-04-20'), dose(own('VAR'), '2026-02-01')];
    const resource = { resourceType: 'Condition', subject: { display: '試験 花子' }, code: { text: '水痘' } };
    const body = asked(doses, {}, '2026-11-22', [{ name: 'condition', resource }]);
    const { status, body: answer } = await t.system.post('$immds-forecast', body);
    expect(status).toBe(200);
    expect(answer.parameter.filter(({ name }) => name === 'evaluation').length).toBeGreaterThanOrEqual(3);
  });
});

test('two records of one id are two doses, told apart by their place', async () => {
  const doses = ['2026-03-20', '2026-04-20'].map((when) => dose(own('HepB'), when, { id: 'example' }));
  const { body } = await t.system.post('$immds-forecast', asked(doses));
  expect(warningsOf(body)).toEqual(['repeatedId immunization-2']);
  const events = body.parameter.flatMap(({ resource }) => resource.immunizationEvent ?? []);
  expect(events).toEqual([{ reference: 'Immunization/example' }, { display: 'immunization-2' }]);
});

describe('a person who has died', () => {
  type Entry = { forecastStatus: { coding: { code: string }[] }; forecastReason?: { text: string }[] };
  const entriesOf = (body: Body) =>
    body.parameter.find(({ name }) => name === 'recommendation')?.resource.recommendation as Entry[];
  const open = (entries: Entry[]) =>
    entries.filter(({ forecastStatus }) => forecastStatus.coding[0]?.code === 'notComplete');

  test.each<[string, object]>([
    ['on a day before', { deceasedDateTime: '2026-05-01' }],
    ['on the day', { deceasedDateTime: '2026-11-22T08:00:00+09:00' }],
    ['some day of the year', { deceasedDateTime: '2026' }],
    ['nobody knows when', { deceasedBoolean: true }],
  ])('%s: the doses are judged, and nothing is due', async (_, death) => {
    const { body, text } = await t.system.post('$immds-forecast', asked([dose(own('HepB'), '2026-03-20')], death));
    const entries = entriesOf(body);
    expect(open(entries)).toEqual([]);
    expect(text).toContain('亡くなられた方には');
    expect(text).not.toMatch(/30980-7|forecast-changes-on/);
    expect(body.parameter.filter(({ name }) => name === 'evaluation')).toHaveLength(1);
  });

  test.each<[string, object]>([
    ['of the day before', { deceasedDateTime: '2026-11-23' }],
    ['of a living child', { deceasedBoolean: false }],
  ])('the plan %s is as it was', async (_, death) => {
    const { body } = await t.system.post('$immds-forecast', asked([], death));
    expect(open(entriesOf(body)).length).toBeGreaterThan(5);
  });

  test('has no visits planned, and stops a dose before the needle', async () => {
    const { id } = await t.system.create(
      patientNamed('試験', '花子', { birthDate: '2026-01-15', deceasedBoolean: true }),
    );
    const plan = await t.system.get(`Patient/${id}/$plan`);
    expect([plan.status, plan.text.includes('"Appointment"')]).toEqual([200, false]);
    const { body } = await t.system.post('Immunization/$check', {
      resourceType: 'Parameters',
      parameter: [
        { name: 'patient', valueReference: { reference: `Patient/${id}` } },
        { name: 'immunization', resource: dose(own('PCV20'), '2026-11-22') },
      ],
    });
    expect(body.parameter[0]).toEqual({ name: 'decision', valueCode: 'stop' });
  });
});

test('500 doses of a stored patient are answered', async () => {
  const { id } = await t.system.create(patientNamed('試験', '花子', { birthDate: '2020-01-15' }));
  const entry = Array.from({ length: 500 }, (_, n) => ({
    request: { method: 'POST', url: 'Immunization' },
    resource: dose(
      own(['MR', 'PCV20', 'VAR', 'HepB'][n % 4] ?? 'MR'),
      `202${1 + (n % 5)}-0${1 + (n % 9)}-${10 + (n % 17)}`,
      {
        patient: { reference: `Patient/${id}` },
      },
    ),
  }));
  const stored = await t.system.post('', { resourceType: 'Bundle', type: 'transaction', entry });
  expect(stored.status).toBe(200);
  const { status, body } = await t.system.get(`Patient/${id}/$forecast?assessmentDate=2026-11-22`);
  expect(status).toBe(200);
  expect(body.parameter.filter(({ name }) => name === 'evaluation').length).toBeGreaterThanOrEqual(500);
});

test('every resource of an answer has an id of its own, the same for the same question', async () => {
  const doses = ['2026-03-20', '2026-03-20', '2026-04-20'].map((when) => dose(own('DPT-IPV-Hib'), when));
  const ask = async () => {
    const { body } = await t.system.post('$immds-forecast', asked(doses));
    return body.parameter.map(({ resource }) => `${resource.resourceType}/${resource.id}`);
  };
  const ids = await ask();
  expect(ids.length).toBeGreaterThan(5);
  expect(new Set(ids).size).toBe(ids.length);
  expect(await ask()).toEqual(ids);
});

test('any record at all has an answer that is no fault of the server', async () => {
  const when = fc.oneof(
    fc
      .date({ min: new Date('1990-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
      .map((day) => day.toISOString()),
    fc.constantFrom(
      '2026',
      '2026-02',
      '2026-02-28',
      '1900-01-01',
      '2024-02-29',
      '9999-12-31',
      '2026-02-28T23:59:59-12:00',
    ),
  );
  const concept = fc.oneof(
    fc.constantFrom('MR', 'BCG', 'RV1', 'RV5', 'HBIG', 'DPT-IPV-Hib', 'JE', 'HPV9', 'YF', 'MOON', '').map(own),
    fc.integer({ min: 0, max: 320 }).map((code) => cvx(String(code))),
    fc
      .string({ minLength: 1, maxLength: 12 })
      .filter((text) => text.trim() !== '')
      .map((text) => ({ text })),
  );
  const immunization = fc
    .record({ concept, when, status: fc.constantFrom('completed', 'completed', 'not-done', 'entered-in-error') })
    .map(({ concept: vaccineCode, when: day, status }) => dose(vaccineCode, day, { status }));
  const fact = fc
    .record({
      code: fc.constantFrom(
        'keloid',
        'immunoglobulin',
        'fever',
        'pregnancy-edd',
        'missed:MR1',
        'disease:measles',
        'long-illness-ended',
        'x:y',
      ),
      start: when,
      end: when,
      type: fc.constantFrom('Condition', 'Flag', 'Observation'),
    })
    .map(({ code, start, end, type }) => {
      const concept = { coding: [{ system: 'https://tsumugi.example/fhir/CodeSystem/planning-fact', code }] };
      const subject = { display: '試験 花子' };
      if (type === 'Condition')
        return { name: 'condition', resource: { resourceType: type, subject, code: concept, onsetDateTime: start } };
      if (type === 'Flag')
        return {
          name: 'flag',
          resource: { resourceType: type, status: 'active', subject, code: concept, period: { start, end } },
        };
      return {
        name: 'observation',
        resource: { resourceType: type, status: 'final', subject, code: concept, valueDateTime: end },
      };
    });
  await fc.assert(
    fc.asyncProperty(
      fc.array(immunization, { maxLength: 12 }),
      fc.array(fact, { maxLength: 4 }),
      fc.constantFrom('2026-01-15', '2024-02-29', '1990-12-31', '2026-02-30', '2026'),
      fc.constantFrom('2026-11-22', '2020-02-29', '2026-13-01', '9999-12-31'),
      async (immunizations, facts, birthDate, assessmentDate) => {
        const { status, body, text } = await t.system.post(
          '$immds-forecast',
          asked(immunizations, { birthDate }, assessmentDate, facts),
        );
        expect([200, 400, 422], text).toContain(status);
        if (status === 200) expect(body.parameter.filter(({ name }) => name === 'recommendation')).toHaveLength(1);
      },
    ),
    { numRuns: 150 },
  );
});
