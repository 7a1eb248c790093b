// Paging: whatever the search and the sort, following the next links shows every match exactly once, in order.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allPages, matchIds, startApp, type TestApp } from '../support/app.ts';
import { randomFrom } from '../support/random.ts';

let t: TestApp;
const people: Person[] = [];
type Person = {
  id: string;
  family: string | undefined;
  birthDate: string | undefined;
  deceased: string | undefined;
  updated: number;
};

beforeAll(async () => {
  t = await startApp();
  const random = randomFrom(42);
  for (let n = 0; n < 60; n++) {
    t.clock.nowMs += random.pick([0, 0, 1, 1000]);
    const person: Person = {
      id: `p${n}`,
      family: random.chance(0.8) ? random.pick(['青木', '石井', 'アオキ', 'Aoki', '上田']) : undefined,
      birthDate: random.chance(0.8) ? random.pick(['2025', '2025-04', '2025-04-01', '2026-01-01']) : undefined,
      deceased: random.chance(0.4) ? random.pick(['2026-05-01', '2026-06-01', '2026-06']) : undefined,
      updated: t.clock.nowMs,
    };
    people.push(person);
    const { status } = await t.system.put(`Patient/${person.id}`, patient(person));
    expect(status).toBe(201);
    await t.system.put(
      `Observation/o${n}`,
      observation(n, random.pick(['a', 'b']), random.pick([undefined, '2026-01-01', '2026-02'])),
    );
  }
  const both = (n: number) => ({
    resourceType: 'Appointment',
    id: `x${n}`,
    status: 'booked',
    start: `2026-12-0${1 + (n % 5)}T10:00:00Z`,
    end: `2026-12-0${1 + (n % 5)}T10:30:00Z`,
    participant: (n % 3 ? ['Patient/a', 'Patient/b'] : ['Patient/b', 'Patient/a']).map((reference) => ({
      actor: { reference },
      status: 'accepted',
    })),
  });
  for (let n = 0; n < 20; n++) await t.system.put(`Appointment/x${n}`, both(n));
});
afterAll(() => t.close());

const walks: [search: string, sorts: string[]][] = [
  [
    'Patient?',
    [
      '',
      '_id',
      '-_id',
      '_lastUpdated',
      '-_lastUpdated',
      'birthdate',
      '-birthdate',
      'death-date',
      '-death-date',
      'family',
      '-family',
      'family,birthdate',
      '-family,birthdate',
      'death-date,-family,_id',
      '-death-date,_lastUpdated',
      '_lastUpdated,-death-date',
    ],
  ],
  [`Patient?name=${encodeURIComponent('あおき')}&`, ['', 'family', '-death-date', '_lastUpdated,-family']],
  ['Patient?identifier=shared&', ['', '-_id', 'family', 'death-date', '-birthdate']],
  ['Patient?identifier=shared,other&', ['', 'birthdate', '-death-date,family']],
  ['Patient?gender=female&', ['', 'birthdate', '-family']],
  [
    'Observation?patient=a&',
    ['', 'date', '-date', 'value-date', '-value-date', '_lastUpdated', '-_id', '-date,value-date'],
  ],
  ['Appointment?patient=a&', ['', 'date', '-date', '_id', '-_lastUpdated,date']],
];

describe.each(walks)('%s', (search, sorts) => {
  test.each(sorts)('_sort=%s', async (sort) => {
    const more = sort ? `_sort=${sort}&` : '';
    const whole = matchIds(await t.system.get(`${search}${more}_count=1000`));
    expect(whole.length).toBeGreaterThan(10);
    for (const count of [1, 7]) {
      const pages = await allPages(t.system, `${search}${more}_count=${count}`);
      expect(pages.flat()).toEqual(whole);
      expect(pages.slice(0, -1).every((page) => page.length === count)).toBe(true);
    }
    expect(new Set(whole).size).toBe(whole.length);
  });
});

describe('order', () => {
  const sorted = async (sort: string) => {
    const ids = matchIds(await t.system.get(`Patient?_sort=${sort}&_count=1000`));
    return ids.map((id) => people.find((one) => one.id === id) as Person);
  };
  const isAscending = (values: number[]) => values.every((value, n) => n === 0 || (values[n - 1] ?? 0) <= value);

  test('_lastUpdated', async () => {
    expect(isAscending((await sorted('_lastUpdated')).map(({ updated }) => updated))).toBe(true);
    expect(isAscending((await sorted('-_lastUpdated')).map(({ updated }) => -updated))).toBe(true);
  });

  test('dates by their begin, and people without one last, whichever way', async () => {
    const days = (list: Person[]) =>
      list.flatMap(({ deceased }) => (deceased === undefined ? [] : [Date.parse(deceased)]));
    const [up, down] = [await sorted('death-date'), await sorted('-death-date')];
    expect(isAscending(days(up))).toBe(true);
    expect(isAscending(days(down).map((day) => -day))).toBe(true);
    for (const list of [up, down]) {
      const firstMissing = list.findIndex(({ deceased }) => deceased === undefined);
      expect(list.slice(firstMissing).every(({ deceased }) => deceased === undefined)).toBe(true);
    }
    expect(
      isAscending((await sorted('birthdate')).flatMap(({ birthDate }) => (birthDate ? [Date.parse(birthDate)] : []))),
    ).toBe(true);
  });

  test.each(['birthdate', '-birthdate', 'family,-birthdate'])('%s: people without one last', async (sort) => {
    const list = await sorted(sort);
    const inOneFamily = (one: Person) => (sort.startsWith('family') ? (one.family ?? '').normalize() : '');
    list.forEach((one, n) => {
      const before = list[n - 1];
      if (before && inOneFamily(before) === inOneFamily(one) && one.birthDate) expect(before.birthDate).toBeDefined();
    });
    expect(list.some(({ birthDate }) => birthDate === undefined)).toBe(true);
  });

  test('names without regard to case and kana, people without one last', async () => {
    for (const sort of ['family', '-family']) {
      const families = (await sorted(sort)).map(({ family }) => family);
      const firstMissing = families.indexOf(undefined);
      expect(families.slice(firstMissing).every((family) => family === undefined)).toBe(true);
      const runs = families.filter((family, n) => family !== families[n - 1] && family !== undefined);
      expect(new Set(runs).size).toBe(runs.length);
    }
  });

  test('the second key decides among equals of the first', async () => {
    const list = await sorted('family,-death-date');
    for (let n = 1; n < list.length; n++) {
      const [before, after] = [list[n - 1] as Person, list[n] as Person];
      if (before.family !== after.family || !before.deceased || !after.deceased) continue;
      expect(Date.parse(before.deceased)).toBeGreaterThanOrEqual(Date.parse(after.deceased));
    }
  });
});

