// $everything of a patient and of an encounter: what is in it, what its parameters leave, its pages while others write.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, observationOf, patientNamed, type Response, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

const ids = ({ body }: Response): string[] => (body.entry ?? []).map(({ resource }) => resource.id);
const modes = ({ body }: Response) => new Map(body.entry.map(({ resource, search }) => [resource.id, search.mode]));
const nextOf = ({ body }: Response): string | undefined =>
  body.link.find(({ relation }) => relation === 'next')?.url.slice(`${t.base}/`.length);
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });

async function pagesOf(caller: Caller, path: string, between = async () => {}): Promise<string[][]> {
  const pages: string[][] = [];
  for (let next: string | undefined = path; next !== undefined && pages.length < 100; next = undefined) {
    const response: Response = await caller.get(next);
    expect(response.status).toBe(200);
    pages.push(ids(response));
    await between();
    const behind = nextOf(response);
    if (behind === undefined) break;
    pages.push(...(await pagesOf(caller, behind, between)));
  }
  return pages;
}

/** A patient with one Observation a day in July 2026, done at one of two organizations. */
async function family(days = 6) {
  const { id: patient } = await t.system.create(patientNamed('試験', '花子', { birthDate: '2020-01-01' }));
  const { id: parent } = await t.system.create({ resourceType: 'Organization', name: '見本市' });
  const { id: clinic } = await t.system.create({
    resourceType: 'Organization',
    name: '見本医院',
    partOf: { reference: `Organization/${parent}` },
  });
  const observations: string[] = [];
  for (let day = 1; day <= days; day++) {
    const performer = [{ reference: `Organization/${clinic}` }];
    const effectiveDateTime = `2026-07-${String(day).padStart(2, '0')}`;
    observations.push((await t.system.create(observationOf(patient, { effectiveDateTime, performer }))).id);
  }
  const { id: undated } = await t.system.create(observationOf(patient));
  return { patient, parent, clinic, observations, undated };
}

describe('Patient/[id]/$everything', () => {
  test('holds the patient, the record, and the directory entries it leads to, each once', async () => {
    const { patient, parent, clinic, observations, undated } = await family();
    const response = await t.system.get(`Patient/${patient}/$everything`);
    expect(ids(response).sort()).toEqual([patient, parent, clinic, undated, ...observations].sort());
    expect(modes(response).get(clinic)).toBe('include');
    expect(modes(response).get(patient)).toBe('match');
  });

  test('the record of another patient is not followed into', async () => {
    const { patient: mother } = await family(1);
    const { patient: child } = await family(1);
    await t.system.create({
      resourceType: 'RelatedPerson',
      patient: { reference: `Patient/${child}` },
      name: [{ text: '試験 母' }],
    });
    await t.system.create(observationOf(child, { focus: [{ reference: `Patient/${mother}` }] }));
    expect(ids(await t.system.get(`Patient/${child}/$everything`))).not.toContain(mother);
    expect((await t.system.get(`Patient/${mother}/$everything`)).text).not.toContain(child);
  });

  test('start and end leave what has a clinical date outside; what has none stays, and so does the patient', async () => {
    const { patient, parent, clinic, observations, undated } = await family();
    const ask = async (query: string) =>
      ids(await t.system.get(`Patient/${patient}/$everything?${query}`)).filter((id) => observations.includes(id));
    expect((await ask('start=2026-07-02&end=2026-07-03')).sort()).toEqual(observations.slice(1, 3).sort());
    expect((await ask('start=2026-07-05')).sort()).toEqual(observations.slice(4).sort());
    expect((await ask('end=2026-07-01')).sort()).toEqual(observations.slice(0, 1));
    const future = await t.system.get(`Patient/${patient}/$everything?start=2030`);
    expect(ids(future).sort()).toEqual([patient, undated].sort());
    const whole = await t.system.get(`Patient/${patient}/$everything?start=2026-07-06`);
    expect(ids(whole).sort()).toEqual([patient, parent, clinic, undated, observations[5]].sort());
  });

  test('_since leaves what was stored later, the directory included', async () => {
    const { patient, clinic, observations } = await family(2);
    const before = new Date(t.clock.nowMs).toISOString();
    t.clock.nowMs += 60_000;
    await t.system.put(`Observation/${observations[0]}`, {
      ...observationOf(patient, { performer: [{ reference: `Organization/${clinic}` }] }),
      id: observations[0],
    });
    const since = (instant: string) => `Patient/${patient}/$everything?_since=${encodeURIComponent(instant)}`;
    expect(ids(await t.system.get(since(before)))).toEqual([observations[0]]);
    await t.system.put(`Organization/${clinic}`, { resourceType: 'Organization', id: clinic, name: '改名医院' });
    expect(ids(await t.system.get(since(before)))).toEqual([observations[0], clinic]);
    const nothing = await t.system.get(since('2100-01-01T00:00:00Z'));
    expect(nothing.body).not.toHaveProperty('entry');
  });

  test('_type leaves those types, in any of its spellings', async () => {
    const { patient, parent, clinic, undated } = await family(0);
    const ask = async (query: string) => ids(await t.system.get(`Patient/${patient}/$everything?${query}`)).sort();
    expect(await ask('_type=Observation,Patient')).toEqual([patient, undated].sort());
    expect(await ask('_type=Observation&_type=Patient')).toEqual([patient, undated].sort());
    const { observations } = await family(0);
    expect(observations).toEqual([]);
    await t.system.create(observationOf(patient, { performer: [{ reference: `Organization/${clinic}` }] }));
    expect(await ask('_type=Organization')).toEqual([clinic, parent].sort());
  });

  test('POST takes the same as a Parameters resource', async () => {
    const { patient, observations, undated } = await family(3);
    const response = await t.system.post(
      `Patient/${patient}/$everything`,
      parameters(
        { name: 'start', valueDate: '2026-07-02' },
        { name: 'end', valueDate: '2026-07-02' },
        { name: '_type', valueCode: 'Observation' },
        { name: '_count', valueInteger: 10 },
      ),
    );
    expect(ids(response).sort()).toEqual([observations[1], undated].sort());
    expect((await t.system.post(`Patient/${patient}/$everything`, undefined)).status).toBe(200);
  });

  test.each([
    ['_elements=id', 'not-supported', 'Known: _since, _type, _count, start, end'],
    ['start=yesterday', 'value', 'start takes a date of FHIR'],
    ['start=2026&start=2027', 'invalid', 'start may be given once'],
    ['_type=Cat', 'value', '_type takes resource types'],
    ['_count=0', 'value', '_count takes a whole number from 1'],
    ['_page=made-up', 'expired', 'page link'],
  ])('%s is refused with a sentence', async (query, code, sentence) => {
    const { status, body } = await t.system.get(`Patient/x/$everything?${query}`);
    expect([status, body.issue[0]?.code]).toEqual([400, code]);
    expect(body.issue[0]?.diagnostics).toContain(sentence);
  });

  test('HEAD answers like GET without making the body', async () => {
    const { patient } = await family(1);
    const statements: string[] = [];
    const pool = t.pool as unknown as { query: (...args: unknown[]) => unknown };
    const query = pool.query;
    pool.query = function (this: unknown, ...args: unknown[]) {
      statements.push((args[0] as { text: string }).text);
      return query.apply(this, args);
    };
    const answer = await t.app.inject({
      method: 'HEAD',
      url: `/fhir/Patient/${patient}/$everything`,
      headers: { authorization: `Bearer ${t.system.token}` },
    });
    pool.query = query;
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/fhir+json; charset=utf-8']);
    expect(statements.some((text) => text.includes('from resource r\n   where owner'))).toBe(false);
  });
});

