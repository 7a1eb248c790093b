// The pages of a search hold what matched when the first one was read, each once and in order, whatever is written meanwhile.
// The truth is PostgreSQL's own: the whole answer and the first page come from one repeatable-read transaction.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Access, Reach } from '../../server/access/access.ts';
import { parseQuery } from '../../server/search/parse-query.ts';
import { resolveChains } from '../../server/store/chains.ts';
import { prunePast } from '../../server/store/past.ts';
import type { ClientBase } from '../../server/store/pool.ts';
import { type Match, searchPage } from '../../server/store/query.ts';
import { allPages, type Caller, matchIds, startApp, type TestApp } from '../support/app.ts';
import { randomFrom } from '../support/random.ts';

const people = 40;
const findings = 160;

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
  for (let n = 0; n < people; n++) await t.system.put(`Patient/p${n}`, patient(`p${n}`, n));
  for (let n = 0; n < findings; n++) await t.system.put(`Observation/o${n}`, observation(`o${n}`, n));
  for (let n = 0; n < 30; n++) await t.system.put(`Appointment/x${n}`, appointment(`x${n}`, n));
});
afterAll(() => t.close());

const everyone: Reach = { kind: 'all' };
const all: Access = {
  client: 'test',
  grants: [{ context: 'system', type: '*', interactions: new Set(['search', 'read'] as const) }],
};

const searches: [type: string, search: string, sorts: string[]][] = [
  [
    'Patient',
    '',
    [
      '',
      '-_lastUpdated',
      '_id',
      'name',
      '-birthdate',
      'birthdate,-family',
      'family,birthdate',
      'identifier',
      '-gender,_id',
    ],
  ],
  ['Patient', 'identifier=urn:test|shared', ['', '-_lastUpdated', 'birthdate', '-identifier']],
  ['Patient', 'identifier=shared,other', ['', 'family']],
  ['Patient', 'name=あお', ['', 'name', '-_lastUpdated']],
  ['Patient', '_id=p1,p2,p3,p4,p5,p6,p7,p8,p9,p10,p11,p12', ['', 'birthdate']],
  ['Observation', 'patient=p1', ['', '-date', 'date', '-_lastUpdated', 'value-date,-_id', 'code', '-status,date']],
  ['Observation', 'code=weight', ['', 'date', '-value-date']],
  ['Observation', '_lastUpdated=gt2020', ['']],
  ['Observation', 'patient.family=あおき', ['', '-_lastUpdated']],
  ['Patient', '_has:Observation:patient:code=weight', ['', 'family']],
  ['Appointment', 'patient=p2', ['', 'date']],
];

describe.each(searches)('%s?%s', (type, search, sorts) => {
  test.each(sorts)('_sort=%s', async (sort) => {
    const writers = startWriters(t.system, 6);
    try {
      for (let round = 0; round < 3; round++) {
        const { whole, seen } = await whileWriting(type, `${search}&_sort=${sort}`);
        expect(seen).toEqual(whole);
        expect(new Set(seen).size).toBe(seen.length);
        expect(whole.length).toBeGreaterThan(4);
      }
    } finally {
      await writers.stop();
    }
  });
});

/** The versions of the whole answer, and those that the pages showed. */
async function whileWriting(type: string, search: string): Promise<{ whole: string[]; seen: string[] }> {
  const asked = parseQuery(type, new URLSearchParams(search), { lenient: false, nowMs: t.clock.nowMs, base: t.base });
  const { whole, first } = await ofOneMoment(async (client) => {
    const query = await resolveChains(client, all, asked);
    return {
      whole: (await searchPage(client, { ...query, count: 1000 }, everyone)).matches,
      first: await searchPage(client, { ...query, count: 5 }, everyone),
    };
  });
  const seen = [...first.matches];
  for (let after = first.next; after; ) {
    await new Promise((resolve) => setTimeout(resolve, 3));
    const query = await resolveChains(t.pool, all, { ...asked, asOf: after.snapshot, count: 5 });
    const page = await searchPage(t.pool, query, everyone, {
      ...after,
      moment: { snapshot: after.snapshot, sinceMs: 0 },
    });
    seen.push(...page.matches);
    after = page.next;
  }
  const version = ({ content }: Match) =>
    /"id":"([^"]+)".*?"versionId":"(\d+)"/.exec(content)?.slice(1).join('/') ?? '';
  return { whole: whole.map(version), seen: seen.map(version) };
}

