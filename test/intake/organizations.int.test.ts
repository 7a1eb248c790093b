// Facilities as callers of their own: codes for themselves, links that give what the policy says, and deliveries that enter as
// their own writes (server/decisions/0011-who-may-see-what.md, basis `link`).
import { randomUUID } from 'node:crypto';
import encodeQR from 'qr';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { patientNumberSystem } from '../../server/intake/link-code.ts';
import {
  type Caller,
  matchIds,
  observationOf,
  patientNamed,
  type Response,
  startApp,
  type TestApp,
} from '../support/app.ts';

let t: TestApp;
let mother: Caller;
let clinic: Caller;
let otherClinic: Caller;
let clinicId: string;
let otherClinicId: string;
const source = 'urn:oid:1.2.392.100495.20.3.51.11312345678';

beforeAll(async () => {
  t = await startApp();
  const extension = [{ url: patientNumberSystem, valueUri: source }];
  clinicId = (await t.system.create({ resourceType: 'Organization', extension, name: '見本医院' })).id;
  otherClinicId = (await t.system.create({ resourceType: 'Organization', extension, name: '例示医院' })).id;
  mother = await t.caller('user/*.cruds', { user: 'Person/mother' });
  clinic = await t.caller('system/*.cruds', { organization: clinicId, client: 'clinic' });
  otherClinic = await t.caller('system/*.cruds', { organization: otherClinicId, client: 'other' });
});
afterAll(() => t.close());

const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
const part = ({ body }: Response, name: string) => body.parameter?.find((one) => one.name === name);
const numbered = (value: string) => ({ name: 'identifier', valueIdentifier: { system: source, value } });
const facility = (id: string) => ({ name: 'organization', valueReference: { reference: `Organization/${id}` } });
const codeFor = async (number: string, caller = clinic, id = clinicId) =>
  caller.post(`Organization/${id}/$link-code`, parameters(numbered(number)));
test('a facility issues codes for its own patient numbers alone', async () => {
  const id = (await t.system.create({ resourceType: 'Organization', name: '番号のない医院' })).id;
  const caller = await t.caller('system/*.cruds', { organization: id });
  expect((await codeFor('A-1', caller, id)).status).toBe(403);
  expect((await codeFor('A-1')).status).toBe(200);
});

const childOf = (caller: Caller) => caller.create(patientNamed('試験', '花子', { birthDate: '2026-09-15' }));
const deliver = (caller: Caller, number: string, text = `message ${randomUUID()}`) =>
  caller.post(
    '$deliver',
    parameters(
      { name: 'patient', valueIdentifier: { system: source, value: number } },
      {
        name: 'original',
        resource: { resourceType: 'Binary', contentType: 'text/plain', data: Buffer.from(text).toString('base64') },
      },
      {
        name: 'record',
        resource: {
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [
            {
              resource: {
                ...observationOf('x'),
                subject: { reference: `Patient?identifier=${source}|${number}` },
              },
              request: { method: 'POST', url: 'Observation' },
            },
          ],
        },
      },
    ),
  );

async function linked(number = `N-${randomUUID()}`) {
  const child = (await childOf(mother)).id;
  const code = part(await codeFor(number), 'code')?.valueString;
  const answer = await mother.post(`Patient/${child}/$link-facility`, parameters({ name: 'code', valueString: code }));
  expect(answer.status).toBe(200);
  return { child, number, taken: part(answer, 'taken')?.valueInteger };
}

test('a facility issues codes for itself alone, as letters and as a picture of the portal’s address', async () => {
  const answer = await codeFor('1');
  expect(answer.status).toBe(200);
  const qr = part(answer, 'qr')?.valueAttachment as { contentType: string; data: string };
  expect(qr.contentType).toBe('image/svg+xml');
  const address = `https://tsumugi.test/app/link?code=${part(answer, 'code')?.valueString}`;
  expect(Buffer.from(qr.data, 'base64').toString()).toBe(encodeQR(address, 'svg', { ecc: 'medium' }));
  expect((await codeFor('1', clinic, otherClinicId)).status).toBe(403);
  expect((await codeFor('1', mother)).status).toBe(403);
  expect((await codeFor('1', await t.caller('system/Observation.cruds', { organization: clinicId }))).status).toBe(403);
});

