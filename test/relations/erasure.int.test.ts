// A family asks that a record is erased: everybody who has a say agrees within 14 days, then the operator is asked.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Caller, patientNamed, type Response, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let mother: Caller;
let father: Caller;
let child: string;
let n = 0;
const dayMs = 86_400_000;

const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
const part = ({ body }: Response, name: string) => body.parameter?.find((one) => one.name === name);
const referenceIn = (answer: Response, name: string) =>
  (part(answer, name)?.valueReference as { reference: string } | undefined)?.reference ?? '';
const said = (answer: Response) => [
  answer.status,
  part(answer, 'status')?.valueCode,
  part(answer, 'waiting')?.valueInteger,
];
const ask = (caller: Caller, ...more: object[]) =>
  caller.post(`Patient/${child}/$request-erasure`, parameters(...more));
const no = { name: 'agree', valueBoolean: false };
const refuse = (caller: Caller, reason = '保存期間の定めがあるため消去できません。') =>
  caller.post(`Patient/${child}/$refuse-erasure`, parameters({ name: 'reason', valueString: reason }));
const person = (id: string) => t.caller('user/*.cruds', { user: `Person/${id}`, lifetimeMs: 100 * dayMs });

beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());
beforeEach(async () => {
  n += 1;
  mother = await person(`mother-${n}`);
  father = await person(`father-${n}`);
  child = (await mother.create(patientNamed('試験', '花子', { birthDate: '2026-09-15' }))).id;
});

async function secondGuardian(): Promise<void> {
  const as = [
    { name: 'as', valueCode: 'guardian' },
    { name: 'relationship', valueCode: 'FTH' },
  ];
  const code = part(await mother.post(`Patient/${child}/$invite`, parameters(...as)), 'code');
  const accepted = await father.post('$accept-invitation', parameters({ ...code, name: 'code' }));
  const relation = { name: 'relation', valueReference: { reference: referenceIn(accepted, 'relation') } };
  const evidence = { name: 'evidence', valueString: '戸籍謄本を確かめました。' };
  expect((await mother.post(`Patient/${child}/$verify-relation`, parameters(relation, evidence))).status).toBe(200);
}

test('a guardian alone is enough where there is no other, and the operator is asked once', async () => {
  const first = await ask(mother);
  expect(said(first)).toEqual([202, 'requested', 0]);
  const task = referenceIn(first, 'task');
  expect((await t.system.get(task)).body).toMatchObject({ status: 'requested', code: { text: '記録の完全な消去' } });
  expect(referenceIn(await ask(mother), 'task')).toBe(task);
});

test('both guardians have to agree, each by their own call', async () => {
  await secondGuardian();
  expect(said(await ask(mother))).toEqual([202, 'asked', 1]);
  expect(said(await ask(mother))).toEqual([202, 'asked', 1]);
  const tasks = (await father.get(`Task?patient=${child}`)).body.entry.map(({ resource }) => resource.status);
  expect(tasks.toSorted()).toEqual(['completed', 'requested']);
  expect((await refuse(t.system)).status).toBe(404);
  expect(said(await ask(father))).toEqual([202, 'requested', 0]);
});

test('an agreement counts for 14 days', async () => {
  await secondGuardian();
  expect(said(await ask(mother))).toEqual([202, 'asked', 1]);
  t.clock.nowMs += 14 * dayMs;
  expect(said(await ask(father))).toEqual([202, 'asked', 1]);
  expect(said(await ask(mother))).toEqual([202, 'requested', 0]);
});

test('a guardian who says no ends the request, and whoever asked may take it back', async () => {
  await secondGuardian();
  await ask(mother);
  expect(said(await ask(father, no))).toEqual([200, 'withdrawn', undefined]);
  expect(said(await ask(father))).toEqual([202, 'asked', 1]);
  expect(said(await ask(mother))).toEqual([202, 'requested', 0]);
  expect(said(await ask(mother, no))).toEqual([200, 'withdrawn', undefined]);
  expect((await refuse(t.system)).status).toBe(404);
  expect((await ask(mother, no)).status).toBe(404);
});

test('the operator refuses with a reason that the family reads', async () => {
  await ask(mother);
  expect((await refuse(mother)).status).toBe(403);
  expect((await refuse(t.system, 'いや')).status).toBe(400);
  const task = referenceIn(await refuse(t.system), 'task');
  expect((await mother.get(task)).body).toMatchObject({ status: 'rejected', statusReason: { text: /保存期間/ } });
  expect(said(await ask(mother))).toEqual([202, 'requested', 0]);
});

test('strangers and invited relatives do not ask, and the person of the record does from the 18th birthday alone', async () => {
  const stranger = await person(`stranger-${n}`);
  expect((await ask(stranger)).status).toBe(404);
  expect((await ask(t.system)).status).toBe(403);
  const young = (await mother.create(patientNamed('試験', '太郎', { birthDate: '2011-11-01' }))).id;
  const self = await person(`self-${n}`);
  const code = part(await t.system.post(`Patient/${young}/$claim-code`, parameters()), 'code');
  expect((await self.post('$claim', parameters({ ...code, name: 'code' }))).status).toBe(200);
  child = young;
  expect(said(await ask(self))).toEqual([202, 'asked', 1]);
  expect(said(await ask(self, no))).toEqual([200, 'withdrawn', undefined]);
  t.clock.nowMs += 4 * 366 * dayMs;
  const grown = await person(`self-${n}`);
  expect(said(await ask(grown))).toEqual([202, 'requested', 0]);
});

test.each([{ name: 'agree', valueString: 'false' }, { name: 'agree', valueInteger: 0 }, { name: 'agree' }])(
  '%j is no agreement',
  async (agree) => {
    expect((await ask(mother, agree)).status).toBe(400);
    expect((await mother.get(`Task?patient=${child}`)).body.entry).toBeUndefined();
  },
);

test('what is asked in the address is refused, not overlooked', async () => {
  for (const path of ['$request-erasure?agree=false', '$hand-over?refuse=true', '$share?what=summary'])
    expect((await mother.post(`Patient/${child}/${path}`, parameters())).status).toBe(400);
  expect((await mother.get(`Patient/${child}/$shares?state=active`)).status).toBe(400);
});
