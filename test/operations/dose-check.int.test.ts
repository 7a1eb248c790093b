// Immunization/$check over the whole server: of a stored patient, of one sent along, and of somebody else's.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, patientNamed, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let child: string;
let other: string;
let own: Caller;
beforeAll(async () => {
  t = await startApp();
  child = (await t.system.create(patientNamed('試験', '花子', { birthDate: '2026-01-15' }))).id;
  other = (await t.system.create(patientNamed('他人', '秘密', { birthDate: '2026-01-15' }))).id;
  for (const id of [child, other])
    await t.system.create({ ...given('2026-03-20'), patient: { reference: `Patient/${id}` } });
  own = await t.caller('patient/*.rs', { patient: child });
});
afterAll(() => t.close());

const VACCINE = 'https://tsumugi.example/fhir/CodeSystem/vaccine';
const dose = (code: string) => ({
  resourceType: 'Immunization',
  status: 'completed',
  vaccineCode: { coding: [{ system: VACCINE, code }] },
  patient: { display: '試験 花子' },
  occurrenceString: 'いま',
});
const given = (date: string) => {
  const { occurrenceString: _, ...rest } = dose('PCV20');
  return { ...rest, occurrenceDateTime: date };
};
const asked = (patient: object, intended: object, date = '2026-04-18') => ({
  resourceType: 'Parameters',
  parameter: [
    { name: 'patient', ...patient },
    { name: 'immunization', resource: intended },
    { name: 'date', valueDate: date },
  ],
});
const named = (id: string) => ({ valueReference: { reference: `Patient/${id}` } });
const check = (caller: Caller, body: object) => caller.post('Immunization/$check', body);
const codeOf = (body: { parameter: { name: string }[] }, name: string) =>
  (body.parameter.find((one) => one.name === name) as { valueCode?: string } | undefined)?.valueCode;

const dated = (code: string, date: string, more: object = {}) => {
  const { occurrenceString: _, ...rest } = dose(code);
  return { ...rest, occurrenceDateTime: date, ...more };
};
const undatedQuestion = (intended: object) => {
  const body = asked(named(child), intended);
  return { ...body, parameter: body.parameter.filter(({ name }) => name !== 'date') };
};

describe('the day of the needle', () => {
  test('is that of the dose where no date is asked for', async () => {
    // PCV20 of 2026-03-20 has its second dose from 2026-04-17 on; the clock stands at 2026-11-23.
    const early = await check(own, undatedQuestion(dated('PCV20', '2026-04-16')));
    expect(codeOf(early.body, 'decision')).toBe('stop');
    const inJapan = await check(own, undatedQuestion(dated('PCV20', '2026-04-16T15:00:00Z')));
    expect(codeOf(inJapan.body, 'decision')).toBe('go');
  });

  test.each<[string, object]>([
    ['two days', asked(named(child), dated('PCV20', '2026-04-17'), '2026-04-18')],
    ['a number as date', asked(named(child), dose('PCV20'), 20260417 as never)],
    ['a dose not done', asked(named(child), dated('PCV20', '2026-04-18', { status: 'not-done' }))],
    ['a dose in error', asked(named(child), dated('PCV20', '2026-04-18', { status: 'entered-in-error' }))],
  ])('refuses %s', async (_, body) => {
    const { status, body: answer } = await check(own, body);
    expect([status, answer.resourceType]).toEqual([400, 'OperationOutcome']);
  });
});

