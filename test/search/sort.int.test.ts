// `_sort` by every kind of parameter: of several values the lowest counts upwards and the highest downwards, and what has no
// value is last, whichever way.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allPages, matchIds, startApp, type TestApp } from '../support/app.ts';
import { type Random, randomFrom } from '../support/random.ts';

type Made = {
  resource: { resourceType: string; id: string; [name: string]: unknown };
  keys: Record<string, (string | number)[]>;
};

let t: TestApp;
const made: Made[] = [];
beforeAll(async () => {
  t = await startApp();
  const random = randomFrom(7);
  for (let n = 0; n < 60; n++) made.push(n % 2 ? observation(`o${n}`, random) : patient(`p${n}`, random));
  for (const { resource } of made) {
    const { status, text } = await t.system.put(`${resource.resourceType}/${resource.id}`, withoutEmpty(resource));
    expect({ status, text: status === 201 ? '' : text }).toEqual({ status: 201, text: '' });
  }
});
afterAll(() => t.close());

describe.each([
  ['Patient', ['identifier', 'gender', 'phone', 'email', 'general-practitioner', 'family', 'deceased', 'birthdate']],
  [
    'Observation',
    ['code', 'category', 'status', 'subject', 'patient', 'value-concept', 'combo-code', 'date', 'value-date'],
  ],
])('%s', (type, codes) => {
  test.each(codes)('%s, up and down', async (code) => {
    for (const descending of [false, true]) {
      const search = `${type}?_sort=${descending ? '-' : ''}${code}`;
      const ids = matchIds(await t.system.get(`${search}&_count=100`));
      const keys = ids.map((id) =>
        keyOf(
          made.find(({ resource }) => resource.id === id),
          code,
          descending,
        ),
      );
      expect(ids).toHaveLength(30);
      expect(keys).toEqual([...keys].sort((a, b) => compare(a, b, descending)));
      expect(new Set(keys).size).toBeGreaterThan(1);
      expect((await allPages(t.system, `${search}&_count=4`)).flat()).toEqual(ids);
    }
  });
});

test('quantities in the unit they share, and what is made of others by its parts; numbers by their value', async () => {
  const weighed = (id: string, value: number, code: string, component?: number) => ({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { text: 'x' },
    method: { coding: [{ code: 'scale' }] },
    valueQuantity: { value, system: 'http://unitsofmeasure.org', code },
    ...(component
      ? {
          component: [
            {
              code: { text: 'y' },
              valueQuantity: { value: component, code: 'kg', system: 'http://unitsofmeasure.org' },
            },
          ],
        }
      : {}),
  });
  const all = [weighed('q1', 500, 'g'), weighed('q2', 0.4, 'kg', 9), weighed('q3', 3, 'kg', 0.1)];
  for (const one of all) await t.system.put(`Observation/${one.id}`, one);
  const order = async (sort: string) => matchIds(await t.system.get(`Observation?method=scale&_sort=${sort}`));
  expect(await order('value-quantity')).toEqual(['q2', 'q1', 'q3']);
  expect(await order('-value-quantity')).toEqual(['q3', 'q1', 'q2']);
  expect(await order('combo-value-quantity')).toEqual(['q3', 'q2', 'q1']);
  expect(await order('-combo-value-quantity')).toEqual(['q2', 'q3', 'q1']);
  for (const [id, probability] of [
    ['r1', 0.5],
    ['r2', 0.25],
    ['r3', undefined],
  ] as const) {
    const prediction = probability === undefined ? {} : { prediction: [{ probabilityDecimal: probability }] };
    await t.system.put(`RiskAssessment/${id}`, {
      resourceType: 'RiskAssessment',
      id,
      status: 'final',
      subject: { reference: 'Patient/p0' },
      ...prediction,
    });
  }
  expect(matchIds(await t.system.get('RiskAssessment?_sort=probability'))).toEqual(['r2', 'r1', 'r3']);
  expect(matchIds(await t.system.get('RiskAssessment?_sort=-probability'))).toEqual(['r1', 'r2', 'r3']);
});

test.each([
  ['Location?_sort=near', /"_sort=near"/],
  ['Patient?_sort=_text', /"_sort=_text"/],
  ['Patient?_sort=nonsense', /Patient has no search parameter "_sort=nonsense". Known: _id, _lastUpdated, .*birthdate/],
  ['Observation?_sort=-code-value-concept', /"_sort=code-value-concept"/],
])('%s > 400 that names what it can be sorted by', async (search, says) => {
  const { status, body } = await t.system.get(search);
  expect({ status, code: body.issue[0]?.code }).toEqual({ status: 400, code: 'not-supported' });
  expect(body.issue[0]?.diagnostics).toMatch(says);
});

test('a resource whose number PostgreSQL cannot hold stands among those without a value', async () => {
  const huge =
    '{"resourceType":"ChargeItem","id":"huge","status":"billable","code":{"coding":[{"code":"a"}]},"subject":{"reference":"Patient/p0"},"factorOverride":1E200000}';
  await t.system.put('ChargeItem/huge', huge);
  const plain = {
    resourceType: 'ChargeItem',
    id: 'plain',
    status: 'billable',
    code: { coding: [{ code: 'z' }] },
    subject: { reference: 'Patient/p0' },
  };
  await t.system.put('ChargeItem/plain', plain);
  expect(matchIds(await t.system.get('ChargeItem?_sort=code'))).toEqual(['plain', 'huge']);
});

