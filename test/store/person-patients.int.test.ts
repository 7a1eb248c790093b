// Whose records a family member may pick at a moment: by the relations that come to something then.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { patientsOfPerson } from '../../server/store/person-patients.ts';
import { type StoredRelation, setRelation } from '../../server/store/relations.ts';
import { patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

const lasting = { basis: 'guardian', status: 'active', starts: '2020-01-01T00:00:00Z', ends: 'infinity' } as const;

/** The bases on which somebody with these relations to one patient may pick that patient. */
async function basesOf(birthDate: string, relations: Partial<StoredRelation>[], at: string): Promise<string[]> {
  const { id: patient } = await t.system.create(patientNamed('試験', '花子', { birthDate }));
  const person = `Person/${randomUUID()}`;
  const client = await t.pool.connect();
  for (const one of relations) await setRelation(client, { ...lasting, id: randomUUID(), person, patient, ...one });
  client.release();
  const found = await patientsOfPerson(t.pool, person, Date.parse(at));
  expect(found.every((one) => one.patient === patient)).toBe(true);
  return found.map(({ basis }) => basis);
}

test.each<[string, string, Partial<StoredRelation>[], string, string[]]>([
  ['a guardian', '2026-04-01', [{}], '2026-11-23T00:00:00Z', ['guardian']],
  ['one to be', '2026-04-01', [{ starts: '2027-01-01T00:00:00Z' }], '2026-11-23T00:00:00Z', []],
  ['one that was', '2026-04-01', [{ ends: '2026-11-23T00:00:00Z' }], '2026-11-23T00:00:00Z', []],
  ['one that is not confirmed', '2026-04-01', [{ status: 'pending' }], '2026-11-23T00:00:00Z', []],
  ['one that was ended', '2026-04-01', [{ status: 'ended' }], '2026-11-23T00:00:00Z', []],
  ['one that is suspended', '2026-04-01', [{ status: 'suspended' }], '2026-11-23T00:00:00Z', []],
  ['a guardian, a second before 18', '2008-11-24', [{}], '2026-11-23T14:59:59Z', ['guardian']],
  ['a guardian at 18 in Japan', '2008-11-24', [{}], '2026-11-23T15:00:00Z', []],
  ['oneself before 15', '2011-11-24', [{ basis: 'self' }], '2026-11-23T14:59:59Z', []],
  ['oneself at 15 in Japan', '2011-11-24', [{ basis: 'self' }], '2026-11-23T15:00:00Z', ['self']],
  ['a relative whom nobody who may has invited', '2026-04-01', [{ basis: 'invited' }], '2026-11-23T00:00:00Z', []],
])('%s', async (_, birthDate, relations, at, bases) => {
  expect(await basesOf(birthDate, relations, at)).toEqual(bases);
});

test('nobody else', async () => {
  await basesOf('2026-04-01', [{}], '2026-11-23T00:00:00Z');
  expect(await patientsOfPerson(t.pool, 'Person/nobody', Date.parse('2026-11-23T00:00:00Z'))).toEqual([]);
});
