// Every interaction and operation leaves its row, what is refused as well; and what cannot be noted is neither done nor shown.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nobody } from '../../server/search/keys.ts';
import { type Caller, observationOf, patientNamed, type Response, startApp, type TestApp } from '../support/app.ts';
import { relate } from '../support/relate.ts';

let t: TestApp;
let child: string;
let other: string;
beforeAll(async () => {
  t = await startApp();
  child = (await t.system.create(patientNamed('試験', '花子', { birthDate: '2026-09-15' }))).id;
  other = (await t.system.create(patientNamed('他人', '秘密', { birthDate: '2026-09-15' }))).id;
});
afterAll(() => t.close());

type Row = { interaction: string; owner: string; key: string | null; outcome: number };
const rowsOf = async ({ headers }: Response): Promise<Row[]> => {
  const text = 'select interaction, owner, key, outcome from audit where request = $1 order by id';
  return (await t.pool.query(text, [headers['x-request-id']])).rows;
};

const json = { 'content-type': 'application/json-patch+json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const patch = '[{"op":"add","path":"/language","value":"ja"}]';
const tag = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: { tag: [{ code: 'x' }] } }] };
type Act = (caller: Caller, id: string, patient: string) => Promise<Response>;
const body = (patient: string, id?: string) => ({ ...observationOf(patient), ...(id && { id }) });
const bundle = (type: string, ...request: object[]) => ({ resourceType: 'Bundle', type, entry: request });

// Against an Observation of a patient: what rows it leaves, each with whose record it was.
const picture = { resourceType: 'Binary', contentType: 'image/jpeg', data: '/9j/4AAQ' };
const page = { resourceType: 'Parameters', parameter: [{ name: 'picture', resource: picture }] };

const everyCard = { resourceType: 'Parameters', parameter: [{ name: 'all', valueBoolean: true }] };
const cardsAsked = {
  resourceType: 'Parameters',
  parameter: [{ name: 'credentialType', valueUri: 'https://smarthealth.cards#immunization' }],
};
const acts: [name: string, act: Act, rows: string[]][] = [
  ['read', (as, id) => as.get(`Observation/${id}`), ['read']],
  ['vread', (as, id) => as.get(`Observation/${id}/_history/1`), ['vread']],
  ['history of one', (as, id) => as.get(`Observation/${id}/_history`), ['history']],
  ['search', (as, id) => as.get(`Observation?_id=${id}`), ['search']],
  ['search with a total', (as, id) => as.get(`Observation?_id=${id}&_total=accurate`), ['search']],
  ['POST _search', (as, id) => as.send('POST', 'Observation/_search', `_id=${id}`, form), ['search']],
  ['compartment', (as, id, patient) => as.get(`Patient/${patient}/Observation?_id=${id}`), ['search']],
  ['search of everything', (as, id) => as.get(`?_id=${id}`), ['search']],
  [
    'batch',
    (as, id) => as.post('', bundle('batch', { request: { method: 'GET', url: `Observation/${id}` } })),
    ['read'],
  ],
  ['update', (as, id, patient) => as.put(`Observation/${id}`, { ...body(patient, id), language: 'ja' }), ['update']],
  ['an update that changes nothing', (as, id, patient) => as.put(`Observation/${id}`, body(patient, id)), ['read']],
  ['patch', (as, id) => as.send('PATCH', `Observation/${id}`, patch, json), ['update']],
  ['delete', (as, id) => as.delete(`Observation/${id}`), ['delete']],
  ['create', (as, _, patient) => as.post('Observation', body(patient)), ['create']],
  [
    'transaction',
    (as, id, patient) => {
      const entry = { resource: body(patient), request: { method: 'POST', url: 'Observation' } };
      return as.post('', bundle('transaction', entry, { request: { method: 'DELETE', url: `Observation/${id}` } }));
    },
    ['create', 'delete'],
  ],
  ['$meta', (as, id) => as.get(`Observation/${id}/$meta`), ['meta']],
  ['$validate', (as, id) => as.get(`Observation/${id}/$validate`), ['validate']],
  ['$findings', (as, id) => as.get(`Observation/${id}/$findings`), ['findings']],
  ['$meta-add', (as, id) => as.post(`Observation/${id}/$meta-add`, tag), ['meta', 'update']],
  ['$everything', (as, _, patient) => as.get(`Patient/${patient}/$everything`), ['everything']],
  ['$forecast', (as, _, patient) => as.get(`Patient/${patient}/$forecast`), ['forecast']],
  ['$plan', (as, _, patient) => as.get(`Patient/${patient}/$plan`), ['plan']],
  ['$growth', (as, _, patient) => as.get(`Patient/${patient}/$growth`), ['growth']],
  ['$archive', (as, _, patient) => as.post(`Patient/${patient}/$archive`, { resourceType: 'Parameters' }), ['archive']],
  [
    '$health-cards-issue',
    (as, _, patient) => as.post(`Patient/${patient}/$health-cards-issue`, cardsAsked),
    ['health-cards-issue'],
  ],
  ['$health-cards', (as, _, patient) => as.get(`Patient/${patient}/$health-cards`), ['health-cards']],
  [
    '$revoke-health-card',
    (as, _, patient) => as.post(`Patient/${patient}/$revoke-health-card`, everyCard),
    ['revoke-health-card'],
  ],
  [
    '$share',
    (as, _, patient) =>
      as.post(`Patient/${patient}/$share`, {
        resourceType: 'Parameters',
        parameter: [{ name: 'what', valueCode: 'everything' }],
      }),
    ['share'],
  ],
  ['$shares', (as, _, patient) => as.get(`Patient/${patient}/$shares`), ['shares']],
  ['$paper', (as, _, patient) => as.post(`Patient/${patient}/$paper`, page), ['create', 'paper']],
  ['GraphQL', (as, id) => as.get(`Observation/${id}/$graphql?query={id}`), ['graphql']],
  ['the log', (as, _, patient) => as.get(`AuditEvent?patient=${patient}`), ['search']],
];