describe('pages', () => {
  test.each([1, 2, 3, 5, 9, 10, 1000])('of %i hold everything once', async (count) => {
    const { patient, parent, clinic, observations, undated } = await family();
    const pages = await pagesOf(t.system, `Patient/${patient}/$everything?_count=${count}`);
    expect(pages.slice(0, -1).every((page) => page.length === count)).toBe(true);
    expect(pages.flat().sort()).toEqual([patient, parent, clinic, undated, ...observations].sort());
  });

  test('keep the parameters', async () => {
    const { patient, observations } = await family();
    const path = `Patient/${patient}/$everything?_count=2&_type=Observation&start=2026-07-02&end=2026-07-06`;
    expect((await pagesOf(t.system, path)).flat()).toEqual(expect.arrayContaining(observations.slice(1)));
    const since = `Patient/${patient}/$everything?_count=3&_since=2000&_type=Organization,Patient`;
    expect((await pagesOf(t.system, since)).flat()).toHaveLength(3);
  });

  test('stay complete and without repetition while dates change, resources come and others go', async () => {
    const { patient, parent, clinic, observations, undated } = await family(8);
    let turn = 0;
    const gone = observations.slice(6);
    const pages = await pagesOf(t.system, `Patient/${patient}/$everything?_count=2`, async () => {
      turn += 1;
      for (const id of observations.slice(0, 6)) {
        const effectiveDateTime = `20${10 + turn}-01-0${turn}`;
        const performer = [{ reference: `Organization/${clinic}` }];
        await t.system.put(`Observation/${id}`, { ...observationOf(patient, { effectiveDateTime, performer }), id });
      }
      if (turn === 1) for (const id of gone) await t.system.delete(`Observation/${id}`);
      await t.system.create({ ...patientNamed('他', '人') });
    });
    const found = pages.flat();
    expect(new Set(found).size).toBe(found.length);
    const stayed = [patient, parent, clinic, undated, ...observations.slice(0, 6)];
    expect(found).toEqual(expect.arrayContaining(stayed));
    expect(found.filter((id) => !stayed.includes(id) && !gone.includes(id))).toEqual([]);
  });

  test('hold what two patients share as well', async () => {
    const { patient, observations } = await family(2);
    const { patient: other } = await family(1);
    const { id } = await t.system.create(observationOf(other, { performer: [{ reference: `Patient/${patient}` }] }));
    const found = (await pagesOf(t.system, `Patient/${patient}/$everything?_count=2&_type=Observation`)).flat();
    expect(found).toEqual(expect.arrayContaining([id, ...observations]));
    expect(new Set(found).size).toBe(found.length);
  });

  test('are for the caller and the patient they were made for', async () => {
    const { patient } = await family(3);
    const { patient: other } = await family(0);
    const next = nextOf(await t.system.get(`Patient/${patient}/$everything?_count=1`)) ?? '';
    expect((await t.system.get(next.replace(patient, other))).status).toBe(400);
    const somebody = await t.caller('system/*.cruds', { client: 'somebody-else' });
    expect((await somebody.get(next)).status).toBe(400);
  });
});

