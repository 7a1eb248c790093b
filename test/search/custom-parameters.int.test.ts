// Search parameters that SearchParameter resources add while the server runs: what is refused, what is built, and that an answer
// is never a part of one. FHIR R4, https://hl7.org/fhir/R4/searchparameter.html
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startReindex } from '../../server/jobs/reindex.ts';
import { customSet, useCustomParameters } from '../../server/search/custom-set.ts';
import { askForVersion, stepReindex } from '../../server/store/reindex.ts';
import { matchIds, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';

const urlOf = (name: string) => `https://tsumugi.example/test/${name}`;
let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

const parameter = (code: string, more: object = {}) => ({
  resourceType: 'SearchParameter',
  url: urlOf(code),
  name: code,
  status: 'active',
  description: code,
  code,
  base: ['Patient'],
  type: 'string',
  expression: `Patient.extension('${urlOf(code)}').value`,
  ...more,
});
const having = (code: string, value: object, more: object = {}) =>
  patientNamed('試験', '花子', { extension: [{ url: urlOf(code), ...value }], ...more });

/** Steps until nothing is left to walk. */
const walk = async () => {
  while (await stepReindex(t.pool));
};
/** As another process would find out. */
const ready = async (path: string) => {
  await walk();
  await expect.poll(async () => (await t.system.get(path)).status, { timeout: 10_000 }).toBe(200);
};
const found = async (path: string) => {
  const answer = await t.system.get(encodeURI(path));
  if (answer.status !== 200) throw new Error(answer.text);
  return matchIds(answer).sort();
};

describe('an active SearchParameter', () => {
  test.each<[string, object, object, string[]]>([
    ['string', { type: 'string' }, { valueString: 'もり' }, ['モリ', 'もり', 'も']],
    ['token', { type: 'token' }, { valueCoding: { system: 'urn:s', code: 'a' } }, ['a', 'urn:s|a', 'urn:s|']],
    ['quantity', { type: 'quantity' }, { valueQuantity: { value: 5.4, unit: 'kg' } }, ['5.4', 'gt5', '5.4||kg']],
    [
      'reference',
      { type: 'reference', target: ['Organization'] },
      { valueReference: { reference: 'Organization/o' } },
      ['Organization/o', 'o'],
    ],
    ['date', { type: 'date' }, { valueDate: '2026-04-01' }, ['2026-04', 'ge2026-04-01']],
    ['number', { type: 'number' }, { valueDecimal: 3.5 }, ['3.5', 'lt4']],
    ['uri', { type: 'uri' }, { valueUri: 'urn:x:1' }, ['urn:x:1']],
  ])(
    'of type %s > is refused while it is built, and finds old and new afterwards',
    async (kind, more, value, asked) => {
      const code = `own-${kind}`;
      const { id: before } = await t.system.create(having(code, value));
      await t.system.create(patientNamed('他', '人'));
      await t.system.create(parameter(code, more));
      const { id: after } = await t.system.create(having(code, value));
      const refused = await t.system.get(`Patient?${code}:missing=false`);
      expect([refused.status, refused.body.issue[0]?.code]).toEqual([422, 'transient']);
      expect(refused.body.issue[0]?.diagnostics).toContain('is being built: 0 of');
      await ready(`Patient?${code}:missing=false`);
      for (const one of asked)
        expect([one, await found(`Patient?${code}=${one}`)]).toEqual([one, [before, after].sort()]);
      expect(await found(`Patient?${code}:missing=false&_id=${before}`)).toEqual([before]);
    },
  );

  test('leaves version, time and history of what it finds as they were, and pages that began before go on', async () => {
    const { id } = await t.system.create(having('own-still', { valueString: 'あ' }));
    const state = async () =>
      (await t.pool.query('select version, updated, xid::text, content from resource where key = $1', [id])).rows;
    const counts = async () =>
      (
        await t.pool.query(
          'select (select count(*) from audit) a, (select count(*) from outbox) o, (select count(*) from history) h, (select count(*) from past) p',
        )
      ).rows;
    const before = await state();
    const first = await t.system.get('Patient?_count=2');
    await t.system.create(parameter('own-still'));
    const written = await counts();
    await walk();
    expect(await state()).toEqual(before);
    expect(await counts()).toEqual(written);
    const next = first.body.link.find(({ relation }) => relation === 'next')?.url.slice(t.base.length + 1) ?? '';
    expect((await t.system.get(next)).status).toBe(200);
    await ready('Patient?own-still=x');
    expect(await found('Patient?own-still=あ')).toEqual([id]);
  });

  test('is chained, sorted, included and shown in the CapabilityStatement once it is ready, and refused before', async () => {
    const { id: organization } = await t.system.create({ resourceType: 'Organization', name: '見本園' });
    const value = { valueReference: { reference: `Organization/${organization}` } };
    const { id: patient } = await t.system.create(having('own-school', value, { birthDate: '2020-01-01' }));
    const { id: observation } = await t.system.create(observationOf(patient));
    await t.system.create(parameter('own-school', { type: 'reference', target: ['Organization'] }));
    const asked = [
      'Observation?patient.own-school.name=見本園',
      'Organization?_has:Patient:own-school:birthdate=2020-01-01',
      `Patient?_id=${patient}&_include=Patient:own-school`,
      `Organization?_id=${organization}&_revinclude=Patient:own-school`,
      `Patient?_id=${patient}&_sort=own-school`,
    ];
    const shown = async () => (await t.system.get('metadata')).text.includes(urlOf('own-school'));
    for (const path of asked) expect([path, (await t.system.get(encodeURI(path))).status]).toEqual([path, 422]);
    expect(await shown()).toBe(false);
    await ready('Patient?own-school=x');
    expect(await found(asked[0] ?? '')).toEqual([observation]);
    expect(await found(asked[1] ?? '')).toEqual([organization]);
    for (const path of asked.slice(2, 4))
      expect((await t.system.get(path)).text).toMatch(new RegExp(`${organization}`));
    expect((await t.system.get(asked[3] ?? '')).body.entry).toHaveLength(2);
    expect(await shown()).toBe(true);
    const { body: docs } = await t.app.inject({ url: '/docs/Patient' });
    expect(docs).toContain('own-school');
  });

  test('may be a composite of parameters of R4, and stand on several types', async () => {
    const definition = (name: string) => `http://hl7.org/fhir/SearchParameter/${name}`;
    const { id } = await t.system.create(
      patientNamed('組', '子', { contact: [{ gender: 'female', address: { city: '見本市' } }] }),
    );
    const answer = await t.system.post(
      'SearchParameter',
      parameter('own-contact', {
        type: 'composite',
        expression: 'Patient.contact',
        component: [
          { definition: definition('individual-gender'), expression: 'gender' },
          { definition: definition('individual-address-city'), expression: 'address.city' },
        ],
      }),
    );
    expect(answer.status).toBe(201);
    await t.system.create(
      parameter('own-anywhere', {
        base: ['DomainResource'],
        type: 'token',
        expression: `DomainResource.extension('${urlOf('any')}').value`,
      }),
    );
    const { id: group } = await t.system.create({
      resourceType: 'Group',
      type: 'person',
      actual: false,
      extension: [{ url: urlOf('any'), valueCode: 'x' }],
    });
    await ready('Patient?own-contact=female$x');
    await ready('Group?own-anywhere=x');
    expect(await found('Patient?own-contact=female$見本市')).toEqual([id]);
    expect(await found('Patient?own-contact=male$見本市')).toEqual([]);
    expect(await found('Group?own-anywhere=x')).toEqual([group]);
  });
});

describe('a SearchParameter that could never be used is refused with 422', () => {
  test.each<[string, object, string, RegExp]>([
    ['a code of R4', { code: 'birthdate' }, 'code', /cannot be replaced/],
    ['a code that is no name', { code: 'a:b' }, 'code', /must be a letter/],
    ['a type that has no index', { type: 'special' }, 'type', /cannot be added/],
    ['no expression', { expression: undefined }, 'expression', /nothing to index/],
    ['what is no FHIRPath', { expression: 'Patient.name.(' }, 'expression', /cannot be used on Patient/],
    ['an element that is not there', { expression: 'Patient.nothing' }, 'expression', /has no element nothing/],
    ['an expression of another type', { expression: 'Group.name' }, 'expression', /selects nothing of Patient/],
    ['a composite without components', { type: 'composite' }, 'component', /2 to 5 components/],
  ])('%s', async (_, more, element, why) => {
    const { status, body } = await t.system.post('SearchParameter', { ...parameter('own-refused'), ...more });
    expect(status).toBe(422);
    expect(body.issue[0]?.expression).toEqual([`SearchParameter.${element}`]);
    expect(body.issue[0]?.diagnostics).toMatch(why);
  });

  test('an unknown base, and a code that another one has', async () => {
    expect((await t.system.post('SearchParameter', parameter('own-nowhere', { base: ['Nothing'] }))).status).toBe(422);
    await t.system.create(parameter('own-once'));
    const { status, body } = await t.system.post('SearchParameter', parameter('own-once', { url: urlOf('other') }));
    expect([status, body.issue[0]?.diagnostics]).toEqual([
      422,
      expect.stringContaining('is taken by SearchParameter/'),
    ]);
  });

  test('but a draft is only stored, whatever it says', async () => {
    expect((await t.system.post('SearchParameter', parameter('birthdate', { status: 'draft' }))).status).toBe(201);
  });

  test('nobody but clients with a system scope may add one', async () => {
    const { id } = await t.system.create(patientNamed('試験', '花子'));
    const family = await t.caller('patient/*.cruds', { patient: id });
    expect((await family.post('SearchParameter', parameter('own-family'))).status).toBe(403);
  });
});

describe('what ends a parameter', () => {
  test.each<[string, (id: string, one: object) => Promise<{ status: number }>]>([
    ['retiring it', (id, one) => t.system.put(`SearchParameter/${id}`, { ...one, id, status: 'retired' })],
    ['deleting it', (id) => t.system.delete(`SearchParameter/${id}`)],
    [
      'erasing it',
      (id) =>
        t.system.post(`SearchParameter/${id}/$expunge`, {
          resourceType: 'Parameters',
          parameter: [{ name: 'confirm', valueString: id }],
        }),
    ],
  ])('%s', async (_, end) => {
    const one = parameter('own-ended');
    const { id } = await t.system.create(one);
    await ready('Patient?own-ended=x');
    expect((await end(id, one)).status).toBeLessThan(300);
    await expect.poll(async () => (await t.system.get('Patient?own-ended=x')).status).toBe(400);
  });

  test('another expression builds it anew; another description does not', async () => {
    const one = parameter('own-changed');
    const { id: left } = await t.system.create(having('own-changed', { valueString: 'left' }));
    const { id: right } = await t.system.create(having('own-changed-to', { valueString: 'right' }));
    const { id } = await t.system.create(one);
    await ready('Patient?own-changed=left');
    await t.system.put(`SearchParameter/${id}`, { ...one, id, description: 'in other words' });
    expect(await found('Patient?own-changed=left')).toEqual([left]);
    const expression = `Patient.extension('${urlOf('own-changed-to')}').value`;
    await t.system.put(`SearchParameter/${id}`, { ...one, id, expression });
    expect((await t.system.get('Patient?own-changed=left')).status).toBe(422);
    await ready('Patient?own-changed=left');
    expect([await found('Patient?own-changed=left'), await found('Patient?own-changed=right')]).toEqual([[], [right]]);
  });
});

describe('the walk', () => {
  test('goes on where another was stopped, and what is written meanwhile is found', async () => {
    const code = 'own-many';
    const entry = (n: number) => ({
      request: { method: 'POST', url: 'Patient' },
      resource: having(code, { valueCode: n % 3 === 0 ? 'x' : 'y' }),
    });
    for (let n = 0; n < 3; n++) {
      const bundle = {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: Array.from({ length: 500 }, (_, m) => entry(m)),
      };
      expect((await t.system.post('', bundle)).status).toBe(200);
    }
    await t.system.create(parameter(code, { type: 'token' }));
    await stepReindex(t.pool);
    const stopped = await stepReindex(t.pool);
    expect(stopped).toMatchObject({ type: 'Patient', step: 'went-on', done: 500 });
    const refused = await t.system.get(`Patient?${code}=x`);
    expect(refused.status).toBe(422);
    const status = await t.system.get('$reindex-status');
    expect(status.text).toMatch(/"own-many".*"building"/);
    expect((await t.app.inject({ url: '/metrics' })).body).toContain('tsumugi_backlog{what="reindex-types"} 1');

    const { rows } = await t.pool.query(
      "select key as id from resource where content like '%own-many%' and type = (select type from resource where content like '%own-many%\"valueCode%' limit 1) order by key",
    );
    const writers = Array.from({ length: 4 }, async (_, w) => {
      for (let n = w; n < 80; n += 4) {
        const { id } = rows[n * 17] ?? rows[n];
        if (n % 4 === 3) await t.system.delete(`Patient/${id}`);
        else await t.system.put(`Patient/${id}`, { ...having(code, { valueCode: n % 2 === 0 ? 'x' : 'z' }), id });
        await t.system.create(having(code, { valueCode: n % 2 === 0 ? 'x' : 'z' }));
      }
    });
    const loops = [1, 2].map(() =>
      startReindex({ pool: t.pool, log: () => undefined, onError: (error) => expect.fail(String(error)) }),
    );
    await Promise.all(writers);
    await ready(`Patient?${code}=x&_count=0`);
    for (const loop of loops) await loop.stop();
    for (const value of ['x', 'y', 'z']) {
      const { rows: naive } = await t.pool.query('select count(*)::int as count from resource where content like $1', [
        `%own-many","valueCode":"${value}"%`,
      ]);
      const { body } = await t.system.get(`Patient?${code}=${value}&_summary=count`);
      expect([value, body.total]).toEqual([value, naive[0].count]);
    }
  });

  test('brings rows of an older version of the extraction up to date, while searches go on', async () => {
    const { id } = await t.system.create(
      patientNamed('古', '版', { birthDate: '2019-05-05', identifier: [{ value: 'old-1' }] }),
    );
    await walk();
    // As an older server would have left it.
    await t.pool.query('update index_state set version = 0');
    await t.pool.query('delete from term where key = $1', [id]);
    await t.pool.query('delete from words where key = $1', [id]);
    await t.pool.query("update resource set marks = '{}', facts = '{}', at = updated, until = updated where key = $1", [
      id,
    ]);
    expect(await found('Patient?identifier=old-1')).toEqual([]);
    expect(await askForVersion(t.pool)).toBe(true);
    expect(await askForVersion(t.pool)).toBe(false);
    expect((await t.system.get('$reindex-status')).text).toContain('"version"');
    expect(await found('Patient?identifier=old-1')).toEqual([]);
    await walk();
    for (const asked of ['identifier=old-1', 'name=古', 'birthdate=2019-05-05', 'given:exact=版'])
      expect([asked, await found(`Patient?${asked}`)]).toEqual([asked, [id]]);
    const { rows } = await t.pool.query('select version from resource where key = $1', [id]);
    expect(rows).toEqual([{ version: 1 }]);
  });

  test('waits for writes that began before the parameter was there', async () => {
    const client = await t.pool.connect();
    await client.query('begin');
    await client.query('select index_is_current(0)');
    await t.system.create(parameter('own-waiting'));
    let isBegun = false;
    const step = stepReindex(t.pool).then((done) => {
      isBegun = true;
      return done;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isBegun).toBe(false);
    await client.query('commit');
    client.release();
    expect(await step).toMatchObject({ step: 'began' });
    await walk();
  });
});

test('a process that has not heard of a parameter cannot leave a row without it', async () => {
  await t.system.create(parameter('own-unheard'));
  await ready('Patient?own-unheard=x');
  const known = customSet();
  // As before the news: of all, and of the last parameter alone.
  useCustomParameters({ generation: 0, parameters: [] });
  const { id: created } = await t.system.create(having('own-unheard', { valueString: 'u' }));
  useCustomParameters({ generation: known.generation - 1, parameters: known.parameters.slice(0, -1) });
  const answer = await t.system.put('Patient/own-unheard', {
    ...having('own-unheard', { valueString: 'u' }),
    id: 'own-unheard',
  });
  expect(answer.status).toBe(201);
  useCustomParameters({ generation: 0, parameters: [] });
  const bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: ['1', '2'].map((n) => ({
      request: { method: 'POST', url: 'Patient' },
      resource: having('own-unheard', { valueString: 'u' }, { identifier: [{ value: `unheard-${n}` }] }),
    })),
  };
  expect((await t.system.post('', bundle)).status).toBe(200);
  useCustomParameters({ generation: 0, parameters: [] });
  const updated = await t.system.put(`Patient/${created}`, {
    ...having('own-unheard', { valueString: 'u' }, { gender: 'female' }),
    id: created,
  });
  expect(updated.status).toBe(200);
  expect(await found('Patient?own-unheard=u')).toHaveLength(4);
});

test('another server on the same database learns of it', async () => {
  const other = await t.second();
  const { id } = await other.system.create(having('own-two', { valueString: 'に' }));
  await t.system.create(parameter('own-two'));
  await expect.poll(async () => (await other.system.get('Patient?own-two=x')).status).toBe(422);
  await walk();
  await expect.poll(async () => (await other.system.get('Patient?own-two=x')).status).toBe(200);
  expect(matchIds(await other.system.get(encodeURI('Patient?own-two=に')))).toEqual([id]);
  await other.close();
});