test.each(acts)('%s', async (_, act, rows) => {
  const { id } = await t.system.create(observationOf(child));
  const answer = await act(t.system, id, child);
  expect(answer.status).toBeLessThan(300);
  const found = await rowsOf(answer);
  expect(found.map(({ interaction }) => interaction).sort()).toEqual(rows);
  for (const { owner, outcome } of found) expect([owner, outcome]).toEqual([child, 0]);
});

test('a search that shows several patients leaves a row for each', async () => {
  const one = await t.system.create(observationOf(child));
  const two = await t.system.create(observationOf(other));
  for (const search of [`Observation?_id=${one.id},${two.id}`, `?_id=${one.id},${two.id}`, 'Patient?_count=100'])
    expect((await rowsOf(await t.system.get(search))).map(({ owner }) => owner).sort()).toEqual([child, other].sort());
});

describe('an attempt on what is hidden is noted in that record as refused, and answered like one on nothing', () => {
  const denied: [name: string, act: Act, interaction: string][] = [
    ['read', (as, id) => as.get(`Observation/${id}`), 'read'],
    ['vread', (as, id) => as.get(`Observation/${id}/_history/1`), 'vread'],
    ['history', (as, id) => as.get(`Observation/${id}/_history`), 'history'],
    ['$meta', (as, id) => as.get(`Observation/${id}/$meta`), 'meta'],
    ['update', (as, id) => as.put(`Observation/${id}`, body(child, id)), 'update'],
    ['patch', (as, id) => as.send('PATCH', `Observation/${id}`, patch, json), 'update'],
    ['delete', (as, id) => as.delete(`Observation/${id}`), 'delete'],
  ];
  const callers = {
    'an app': () => t.caller('patient/*.cruds', { patient: child, client: 'curious' }),
    'a guardian of another child': async () => {
      await relate(t, { person: 'Person/curious', patient: child, id: 'a0000000-0000-4000-8000-000000000001' });
      return t.caller('user/*.cruds', { user: 'Person/curious' });
    },
  };
  for (const [who, callerOf] of Object.entries(callers)) {
    test.each(denied)(`${who} > %s`, async (_, act, interaction) => {
      const caller = await callerOf();
      const { id } = await t.system.create(observationOf(other));
      const hidden = await act(caller, id, other);
      const missing = await act(caller, 'nothing', other);
      expect(hidden.text.replaceAll(id, 'ID')).toBe(missing.text.replaceAll('nothing', 'ID'));
      expect(hidden.status).toBe(missing.status);
      expect(await rowsOf(hidden)).toEqual([{ interaction, owner: other, key: id, outcome: 4 }]);
      expect(await rowsOf(missing)).toEqual([{ interaction, owner: nobody, key: null, outcome: 4 }]);
    });
  }

  test('the record of a hidden patient', async () => {
    const caller = await t.caller('patient/*.cruds', { patient: child });
    for (const [path, interaction] of [
      ['$forecast', 'forecast'],
      ['$everything', 'everything'],
    ]) {
      const answer = await caller.get(`Patient/${other}/${path}`);
      expect(answer.status).toBe(404);
      expect(await rowsOf(answer)).toEqual([{ interaction, owner: other, key: other, outcome: 4 }]);
    }
  });
});

describe('while nothing can be noted', () => {
  let id: string;
  beforeAll(async () => {
    id = (await t.system.create(observationOf(child, { note: [{ text: 'しるし' }] }))).id;
    await t.pool.query('alter table audit add constraint full_disk check (id < 0) not valid');
  });
  afterAll(() => t.pool.query('alter table audit drop constraint full_disk'));

  test.each(acts)('%s is refused with 503 and shows nothing', async (name, act) => {
    const count = async () => (await t.pool.query('select count(*)::int as n from resource')).rows[0].n;
    const before = await count();
    const { status, text, body: answer } = await act(t.system, id, child);
    if (name === 'batch') expect(answer.entry[0]?.response.status).toMatch(/^503/);
    else expect([name, status, answer.issue[0]?.code]).toEqual([name, 503, 'transient']);
    expect(text).not.toContain('しるし');
    expect(await count()).toBe(before);
  });
});
