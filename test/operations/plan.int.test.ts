// $plan over the whole server: a valid Bundle, wishes kept or refused in words, and what changes when a visit is moved.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Body, patientNamed, type Response, startApp, type TestApp } from '../support/app.ts';
import { refusalsOf } from '../support/valid.ts';

let t: TestApp;
let id: string;
beforeAll(async () => {
  t = await startApp();
  id = (await t.system.create(patientNamed('試験', '花子', { birthDate: '2026-09-15', gender: 'female' }))).id;
});
afterAll(() => t.close());

const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
const pin = (code: string, valueDate: string, doseNumber?: number) => ({
  name: 'pin',
  part: [
    { name: 'vaccineCode', valueCodeableConcept: { coding: [{ system: VACCINES, code }] } },
    { name: 'date', valueDate },
    ...(doseNumber === undefined ? [] : [{ name: 'doseNumber', valuePositiveInt: doseNumber }]),
  ],
});
const VACCINES = 'https://tsumugi.example/fhir/CodeSystem/vaccine';

type Extension = { url: string; extension?: Extension[]; [value: string]: unknown };
type Part = { name: string; part?: Part[]; [value: string]: unknown };

const plan = (query = '') => t.system.get(`Patient/${id}/$plan${query}`);
const planWith = (...list: object[]) => t.system.post(`Patient/${id}/$plan`, parameters(...list));
const appointments = ({ body }: Response) =>
  (body.entry ?? []).map(({ resource }) => resource).filter(({ resourceType }) => resourceType === 'Appointment');
const extensions = (one: Body | Extension, name: string) =>
  ((one.extension ?? []) as Extension[]).filter(({ url }) => url.endsWith(name));
const dayOf = (one: Body) => String(extensions(one, 'plan-date')[0]?.valueDate);
/** `2026-11-24 DTP1 1` */
const doses = (answer: Response) =>
  appointments(answer).flatMap((one) =>
    extensions(one, 'plan-dose').map((dose) => {
      const value = (name: string) => extensions(dose, name)[0];
      return `${dayOf(one)} ${value('series')?.valueCode} ${value('doseNumber')?.valuePositiveInt}`;
    }),
  );
const about = ({ body }: Response, name: string): Record<string, unknown>[] => {
  const resource = body.entry?.find((one) => one.resource.resourceType === 'Parameters')?.resource;
  return ((resource?.parameter ?? []) as unknown as Part[])
    .filter((one) => one.name === name)
    .map(({ part = [] }) =>
      Object.fromEntries(part.map((one) => [one.name, Object.entries(one).find(([key]) => key !== 'name')?.[1]])),
    );
};

describe('the answer', () => {
  test('is a valid Bundle: appointments in order of their day, the recommendation they rest on, and notes', async () => {
    const answer = await plan();
    expect(answer.status).toBe(200);
    expect(refusalsOf(answer.body)).toEqual([]);
    expect(answer.body).toMatchObject({ resourceType: 'Bundle', type: 'collection' });
    const types = answer.body.entry.map(({ resource }) => resource.resourceType);
    expect(types.slice(-2)).toEqual(['ImmunizationRecommendation', 'Parameters']);
    expect(new Set(types.slice(0, -2))).toEqual(new Set(['Appointment']));
    const days = appointments(answer).map(dayOf);
    expect(days).toEqual(days.toSorted());
    expect(new Set(answer.body.entry.map(({ fullUrl }) => fullUrl)).size).toBe(types.length);
    const url = answer.body.entry.at(-2)?.fullUrl;
    for (const one of appointments(answer)) {
      expect(one).toMatchObject({ status: 'proposed', reasonReference: [{ reference: url }] });
      expect(one.participant).toMatchObject([{ actor: { reference: `Patient/${id}` } }]);
      const [{ start, end }] = one.requestedPeriod as [{ start: string; end?: string }];
      expect(start <= dayOf(one) && dayOf(one) <= (end ?? '9999')).toBe(true);
      expect(one.description).toMatch(/予防接種.*\n.*vaccination/);
    }
    expect(about(answer, 'note').map(({ code }) => code)).toContain('holidays');
  });

  test('holds the recommendation that $forecast gives for that day', async () => {
    const forecast = await t.system.get(`Patient/${id}/$forecast`);
    const [recommendation] = forecast.body.parameter.filter(({ name }) => name === 'recommendation');
    expect((await plan()).body.entry.at(-2)?.resource).toEqual(recommendation?.resource);
  });

  test('plans from the whole record: a keloid keeps BCG out, and the plan says why', async () => {
    const child = await t.system.create(patientNamed('試験', '三郎', { birthDate: '2026-09-15' }));
    await t.system.create({
      resourceType: 'Condition',
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
      },
      code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'L91.0' }] },
      subject: { reference: `Patient/${child.id}` },
    });
    const answer = await t.system.get(`Patient/${child.id}/$plan`);
    expect(doses(answer).some((dose) => dose.includes('BCG'))).toBe(false);
    expect(about(answer, 'unplanned')).toContainEqual(
      expect.objectContaining({ series: 'BCG', reason: 'contraindicated' }),
    );
  });

  test('begins with four vaccines at two months, and says the same again, in a batch and as XML', async () => {
    const answer = await plan();
    expect(doses(answer).slice(0, 4).toSorted()).toEqual([
      '2026-11-23 DTP1 1',
      '2026-11-23 HEPB 1',
      '2026-11-23 PCV 1',
      '2026-11-23 ROTA 1',
    ]);
    expect((await plan()).text).toBe(answer.text);
    const entry = [{ request: { method: 'GET', url: `Patient/${id}/$plan` } }];
    const batch = await t.system.post('', { resourceType: 'Bundle', type: 'batch', entry });
    expect(batch.body.entry[0]?.resource).toEqual(answer.body);
  });

  test('ends with `until`, and names what comes after it', async () => {
    const answer = await plan('?until=2027-03-31');
    expect(doses(answer).every((dose) => dose <= '2027-04')).toBe(true);
    expect(about(answer, 'unplanned')).toContainEqual(expect.objectContaining({ series: 'MR1', reason: 'afterUntil' }));
  });

  test('stores nothing', async () => {
    await plan();
    for (const type of ['Appointment', 'Immunization', 'ImmunizationRecommendation'])
      expect((await t.system.get(`${type}?_summary=count`)).body.total).toBe(0);
  });
});