async function ofOneMoment<T>(work: (client: ClientBase) => Promise<T>): Promise<T> {
  const client = await t.pool.connect();
  try {
    await client.query('begin isolation level repeatable read');
    const answer = await work(client);
    await client.query('commit');
    return answer;
  } finally {
    client.release();
  }
}

function startWriters(caller: Caller, count: number): { stop(): Promise<void> } {
  let stopping = false;
  const write = async (seed: number) => {
    const random = randomFrom(seed);
    while (!stopping) {
      const n = random.below(10_000);
      const [type, id, make] = random.pick<[string, string, (id: string, n: number) => object]>([
        ['Patient', `p${n % (people + 10)}`, patient],
        ['Observation', `o${n % (findings + 30)}`, observation],
        ['Observation', `o${n % (findings + 30)}`, observation],
        ['Appointment', `x${n % 40}`, appointment],
      ]);
      t.clock.nowMs += random.pick([0, 1, 500]);
      const { status } = random.chance(0.2)
        ? await caller.delete(`${type}/${id}`)
        : await caller.put(`${type}/${id}`, make(id, n));
      if (![200, 201, 204, 404, 409, 410].includes(status)) throw new Error(`a writer met ${status}`);
    }
  };
  const running = Promise.all(Array.from({ length: count }, (_, n) => write(n + 1)));
  return {
    stop: async () => {
      stopping = true;
      await running;
    },
  };
}

describe('over HTTP', () => {
  const next = ({ body }: Awaited<ReturnType<Caller['get']>>) =>
    body.link.find(({ relation }) => relation === 'next')?.url.slice(t.base.length + 1) ?? '';
  const codes = (response: Awaited<ReturnType<Caller['get']>>) => [response.status, response.body.issue?.[0]?.code];

  test('what was deleted, changed and created after the first page', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await t.system.put(`Basic/${id}`, basic(id, '2026-01-01'));
    const first = await t.system.get('Basic?_sort=_id&_count=1&_total=accurate');
    await t.system.delete('Basic/b');
    await t.system.put('Basic/c', basic('c', '2030-01-01'));
    await t.system.put('Basic/e', basic('e', '2026-01-01'));
    const second = await t.system.get(next(first));
    expect([first.body.total, second.body.total]).toEqual([4, 4]);
    const rest = await allPages(t.system, next(first));
    expect(rest.map((ids) => ids.length)).toEqual([1, 1, 1]);
    expect([...matchIds(first), ...rest.flat()].sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(matchIds(await t.system.get('Basic?_count=10')).sort()).toEqual(['a', 'c', 'd', 'e']);
  });

  test('the total of the first page and its rows are of one moment, and of every page', async () => {
    const writers = startWriters(t.system, 4);
    try {
      for (let round = 0; round < 5; round++) {
        const first = await t.system.get('Observation?code=weight&_total=accurate&_count=20');
        const rest = next(first) ? (await allPages(t.system, next(first))).flat() : [];
        expect(matchIds(first).length + rest.length).toBe(first.body.total);
      }
    } finally {
      await writers.stop();
    }
  });

  test('a link of 24 hours still leads on, an older one > 410 that says so', async () => {
    const link = next(await t.system.get('Patient?_count=2'));
    t.clock.nowMs += 24 * 3_600_000;
    const caller = await t.caller('system/*.rs', { client: 'test-system' });
    const second = await caller.get(link);
    expect(second.status).toBe(200);
    t.clock.nowMs += 1;
    expect(codes(await caller.get(link))).toEqual([410, 'expired']);
    // A link is as old as the first page, wherever it stands.
    expect(codes(await caller.get(next(second)))).toEqual([410, 'expired']);
    t.clock.nowMs -= 24 * 3_600_000 + 1;
  });

  test('a page whose record is no longer kept > 410 that says so, with rows and without', async () => {
    const link = next(await t.system.get('Patient?_count=2'));
    const ids = ['g1', 'g2', 'g3'];
    for (const id of ids)
      await t.system.put(`Group/${id}`, { resourceType: 'Group', id, type: 'person', actual: false });
    const emptied = next(await t.system.get('Group?_count=1'));
    for (const id of ids) await t.system.delete(`Group/${id}`);
    expect(matchIds(await t.system.get(emptied))).toHaveLength(1);
    expect(await prunePast(t.pool)).toBe(0);
    await t.pool.query("update past set ended_at = ended_at - interval '27 hours'");
    while ((await prunePast(t.pool)) > 0);
    expect((await t.pool.query('select 1 from past')).rows).toEqual([]);
    expect(codes(await t.system.get(link))).toEqual([410, 'expired']);
    expect(codes(await t.system.get(emptied))).toEqual([410, 'expired']);
  });

  test('a page of a database that has been put back to before it > 410', async () => {
    const query = parseQuery('Patient', [], { lenient: false, nowMs: 0, base: '' });
    const { next: after } = await searchPage(t.pool, { ...query, count: 2 }, everyone);
    if (!after) return expect.unreachable('there is a second page');
    const later = { ...after, moment: { snapshot: '900000000000:900000000000:', sinceMs: 0 } };
    await expect(searchPage(t.pool, query, everyone, later)).rejects.toMatchObject({ status: 410 });
  });
});