describe('Immunization/$check', () => {
  test('reads the record of a stored patient: the second dose on its first legal day goes, the day before stops', async () => {
    const right = await check(own, asked(named(child), dose('PCV20'), '2026-04-17'));
    expect([right.status, codeOf(right.body, 'decision')]).toEqual([200, 'go']);
    expect(right.body.parameter.at(-1)?.resource).toMatchObject({ resourceType: 'ImmunizationEvaluation' });
    const early = await check(own, asked(named(child), dose('PCV20'), '2026-04-16'));
    expect(codeOf(early.body, 'decision')).toBe('stop');
    expect(early.text).toContain('"valueDate":"2026-04-17"');
  });

  test('takes a patient and a history that are sent along, and stores nothing', async () => {
    const patient = { resource: { resourceType: 'Patient', birthDate: '2026-01-15' } };
    const body = asked(patient, dose('PCV20'), '2026-04-17');
    body.parameter.push({ name: 'history', resource: given('2026-04-01') } as never);
    const { status, body: answer } = await check(own, body);
    expect([status, codeOf(answer, 'decision')]).toEqual([200, 'stop']);
    expect((await t.system.get(`Immunization?patient=${child}&_summary=count`)).body.total).toBe(1);
  });

  test("somebody else's patient looks like one that is not there", async () => {
    const hidden = await check(own, asked(named(other), dose('PCV20')));
    const missing = await check(own, asked(named('nobody'), dose('PCV20')));
    expect(hidden.status).toBe(404);
    expect(hidden.text.replaceAll(other, 'ID')).toBe(missing.text.replaceAll('nobody', 'ID'));
  });

  test.each([
    ['system/*.cruds', 200],
    ['system/Patient.rs', 403],
    ['system/*.c', 403],
    ['patient/Immunization.rs', 403],
  ])('%s: %i', async (scope, status) => {
    const caller = await t.caller(scope, scope.startsWith('patient') ? { patient: child } : {});
    expect((await check(caller, asked(named(child), dose('PCV20')))).status).toBe(status);
    expect((await check(t.withToken(undefined), asked(named(child), dose('PCV20')))).status).toBe(401);
  });

  test.each<[string, object, number]>([
    ['no body', {}, 400],
    ['no patient', { resourceType: 'Parameters', parameter: [{ name: 'immunization', resource: dose('PCV20') }] }, 400],
    [
      'no dose',
      { resourceType: 'Parameters', parameter: [{ name: 'patient', valueReference: { reference: 'Patient/x' } }] },
      400,
    ],
    [
      'a patient elsewhere',
      asked({ valueReference: { reference: 'https://other.test/fhir/Patient/1' } }, dose('PCV20')),
      400,
    ],
    [
      'a day that is none',
      asked({ resource: { resourceType: 'Patient', birthDate: '2026-01-15' } }, dose('PCV20'), '2026-02-30'),
      400,
    ],
    ['a patient without a birth date', asked({ resource: { resourceType: 'Patient' } }, dose('PCV20')), 422],
    ['an unknown parameter', { resourceType: 'Parameters', parameter: [{ name: 'moon', valueString: 'x' }] }, 400],
  ])('refuses %s', async (_, body, status) => {
    const answer = await check(t.system, body);
    expect([answer.status, answer.body.resourceType]).toEqual([status, 'OperationOutcome']);
  });
});

describe('Immunization/$check on a whole record', () => {
  const condition = (code: object) => ({
    resourceType: 'Condition',
    subject: { reference: `Patient/${other}` },
    code,
  });
  const bcg = () => asked(named(other), dose('BCG'), '2026-06-20');
  const codes = (body: { parameter: { name: string }[] }) =>
    (body.parameter as { name: string; part?: { name: string; valueCode?: string }[] }[])
      .filter(({ name }) => name === 'reason')
      .map(({ part = [] }) => part.find(({ name }) => name === 'code')?.valueCode);

  test('stops BCG for keloid, asks where Condition may not be read, and asks for a vaccine nobody knows', async () => {
    expect(codeOf((await check(t.system, bcg())).body, 'decision')).toBe('go');
    const blind = await t.caller('patient/Patient.rs patient/Immunization.rs', { patient: other });
    const unseen = await check(blind, bcg());
    expect(codeOf(unseen.body, 'decision')).toBe('ask');
    expect(codes(unseen.body)).toContain('notLookedAt');
    await t.system.create({
      ...given('2026-05-01'),
      vaccineCode: { text: '月面熱ワクチン' },
      patient: { reference: `Patient/${other}` },
    });
    const unknown = await check(t.system, bcg());
    expect([codeOf(unknown.body, 'decision'), codes(unknown.body)[0]]).toEqual(['ask', 'unknownVaccine']);
    await t.system.create(condition({ text: 'ケロイド' }));
    expect(codeOf((await check(t.system, bcg())).body, 'decision')).toBe('stop');
  });
});