test('a long text sorts by its beginning, and its link can be followed', async () => {
  const text = 'x'.repeat(20_000);
  for (const id of ['d1', 'd2', 'd3']) {
    await t.system.put(`Library/${id}`, {
      resourceType: 'Library',
      id,
      status: 'active',
      type: { text: 'x' },
      description: text,
      title: id,
    });
  }
  const pages = await allPages(t.system, 'Library?_sort=description,-title&_count=1');
  expect(pages.flat()).toEqual(['d3', 'd2', 'd1']);
});

const withoutEmpty = (resource: object) =>
  Object.fromEntries(Object.entries(resource).filter(([, value]) => !Array.isArray(value) || value.length > 0));

type Key = string | number | undefined;
function keyOf(one: Made | undefined, code: string, descending: boolean): Key {
  const values = [...(one?.keys[code] ?? [])].sort((a, b) => compare(a, b, false));
  return values.at(descending ? -1 : 0);
}

function compare(a: Key, b: Key, descending: boolean): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return (
    (typeof a === 'number' ? a - Number(b) : Buffer.compare(Buffer.from(a), Buffer.from(String(b)))) *
    (descending ? -1 : 1)
  );
}

function some<T>(random: Random, values: readonly T[]): T[] {
  return values.filter(() => random.chance(0.3));
}

function patient(id: string, random: Random): Made {
  const identifiers = some(random, ['a', 'B', 'あ', 'ア', '1', '10', '2']);
  const phones = some(random, ['090', '080']);
  const mails = some(random, ['a@example.jp', 'b@example.jp']);
  const doctors = some(random, ['Practitioner/1', 'Organization/2', 'Practitioner/3']);
  const families = some(random, ['青木', 'アオキ', 'Ueda', 'aoki']);
  const [gender] = some(random, ['male', 'female', 'unknown']);
  const [birthDate] = some(random, ['2025', '2024-05', '2026-01-01']);
  const deceased = random.pick<object | undefined>([
    undefined,
    { deceasedBoolean: false },
    { deceasedDateTime: '2026' },
  ]);
  return {
    resource: {
      resourceType: 'Patient',
      id,
      identifier: identifiers.map((value) => ({ value })),
      telecom: [
        ...phones.map((value) => ({ system: 'phone', value })),
        ...mails.map((value) => ({ system: 'email', value })),
      ],
      generalPractitioner: doctors.map((reference) => ({ reference })),
      name: families.map((family) => ({ family })),
      ...(gender ? { gender } : {}),
      ...(birthDate ? { birthDate } : {}),
      ...deceased,
    },
    keys: {
      identifier: identifiers,
      phone: phones,
      email: mails,
      'general-practitioner': doctors,
      family: families.map((family) => (family === 'アオキ' ? 'あおき' : family.toLowerCase())),
      gender: gender ? [gender] : [],
      birthdate: birthDate ? [Date.parse(`${birthDate.padEnd(7, '-01').padEnd(10, '-01')}T00:00:00+09:00`)] : [],
      deceased: [String(deceased !== undefined && 'deceasedDateTime' in deceased)],
    },
  };
}

function observation(id: string, random: Random): Made {
  const code = random.pick([
    { coding: [{ code: 'weight' }, { code: 'aaa' }], text: '体重' },
    { coding: [{ code: 'height' }] },
    { text: '測定' },
  ]);
  const keyOfCode = code.coding?.[0]?.code ?? code.text ?? '';
  const categories = some(random, ['vital-signs', 'laboratory', 'exam']);
  const [subject] = some(random, ['Patient/p1', 'Patient/p2', 'Group/1']);
  const [concept] = some(random, ['yes', 'no']);
  const component = random.pick(['waist', 'bbb']);
  const [effective] = some(random, ['2026-01', '2026-02-01', '2025']);
  const status = random.pick(['final', 'amended']);
  const year = `202${random.below(7)}`;
  return {
    resource: {
      resourceType: 'Observation',
      id,
      status,
      code,
      category: categories.map((one) => ({ coding: [{ code: one }] })),
      ...(subject ? { subject: { reference: subject } } : {}),
      ...(concept ? { valueCodeableConcept: { coding: [{ code: concept }] } } : { valueDateTime: year }),
      component: [{ code: { coding: [{ code: component }] } }],
      ...(effective ? { effectiveDateTime: effective } : {}),
    },
    keys: {
      code: [keyOfCode],
      category: categories,
      status: [status],
      subject: subject ? [subject] : [],
      patient: subject?.startsWith('Patient/') ? [subject] : [],
      'value-concept': concept ? [concept] : [],
      'combo-code': [keyOfCode, component],
      date: effective ? [Date.parse(`${effective.padEnd(7, '-01').padEnd(10, '-01')}T00:00:00+09:00`)] : [],
      'value-date': concept ? [] : [Date.parse(`${year}-01-01T00:00:00+09:00`)],
    },
  };
}