describe('what a caller loses while paging', () => {
  const own = (id: string, of: string) => ({ ...observation(id, 1), subject: { reference: `Patient/${of}` } });

  test.each([
    ['moved to another patient', async () => void (await t.system.put('Observation/m3', own('m3', 'other'))), false],
    [
      'moved, then deleted',
      async () => {
        await t.system.put('Observation/m3', own('m3', 'other'));
        await t.system.delete('Observation/m3');
      },
      false,
    ],
    ['deleted', async () => void (await t.system.delete('Observation/m3')), true],
    [
      'changed',
      async () => void (await t.system.put('Observation/m3', { ...own('m3', 'mine'), status: 'amended' })),
      true,
    ],
    [
      'moved and moved back',
      async () => {
        await t.system.put('Observation/m3', own('m3', 'other'));
        await t.system.put('Observation/m3', own('m3', 'mine'));
      },
      true,
    ],
  ])('%s', async (_, change, isShown) => {
    await t.system.put('Patient/mine', patient('mine', 1));
    await t.system.put('Patient/other', patient('other', 1));
    for (const id of ['m1', 'm2', 'm3', 'm4']) await t.system.put(`Observation/${id}`, own(id, 'mine'));
    const app = await t.caller('patient/*.rs', { patient: 'mine' });
    const first = await app.get('Observation?_sort=_id&_count=1');
    const before = await app.get('Observation?_sort=_id&_count=100');
    const all = matchIds(before);
    expect(all.sort()).toEqual(['m1', 'm2', 'm3', 'm4']);
    const link = first.body.link.find(({ relation }) => relation === 'next')?.url.slice(t.base.length + 1) ?? '';
    if (matchIds(first).includes('m3')) return expect.unreachable('m3 must not be on the first page');
    await change();
    const shown = [...matchIds(first), ...(await allPages(app, link)).flat()].sort();
    expect(shown).toEqual(isShown ? ['m1', 'm2', 'm3', 'm4'] : ['m1', 'm2', 'm4']);
  });
});

const basic = (id: string, created: string) => ({ resourceType: 'Basic', id, code: { text: 'x' }, created });

function patient(id: string, n: number): object {
  return {
    resourceType: 'Patient',
    id,
    identifier: [{ system: 'urn:test', value: n % 3 ? 'shared' : 'other' }, ...(n % 5 ? [] : [{ value: 'shared' }])],
    name: [{ family: ['青木', 'アオキ', 'あおき', '上田'][n % 4], given: [n % 2 ? 'あおい' : '花子'] }],
    gender: n % 2 ? 'female' : 'male',
    ...(n % 4 ? { birthDate: `202${n % 7}-0${1 + (n % 9)}-01` } : {}),
  };
}

function observation(id: string, n: number): object {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { coding: [{ code: n % 3 ? 'weight' : 'height' }] },
    subject: { reference: `Patient/p${n % 12}` },
    ...(n % 5 ? { effectiveDateTime: `2026-0${1 + (n % 9)}-01` } : {}),
    ...(n % 2 ? { valueDateTime: `2026-0${1 + (n % 7)}` } : {}),
  };
}

function appointment(id: string, n: number): object {
  const actors = n % 3 ? [`Patient/p${n % 4}`, 'Patient/p2'] : ['Patient/p2', 'Patient/p3'];
  return {
    resourceType: 'Appointment',
    id,
    // Only what is not settled may have no time (app-3).
    status: n % 4 ? 'booked' : 'proposed',
    ...(n % 4 ? { start: `2026-12-0${1 + (n % 9)}T10:00:00Z`, end: `2026-12-0${1 + (n % 9)}T10:30:00Z` } : {}),
    participant: actors.map((reference) => ({ actor: { reference }, status: 'accepted' })),
  };
}