test('what is written between two pages neither repeats nor hides what was there', async () => {
  const search = 'Observation?patient=b&_sort=_lastUpdated&_count=3';
  const before = matchIds(await t.system.get('Observation?patient=b&_sort=_lastUpdated&_count=1000'));
  const seen: string[] = [];
  for (let path: string | undefined = search, n = 0; path; n++) {
    const { body } = await t.system.get(path);
    seen.push(...body.entry.map(({ resource }) => resource.id));
    path = body.link.find(({ relation }) => relation === 'next')?.url.slice(t.base.length + 1);
    t.clock.nowMs += 1000;
    if (n < 5) await t.system.put(`Observation/late${n}`, observation(1000 + n, 'b', undefined, `late${n}`));
  }
  expect(seen.filter((id) => before.includes(id))).toEqual(before);
  expect(new Set(seen).size).toBe(seen.length);
});

describe('the next link', () => {
  const nextOf = async (search: string, caller = t.system) => {
    const { body } = await caller.get(search);
    return body.link.find(({ relation }) => relation === 'next')?.url.slice(t.base.length + 1) ?? '';
  };

  test('shows no search term', async () => {
    const next = await nextOf('Patient?identifier=shared&_sort=family&_count=2');
    expect(next).toMatch(/^Patient\?_page=[\w.-]+$/);
    const decoded = next.split(/[=.]/).map((part) => Buffer.from(part, 'base64url').toString('latin1'));
    expect(`${next}${decoded.join('')}`).not.toMatch(/shared|family|aoki|青木/i);
  });

  test.each([
    ['changed', (next: string) => `${next.slice(0, -30)}${next.at(-30) === 'A' ? 'B' : 'A'}${next.slice(-29)}`],
    ['cut', (next: string) => next.slice(0, -10)],
    ['of another type', (next: string) => next.replace('Patient', 'Observation')],
  ])('%s > 400 that says so', async (_, spoil) => {
    const { status, body } = await t.system.get(spoil(await nextOf('Patient?_count=2')));
    expect({ status, code: body.issue[0]?.code, expression: body.issue[0]?.expression }).toEqual({
      status: 400,
      code: 'expired',
      expression: ['_page'],
    });
  });

  test('of another client, and of another deployment > 400', async () => {
    const next = await nextOf('Patient?_count=2');
    const other = await t.caller('system/*.rs', { client: 'another' });
    expect((await other.get(next)).status).toBe(400);
    const elsewhere = await startApp();
    try {
      expect((await elsewhere.system.get(next)).status).toBe(400);
    } finally {
      await elsewhere.close();
    }
  });

  test('works on a second server of the same deployment', async () => {
    const second = await t.second();
    try {
      const next = await nextOf('Patient?_count=2');
      expect(matchIds(await second.withToken(t.system.token).get(next))).toHaveLength(2);
    } finally {
      await second.close();
    }
  });

  test('keeps the caller’s own rights on every page', async () => {
    const [a, b] = await Promise.all(
      ['a', 'b'].map((patient) => t.caller('patient/*.rs', { patient, client: 'same-app' })),
    );
    if (!a || !b) throw new Error('two callers');
    const next = await nextOf('Observation?_count=2', a);
    const mine = matchIds(await b.get('Observation?_count=1000'));
    for (const id of matchIds(await b.get(next))) expect(mine).toContain(id);
  });
});

function patient({ id, family, birthDate, deceased }: Person): object {
  const n = Number(id.slice(1));
  return {
    resourceType: 'Patient',
    id,
    identifier: [{ system: 'urn:test', value: n % 3 ? 'shared' : 'other' }, ...(n % 5 ? [] : [{ value: 'shared' }])],
    ...(family ? { name: [{ family, given: ['あおき'] }] } : { name: [{ given: ['アオキ'] }] }),
    gender: n % 2 ? 'female' : 'male',
    ...(birthDate ? { birthDate } : {}),
    ...(deceased ? { deceasedDateTime: deceased } : {}),
  };
}

function observation(n: number, of: string, date: string | undefined, id = `o${n}`): object {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { text: 'テスト' },
    subject: { reference: `Patient/${of}` },
    // An open begin and an open end have to be paged across as well.
    ...(date
      ? { effectiveDateTime: date }
      : n % 7 === 0
        ? { effectivePeriod: n % 2 ? { end: '2026-01-01' } : { start: '2026-01-01' } }
        : {}),
    ...(n % 3 ? { valueDateTime: n % 2 ? '2026-03-01' : '2026-04' } : {}),
  };
}