test('by the link of a guardian a facility sees who the patient is and adds to the record, and reads nobody else’s entries', async () => {
  const { child } = await linked();
  const theirs = await mother.create(observationOf(child));
  expect((await clinic.get(`Patient/${child}`)).status).toBe(200);
  expect((await otherClinic.get(`Patient/${child}`)).status).toBe(404);
  expect((await clinic.get(`Observation/${theirs.id}`)).status).toBe(404);
  const own = await clinic.create(observationOf(child));
  expect((await clinic.get(`Observation/${own.id}`)).status).toBe(200);
  expect((await mother.get(`Observation/${own.id}`)).status).toBe(200);
  expect((await mother.put(`Observation/${own.id}`, { ...own, status: 'amended' })).status).toBe(403);
  expect((await clinic.put(`Patient/${child}`, patientNamed('変更', '花子', { id: child }))).status).toBe(403);
});

test('an organization does not link by number without the code of a family', async () => {
  const { child } = await linked();
  const answer = await clinic.post(`Patient/${child}/$link-facility`, parameters(facility(clinicId), numbered('2')));
  expect(answer.status).toBe(403);
  const unseen = await otherClinic.post(
    `Patient/${child}/$link-facility`,
    parameters(facility(otherClinicId), numbered('2')),
  );
  expect(unseen.status).toBe(404);
  const alone = await mother.post(`Patient/${child}/$link-facility`, parameters(facility(clinicId), numbered('2')));
  expect(alone.status).toBe(400);
});

test('what waited flows in as the sender’s own, and only what the linked organization or a connector sent', async () => {
  const number = `N-${randomUUID()}`;
  const waiting = await deliver(clinic, number);
  expect(waiting.status).toBe(202);
  expect((await deliver(t.system, number)).status).toBe(202);
  expect((await deliver(otherClinic, number)).status).toBe(202);
  const { child, taken } = await linked(number);
  expect(taken).toBe(2);
  const found = matchIds(await mother.get(`Observation?patient=${child}`));
  expect(found).toHaveLength(2);
  const ours = matchIds(await clinic.get(`Observation?patient=${child}`));
  expect(ours).toHaveLength(1);
  const provenance = (await clinic.get(`Provenance?patient=${child}`)).body.entry[0]?.resource;
  expect(provenance?.agent).toEqual([{ who: { reference: `Organization/${clinicId}` } }]);
  const id = part(waiting, 'delivery')?.valueString;
  expect((await clinic.get(`$delivery?id=${id}`)).status).toBe(200);
  expect(
    (await (await t.caller('system/*.rs', { organization: clinicId, client: 'else' })).get(`$delivery?id=${id}`))
      .status,
  ).toBe(200);
  expect((await otherClinic.get(`$delivery?id=${id}`)).status).toBe(404);
});

test('whether another organization has linked a number is not told: what one sends for it waits', async () => {
  const { child, number } = await linked();
  expect((await deliver(clinic, number)).status).toBe(200);
  expect((await deliver(otherClinic, number)).status).toBe(202);
  expect((await deliver(otherClinic, `N-${randomUUID()}`)).status).toBe(202);
  expect(matchIds(await mother.get(`Observation?patient=${child}`))).toHaveLength(1);
});

test('$unlink-facility ends it at once: the facility keeps what it wrote, and adds nothing', async () => {
  const { child, number } = await linked();
  const own = await clinic.create(observationOf(child));
  const unlink = (caller: Caller) => caller.post(`Patient/${child}/$unlink-facility`, parameters(facility(clinicId)));
  expect((await unlink(clinic)).status).toBe(403);
  expect((await unlink(otherClinic)).status).toBe(404);
  const answer = await unlink(mother);
  expect(part(answer, 'ended')?.valueInteger).toBe(1);
  expect((await unlink(mother)).status).toBe(404);
  expect((await clinic.get(`Patient/${child}`)).status).toBe(404);
  expect((await clinic.get(`Observation/${own.id}`)).status).toBe(200);
  expect((await clinic.put(`Observation/${own.id}`, { ...own, status: 'amended' })).status).toBe(200);
  expect((await clinic.post('Observation', observationOf(child))).status).toBe(403);
  expect((await deliver(clinic, number)).status).toBe(202);
  expect((await mother.get(`Patient/${child}`)).text).not.toContain(number);
  const consents = (await mother.get(`Consent?patient=${child}`)).body.entry.map(({ resource }) => resource.status);
  expect(consents).toEqual(['inactive']);
  const { rows } = await t.pool.query("select interaction from audit where owner = $1 and interaction like '%link-%'", [
    child,
  ]);
  expect(rows.map(({ interaction }) => interaction).sort()).toEqual(['link-facility', 'unlink-facility']);
});
