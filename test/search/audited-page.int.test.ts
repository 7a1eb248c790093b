// Searches of callers that are answered together: each gets what it asked for and may see, and leaves its own audit rows.

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { keyOf, nobody } from '../../server/search/keys.ts';
import { type Caller, matchIds, type Response, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
const patients = Array.from({ length: 6 }, (_, n) => `p${n}`);
const ownerOf = (patient: string) => keyOf('Patient', patient);

beforeAll(async () => {
  t = await startApp();
  for (const id of patients) {
    const identifier = [
      { system: 'urn:own', value: id },
      { system: 'urn:all', value: 'same' },
    ];
    await t.system.put(`Patient/${id}`, { resourceType: 'Patient', id, identifier });
    await t.system.put(`Observation/of-${id}`, {
      resourceType: 'Observation',
      id: `of-${id}`,
      status: 'final',
      code: { text: '身長\u3000\t"\\' },
      subject: { reference: `Patient/${id}` },
    });
  }
});
afterAll(() => t.close());

const audited = async (response: Response) => {
  const { rows } = await t.pool.query<{ client: string; owner: string; bucket: number; type: number; at: Date }>(
    "select client, owner, bucket, type, at from audit where request = $1 and interaction = 'search' order by owner",
    [response.headers['x-request-id']],
  );
  return rows;
};
const auditedOwners = async (response: Response) => (await audited(response)).map(({ owner }) => owner);

/** The statements of searches that go together, and of audit rows that go by themselves, while `work` runs. */
async function statements(work: () => Promise<unknown>): Promise<string[]> {
  const query = vi.spyOn(t.pool, 'query');
  await work();
  const names = query.mock.calls.map(([asked]) => String((asked as unknown as { name?: string }).name));
  query.mockRestore();
  return names.filter((name) => name.startsWith('pages-') || name === 'audit');
}

test('callers of one moment get their own answers, in fewer statements than they are', async () => {
  const apps: Caller[] = await Promise.all(
    patients.map((patient) => t.caller('patient/*.rs', { patient, client: `app-${patient}` })),
  );
  let answers: Response[] = [];
  const asked = await statements(async () => {
    // Everyone asks for everyone's: an app finds its own patient's only.
    answers = await Promise.all(apps.flatMap((app) => patients.map((id) => app.get(`Observation?patient=${id}`))));
  });
  expect(asked.length).toBeLessThan(answers.length / 2);
  expect(asked).not.toContain('audit');
  for (const [n, answer] of answers.entries()) {
    const own = patients[Math.floor(n / patients.length)] ?? '';
    const wanted = patients[n % patients.length] ?? '';
    expect(matchIds(answer)).toEqual(own === wanted ? [`of-${own}`] : []);
    const owner = own === wanted ? ownerOf(own) : nobody;
    expect(await audited(answer)).toMatchObject([{ client: `app-${own}`, owner }]);
  }
});

test('by identifier', async () => {
  const answers = await Promise.all(patients.map((id) => t.system.get(`Patient?identifier=urn:own|${id}`)));
  expect(answers.map(matchIds)).toEqual(patients.map((id) => [id]));
  expect(await Promise.all(answers.map(auditedOwners))).toEqual(patients.map((id) => [ownerOf(id)]));
});

test('the audit names whose records were shown, not whose are on the next page', async () => {
  const [first, all] = await Promise.all([
    t.system.get('Patient?identifier=urn:all|same&_count=2'),
    t.system.get('Patient?identifier=urn:all|same&_count=50'),
  ]);
  expect(matchIds(all).length).toBe(patients.length);
  expect(matchIds(first)).toEqual(matchIds(all).slice(0, 2));
  expect(await auditedOwners(first)).toEqual(
    matchIds(first)
      .map((id) => ownerOf(id))
      .sort(),
  );
  expect((await auditedOwners(all)).length).toBe(patients.length);
});

test('the row is the same as that of a search which goes alone', async () => {
  const together = await t.system.get('Observation?patient=p1');
  // A total is asked by itself.
  const alone = await t.system.get('Observation?patient=p1&_total=accurate');
  expect(await audited(together)).toEqual(await audited(alone));
});

test('texts come as they are stored, whatever is in them', async () => {
  const { body } = await t.system.get('Observation?patient=p1');
  const { body: read } = await t.system.get('Observation/of-p1');
  expect(body.entry.map(({ fullUrl, resource }) => [fullUrl, resource])).toEqual([
    [`${t.base}/Observation/of-p1`, read],
  ]);
});

test('a search that might take long is not asked together with others', async () => {
  const asked = await statements(async () => {
    await t.system.get('Observation?code=x');
    await t.system.get('Observation?code=x&identifier=y');
    await t.system.get('Patient?family=x');
    await t.system.get('Observation?patient=p1&_count=1000');
  });
  expect(asked).toEqual(['audit', 'audit', 'audit', 'audit']);
});