describe('wishes', () => {
  test('opening days, periods to avoid and a maximum are kept', async () => {
    const answer = await planWith(
      { name: 'open', valueCode: 'tue' },
      { name: 'open', valueCode: 'fri' },
      { name: 'avoid', valuePeriod: { start: '2026-12-20', end: '2027-01-10' } },
      { name: 'maxPerVisit', valueInteger: 2 },
    );
    for (const one of appointments(answer)) {
      expect([2, 5]).toContain(new Date(dayOf(one)).getUTCDay());
      expect(dayOf(one) < '2026-12-20' || dayOf(one) > '2027-01-10').toBe(true);
      const needles = extensions(one, 'plan-dose').filter((dose) => extensions(dose, 'injection')[0]?.valueBoolean);
      expect(needles.length).toBeLessThanOrEqual(2);
    }
    expect((await plan('?open=tue&open=fri&maxPerVisit=2')).status).toBe(200);
  });

  test.each<[string, object[], RegExp]>([
    ['an unknown name', [{ name: 'clinic', valueString: 'x' }], /no parameter "clinic"/],
    ['a day that is none', [{ name: 'open', valueCode: 'someday' }], /mon, tue/],
    ['a wrong type', [{ name: 'open', valueString: 'mon' }], /valueCode/],
    ['no injections at all', [{ name: 'maxPerVisit', valueInteger: 0 }], /from 1 to 20/],
    ['an empty period', [{ name: 'avoid', valuePeriod: {} }], /start or end/],
    [
      'a period that ends before it starts',
      [{ name: 'avoid', valuePeriod: { start: '2027', end: '2026' } }],
      /ends before/,
    ],
    ['an end in the past', [{ name: 'until', valueDate: '2020-01-01' }], /before the assessment/],
    ['an assessment date that is none', [{ name: 'assessmentDate', valueDate: '2026-02-30' }], /not a calendar date/],
    ['a pin without a day', [{ name: 'pin', part: [{ name: 'vaccineCode', valueCode: 'MR' }] }], /valueDate/],
    ['a pin of an unknown vaccine', [pin('MOON', '2027-01-01')], /known here/],
    ['one pin twice', [pin('MR', '2027-10-01'), pin('MR', '2027-10-01')], /twice/],
    ['a last plan that is none', [{ name: 'previous', resource: { resourceType: 'Patient' } }], /Bundle/],
  ])('%s is refused in words', async (_, list, words) => {
    const { status, body } = await planWith(...list);
    expect(status).toBe(400);
    expect(body.issue[0]?.diagnostics).toMatch(words);
  });

  test.each([
    'avoid=2026',
    'pin=MR',
    'when=now',
    'maxPerVisit=two',
    'until=2027-01-01&until=2028-01-01',
    'open=holiday',
  ])('GET with %s is refused', async (query) => {
    expect((await plan(`?${query}`)).status).toBe(400);
  });

  test('what stands beside a body in the query is refused, and a pin after the end', async () => {
    const { status } = await t.system.post(`Patient/${id}/$plan?open=mon`, parameters());
    expect(status).toBe(400);
    const until = { name: 'until', valueDate: '2027-01-01' };
    expect((await planWith(until, pin('MR', '2027-10-01'))).status).toBe(400);
  });

  test('a pin that the schedule does not allow is refused with the rule', async () => {
    const { status, body } = await planWith(pin('MR', '2027-03-01'));
    expect([status, body.issue[0]?.code]).toEqual([422, 'business-rule']);
    expect(body.issue[0]?.diagnostics).toMatch(/MR on 2027-03-01.*MR-1/);
    expect((await planWith(pin('MR', '2026-01-01'))).status).toBe(422);
  });

  test('a pin on a closed day is kept, and the visit says so', async () => {
    const answer = await planWith({ name: 'open', valueCode: 'mon' }, pin('BCG', '2027-03-10'));
    const visit = appointments(answer).find((one) => dayOf(one) === '2027-03-10');
    expect(extensions(visit as Body, 'plan-note')[0]?.valueCode).toBe('pinnedOnClosedDay');
    expect(doses(answer).filter((dose) => dose.includes('BCG'))).toEqual(['2027-03-10 BCG 1']);
  });
});

