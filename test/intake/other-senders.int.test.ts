// What one sender hands in is its own: another with the same original neither takes its place nor hears of it, families that use one
// app are told apart, and what no record can hold is refused alone.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { patientNumberSystem } from '../../server/intake/link-code.ts';
import { type Caller, observationOf, patientNamed, type Response, startApp, type TestApp } from '../support/app.ts';

const source = 'urn:oid:1.2.392.100495.20.3.51.11312345678';
let t: TestApp;
let clinic: Caller;
let otherClinic: Caller;
let clinicId: string;

beforeAll(async () => {
  t = await startApp();
  const extension = [{ url: patientNumberSystem, valueUri: source }];
  clinicId = (await t.system.create({ resourceType: 'Organization', extension, name: '見本医院' })).id;
  const otherId = (await t.system.create({ resourceType: 'Organization', extension, name: '例示医院' })).id;
  clinic = await t.caller('system/*.cruds', { organization: clinicId, client: 'clinic' });
  otherClinic = await t.caller('system/*.cruds', { organization: otherId, client: 'other' });
});
afterAll(() => t.close());

const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
const part = ({ body }: Response, name: string) => body.parameter?.find((one) => one.name === name);
const numbered = (value: string) => ({ name: 'patient', valueIdentifier: { system: source, value } });
const known = (id: string) => ({ name: 'patient', valueReference: { reference: `Patient/${id}` } });
const original = (text: string) => ({
  name: 'original',
  resource: { resourceType: 'Binary', contentType: 'text/plain', data: Buffer.from(text).toString('base64') },
});
const recordOf = (subject: string, note: string) => {
  const resource = { ...observationOf('x'), note: [{ text: note }], subject: { reference: subject } };
  const entry = [{ resource, request: { method: 'POST', url: 'Observation' } }];
  return { name: 'record', resource: { resourceType: 'Bundle', type: 'transaction', entry } };
};
const ofNumber = (number: string, text: string, note: string) => [
  numbered(number),
  original(text),
  recordOf(`Patient?identifier=${source}|${number}`, note),
];
const deliver = (caller: Caller, ...parts: object[]) => caller.post('$deliver', parameters(...parts));
const again = { name: 'again', valueBoolean: true };

async function link(number: string): Promise<string> {
  const { id } = await t.system.create(patientNamed('試験', '花子'));
  const organization = { name: 'organization', valueReference: { reference: `Organization/${clinicId}` } };
  const identifier = { name: 'identifier', valueIdentifier: { system: source, value: number } };
  const answer = await t.system.post(`Patient/${id}/$link-facility`, parameters(organization, identifier));
  expect(answer.status).toBe(200);
  return id;
}

const notesOf = async (patient: string): Promise<string[]> => {
  const { body } = await t.system.get(`Observation?patient=${patient}`);
  return body.entry.map(({ resource }) => (resource as { note?: { text: string }[] }).note?.[0]?.text ?? '');
};

test.each([
  ['once', []],
  ['to be stored anew', [again]],
])('the same original of another organization is a delivery of its own, sent %s', async (_, more) => {
  const number = `N-${randomUUID()}`;
  const text = `message ${randomUUID()}`;
  const ours = await deliver(clinic, ...ofNumber(number, text, 'ours'));
  const theirs = await deliver(otherClinic, ...ofNumber(number, text, 'theirs'), ...more);
  expect([ours.status, theirs.status]).toEqual([202, 202]);
  expect(part(theirs, 'delivery')).not.toEqual(part(ours, 'delivery'));
  const child = await link(number);
  expect(await notesOf(child)).toEqual(['ours']);
  const late = await deliver(otherClinic, ...ofNumber(number, text, 'theirs'), ...more);
  expect([late.status, part(late, 'fate')?.valueCode]).toEqual([202, 'waiting']);
});

test('an app that two families use shows a delivery to the family alone whose it is', async () => {
  const [mother, stranger] = await Promise.all([
    t.caller('user/*.cruds', { user: `Person/${randomUUID()}`, client: 'app' }),
    t.caller('user/*.cruds', { user: `Person/${randomUUID()}`, client: 'app' }),
  ]);
  const { id } = await mother.create(patientNamed('試験', '花子'));
  const delivered = await deliver(mother, known(id), original('page'), recordOf(`Patient/${id}`, 'ours'));
  const delivery = /[0-9a-f-]{36}/.exec(delivered.text)?.[0];
  const see = (caller: Caller) => caller.get(`$delivery?id=${delivery}`);
  const review = (caller: Caller) => caller.post('$reviewed', parameters({ name: 'delivery', valueString: delivery }));
  expect([(await see(mother)).status, (await review(mother)).status]).toEqual([200, 200]);
  expect([(await see(stranger)).status, (await review(stranger)).status]).toEqual([404, 404]);
});

test.each([
  ['a time before the first year', { name: 'sent', valueDateTime: '0001-01-01' }],
  ['the year nought', { name: 'sent', valueDateTime: '0000-05-01' }],
  ['a time behind the last year', { name: 'sent', valueDateTime: '9999-12-31T23:59:59-12:00' }],
])('%s is no fault of ours', async (_, more) => {
  const { status } = await deliver(clinic, ...ofNumber('1', `message ${randomUUID()}`, 'ours'), more);
  expect([202, 400]).toContain(status);
});

test.each([
  ['number', [numbered(Array.from({ length: 500 }, () => randomUUID()).join('')), original('long')]],
  [
    'system',
    [
      {
        name: 'patient',
        valueIdentifier: { system: `urn:${Array.from({ length: 500 }, () => randomUUID()).join('')}`, value: '1' },
      },
      original('long'),
    ],
  ],
])('a delivery whose patient %s is longer than any is kept, and refused alone', async (_, parts) => {
  const sound = ofNumber(`N-${randomUUID()}`, `message ${randomUUID()}`, 'ours');
  const both = [[...parts, recordOf('Patient/x', 'ours')], sound].map((part) => ({ name: 'delivery', part }));
  const { status, body } = await clinic.post('$deliver', parameters(...both));
  const fates = body.parameter.map(({ part }) => (part as { valueCode?: string }[])[1]?.valueCode);
  expect([status, fates]).toEqual([200, ['refused', 'waiting']]);
});