describe('Patient/$everything', () => {
  test('is the own record of a patient’s app, page by page too', async () => {
    const { patient, observations } = await family(2);
    const own = await t.caller('patient/*.rs', { patient });
    expect(ids(await own.get('Patient/$everything'))).toEqual(expect.arrayContaining([patient, ...observations]));
    const pages = await pagesOf(own, 'Patient/$everything?_count=2');
    expect(pages.flat().sort()).toEqual(ids(await own.get(`Patient/${patient}/$everything`)).sort());
  });

  test('is refused to those who see everyone, and to those who see no patient', async () => {
    expect((await t.system.get('Patient/$everything')).status).toBe(422);
    const { patient } = await family(0);
    const own = await t.caller('patient/Observation.rs', { patient });
    expect((await own.get('Patient/$everything')).status).toBe(403);
  });
});

describe('Encounter/[id]/$everything', () => {
  /** A visit with two findings, one of which names a problem from before; and a visit that is not asked for. */
  async function visit() {
    const { patient, clinic, parent, undated } = await family(0);
    const about = { subject: { reference: `Patient/${patient}` } };
    const plain = { resourceType: 'Encounter', status: 'finished', class: { code: 'AMB' }, ...about };
    const { id: other } = await t.system.create(plain);
    const { id: problem } = await t.system.create({ resourceType: 'Condition', ...about });
    const { id: encounter } = await t.system.create({
      ...plain,
      serviceProvider: { reference: `Organization/${clinic}` },
    });
    const within = { encounter: { reference: `Encounter/${encounter}` } };
    const { id: finding } = await t.system.create(observationOf(patient, within));
    const { id: procedure } = await t.system.create({
      resourceType: 'Procedure',
      status: 'completed',
      ...about,
      ...within,
      reasonReference: [{ reference: `Condition/${problem}` }, { reference: `Observation/${finding}` }],
    });
    return { patient, clinic, parent, undated, other, problem, encounter, finding, procedure };
  }

  test('holds the encounter, what refers to it, and what these refer to; nothing else of the patient', async () => {
    const { patient, clinic, parent, problem, encounter, finding, procedure } = await visit();
    const response = await t.system.get(`Encounter/${encounter}/$everything`);
    const all = [encounter, finding, procedure, patient, problem, clinic, parent];
    expect(ids(response).sort()).toEqual(all.sort());
    expect(ids(response)[0]).toBe(encounter);
    expect([modes(response).get(finding), modes(response).get(problem)]).toEqual(['match', 'include']);
    for (const count of [1, 2, 3, 100]) {
      const pages = await pagesOf(t.system, `Encounter/${encounter}/$everything?_count=${count}`);
      expect(pages.flat().sort()).toEqual(all.sort());
    }
    expect(ids(await t.system.get(`Encounter/${encounter}/$everything?_type=Condition,Encounter`)).sort()).toEqual(
      [encounter, problem].sort(),
    );
  });

  test('what it refers to in the record of another patient stays there', async () => {
    const { patient, encounter } = await visit();
    const { patient: other } = await family(0);
    const { id: secret } = await t.system.create(observationOf(other));
    await t.system.create(
      observationOf(patient, {
        encounter: { reference: `Encounter/${encounter}` },
        focus: [{ reference: `Patient/${other}` }],
        hasMember: [{ reference: `Observation/${secret}` }],
      }),
    );
    await t.system.create(observationOf(other, { encounter: { reference: `Encounter/${encounter}` } }));
    const found = await t.system.get(`Encounter/${encounter}/$everything`);
    expect(ids(found)).not.toContain(other);
    expect(ids(found)).not.toContain(secret);
    expect(found.body.entry.filter(({ resource }) => resource.resourceType === 'Observation')).toHaveLength(2);
  });

  test('an encounter without a patient is itself and what it refers to', async () => {
    const { id: location } = await t.system.create({ resourceType: 'Location', name: '見本' });
    const { patient } = await family(0);
    const { id } = await t.system.create({
      resourceType: 'Encounter',
      status: 'planned',
      class: { code: 'AMB' },
      location: [{ location: { reference: `Location/${location}` } }],
      appointment: [{ reference: `Appointment/${patient}` }],
    });
    expect(ids(await t.system.get(`Encounter/${id}/$everything`))).toEqual([id, location]);
  });

  test('is limited by the types of the scopes', async () => {
    const { patient, encounter, finding } = await visit();
    const own = await t.caller('patient/Encounter.rs patient/Observation.rs', { patient });
    expect(ids(await own.get(`Encounter/${encounter}/$everything`))).toEqual([encounter, finding]);
  });
});