describe('moving a visit', () => {
  test('plans the rest again and says what moved, from where to where and why', async () => {
    const first = await plan();
    const moved = await planWith(pin('DPT-IPV-Hib', '2026-12-01', 1), { name: 'previous', resource: first.body });
    expect(doses(moved)).toContain('2026-12-01 DTP1 1');
    const changed = about(moved, 'changed');
    expect(changed).toContainEqual(
      expect.objectContaining({
        what: 'moved',
        series: 'DTP1',
        doseNumber: 1,
        from: '2026-11-23',
        to: '2026-12-01',
        reason: 'pinned',
      }),
    );
    const before = new Set(doses(first));
    const after = new Set(doses(moved));
    const differing = [...before.symmetricDifference(after)].map((dose) => dose.slice(11));
    expect(new Set(changed.map(({ series, doseNumber }) => `${series} ${doseNumber}`))).toEqual(new Set(differing));
  });

  test('against the same plan nothing has changed', async () => {
    const first = await plan();
    expect(about(await planWith({ name: 'previous', resource: first.body }), 'changed')).toEqual([]);
  });

  test('a dose that was given since is dropped as given', async () => {
    const child = await t.system.create(patientNamed('試験', '次郎', { birthDate: '2026-09-15' }));
    const path = `Patient/${child.id}/$plan`;
    const first = await t.system.get(path);
    await t.system.create({
      resourceType: 'Immunization',
      status: 'completed',
      vaccineCode: { coding: [{ system: VACCINES, code: 'PCV20' }] },
      patient: { reference: `Patient/${child.id}` },
      occurrenceDateTime: '2026-11-23',
    });
    const later = parameters(
      { name: 'assessmentDate', valueDate: '2026-11-24' },
      { name: 'previous', resource: first.body },
    );
    const changed = about(await t.system.post(path, later), 'changed');
    expect(changed).toContainEqual(
      expect.objectContaining({ what: 'dropped', series: 'PCV', doseNumber: 1, reason: 'given' }),
    );
    expect(changed).toContainEqual(expect.objectContaining({ what: 'moved', series: 'DTP1', reason: 'past' }));
  });
});

describe('the picture', () => {
  const ask = (query: string, headers = {}) =>
    t.app.inject({
      url: `/fhir/Patient/${id}/$plan?${query}`,
      headers: { authorization: `Bearer ${t.system.token}`, ...headers },
    });

  test.each(['_format=image/svg%2Bxml', '_format=image/svg+xml'])('%s answers it as SVG', async (query) => {
    const { statusCode, headers, body } = await ask(query, { accept: '*/*' });
    expect([statusCode, headers['content-type']]).toEqual([200, 'image/svg+xml']);
    expect(body).toMatch(/^<svg [^>]*role="img"/);
    expect(body).toContain('2026-09-15');
  });

  test('is planned with the same wishes, also by POST', async () => {
    const { statusCode, body } = await t.app.inject({
      method: 'POST',
      url: `/fhir/Patient/${id}/$plan?_format=image/svg%2Bxml`,
      headers: { authorization: `Bearer ${t.system.token}`, 'content-type': 'application/fhir+json' },
      payload: JSON.stringify(parameters(pin('BCG', '2027-03-10'))),
    });
    expect(statusCode).toBe(200);
    expect(body).toContain('2027年3月10日');
  });

  test('is a Binary in a batch, and a refusal an OperationOutcome', async () => {
    const entry = [{ request: { method: 'GET', url: `Patient/${id}/$plan?_format=image/svg%2Bxml` } }];
    const { body } = await t.system.post('', { resourceType: 'Bundle', type: 'batch', entry });
    expect(body.entry[0]?.resource).toMatchObject({ resourceType: 'Binary', contentType: 'image/svg+xml' });
    expect(refusalsOf(body.entry[0]?.resource)).toEqual([]);
    const refused = await ask('_format=image/svg%2Bxml&open=never');
    expect([refused.statusCode, JSON.parse(refused.body).resourceType]).toEqual([400, 'OperationOutcome']);
    expect((await ask('_format=image/png')).statusCode).toBe(406);
  });
});
