// Patient/[id]/$paper: photographed pages of the handbook and what families type from them.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Caller, observationOf, patientNamed, type Response, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let mother: Caller;
let child: string;
beforeAll(async () => {
  t = await startApp();
  mother = await t.caller('user/*.cruds', { user: 'Person/mother' });
});
afterAll(() => t.close());
beforeEach(async () => {
  child = (await mother.create(patientNamed('試験', 'ひかり', { birthDate: '2026-07-10' }))).id;
});

const bytes = {
  'image/jpeg': Buffer.concat([Buffer.from('ffd8ffe000104a464946', 'hex'), Buffer.alloc(64, 7)]),
  'image/png': Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(64, 7)]),
  'image/heic': Buffer.concat([Buffer.from('00000018', 'hex'), Buffer.from('ftypheic'), Buffer.alloc(64, 7)]),
};
const picture = (contentType: keyof typeof bytes = 'image/jpeg', data: Buffer = bytes[contentType]) => ({
  name: 'picture',
  resource: { resourceType: 'Binary', contentType, data: data.toString('base64') },
});
const dose = {
  resourceType: 'Immunization',
  status: 'completed',
  vaccineCode: { text: '五種混合' },
  occurrenceDateTime: '2026-09-15',
  lotNumber: 'LOT0001',
};
const weight = {
  ...observationOf('x'),
  subject: undefined,
  effectiveDateTime: '2026-09-15',
  valueQuantity: { value: 6.6, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
};
const record = (...resources: object[]) => ({
  name: 'record',
  resource: { resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ resource })) },
});
const send = (caller: Caller, id: string, ...parameter: object[]) =>
  caller.post(`Patient/${id}/$paper`, { resourceType: 'Parameters', parameter });
const references = ({ body }: Response, name: string): string[] =>
  (body.parameter ?? [])
    .filter((one) => one.name === name)
    .map(({ valueReference }) => (valueReference as { reference: string }).reference);
const count = async (type: string) =>
  (await t.system.get(`${type}?patient=${child}&_total=accurate&_count=0`)).body.total;

describe('$paper', () => {
  it.each(Object.keys(bytes) as (keyof typeof bytes)[])('keeps a picture of type %s as it is', async (type) => {
    const answer = await send(mother, child, picture(type), { name: 'title', valueString: '予防接種の記録' });
    expect(answer.status).toBe(200);
    const { body } = await mother.get(references(answer, 'document')[0] ?? '');
    expect(body).toMatchObject({
      resourceType: 'DocumentReference',
      subject: { reference: `Patient/${child}` },
      description: '予防接種の記録',
      content: [{ attachment: { contentType: type, data: bytes[type].toString('base64'), size: bytes[type].length } }],
    });
    const [{ attachment } = { attachment: { hash: '' } }] = body.content as { attachment: { hash: string } }[];
    expect(attachment.hash).toBe(createHash('sha1').update(bytes[type]).digest('base64'));
  });

  it('stores what was typed, marked as taken from a record, with a Provenance that names the page', async () => {
    const answer = await send(mother, child, picture(), record(dose, weight));
    expect([answer.status, answer.text.includes('OperationOutcome')]).toEqual([200, false]);
    const [page] = references(answer, 'document');
    const [one = '', two = ''] = references(answer, 'entry');
    expect((await mother.get(one)).body).toMatchObject({
      patient: { reference: `Patient/${child}` },
      primarySource: false,
      reportOrigin: { coding: [{ code: 'record' }] },
      lotNumber: 'LOT0001',
    });
    expect((await mother.get(two)).body).toMatchObject({
      subject: { reference: `Patient/${child}` },
      derivedFrom: [{ reference: page }],
    });
    const provenance = (await t.system.get(`Provenance?target=${one}`)).body.entry[0]?.resource;
    expect(provenance).toMatchObject({
      target: [{ reference: one }, { reference: two }, { reference: `Patient/${child}` }],
      entity: [{ role: 'source', what: { reference: page } }],
    });
    expect((await mother.put(one, { ...(await mother.get(one)).body, lotNumber: 'LOT0002' })).status).toBe(200);
  });

  it('stores the same page and the same entries once, and more entries to a page that is there', async () => {
    const first = await send(mother, child, picture(), record(dose));
    const again = await send(mother, child, picture(), record(dose));
    expect(again.text).toBe(first.text);
    expect([await count('DocumentReference'), await count('Immunization'), await count('Provenance')]).toEqual([
      1, 1, 1,
    ]);
    const [reference] = references(first, 'document');
    const more = await send(mother, child, { name: 'document', valueReference: { reference } }, record(weight));
    expect([more.status, references(more, 'document')]).toEqual([200, [reference]]);
    expect(await count('Observation')).toBe(1);
  });

  it('lets entries refer to each other', async () => {
    const fullUrl = 'urn:uuid:7d1b2c3a-0000-4000-8000-000000000001';
    const report = {
      resourceType: 'DiagnosticReport',
      status: 'final',
      code: { text: '3〜4か月児健診' },
      result: [{ reference: fullUrl }],
    };
    const bundle = {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ fullUrl, resource: weight }, { resource: report }],
    };
    const answer = await send(mother, child, picture(), { name: 'record', resource: bundle });
    const [observation, stored = ''] = references(answer, 'entry');
    expect((await mother.get(stored)).body).toMatchObject({ result: [{ reference: observation }] });
  });

  const other = { reference: 'Patient/other' };
  it.each<[string, object[], string]>([
    ['without picture and page', [], '"picture"'],
    ['with both', [picture(), { name: 'document', valueReference: { reference: 'DocumentReference/x' } }], '"picture"'],
    [
      'of a picture that is none',
      [picture('image/jpeg', Buffer.from('%PDF-1.7'))],
      'none of image/jpeg, image/png, image/heic',
    ],
    ['of a picture under another name', [picture('image/jpeg', bytes['image/png'])], 'The picture is image/png'],
    [
      'of a picture that is too large',
      [picture('image/jpeg', Buffer.concat([bytes['image/jpeg'], Buffer.alloc(10 * 1024 * 1024)]))],
      '10 MiB',
    ],
    [
      'with another type',
      [picture(), record({ resourceType: 'Consent' })],
      'Entry 1 of the page: Consent is not entered',
    ],
    ['with an id', [picture(), record({ ...dose, id: 'x' })], '"id" is left out'],
    ['with a label', [picture(), record({ ...dose, meta: { security: [] } })], 'only the profile'],
    [
      'about another patient',
      [picture(), record(dose, { ...dose, patient: other })],
      'Entry 2 of the page: it refers to something else',
    ],
    [
      'with a performer elsewhere',
      [picture(), record({ ...dose, performer: [{ actor: other }] })],
      'it refers to something else',
    ],
    ['with a parameter nobody knows', [picture(), { name: 'ocr', valueBoolean: true }], 'no parameter "ocr"'],
    ['with a title that is none', [picture(), { name: 'title', valueString: '' }], '"title"'],
  ])('refuses a page %s and stores nothing', async (_, parameter, message) => {
    const answer = await send(mother, child, ...parameter);
    expect([answer.status, answer.body.issue?.[0]?.diagnostics]).toEqual([400, expect.stringContaining(message)]);
    expect(await count('DocumentReference')).toBe(0);
  });

  it('refuses an entry that is no valid resource, with the page', async () => {
    const answer = await send(mother, child, picture(), record({ ...dose, status: 'given' }));
    expect(answer.status).toBe(422);
    expect(await count('DocumentReference')).toBe(0);
  });

  it('is for the family and its apps, within their scopes', async () => {
    const stranger = await t.caller('user/*.cruds', { user: 'Person/stranger' });
    const app = await t.caller('patient/*.cruds', { patient: child });
    const narrow = await t.caller('patient/Patient.r patient/DocumentReference.c', { patient: child });
    expect((await send(stranger, child, picture())).status).toBe(404);
    expect((await send(narrow, child, picture(), record(dose))).status).toBe(403);
    expect((await send(narrow, child, picture())).status).toBe(200);
    expect((await send(app, child, picture(), record(dose))).status).toBe(200);
    const clinic = (await t.system.create({ resourceType: 'Organization', name: '見本医院' })).id;
    expect((await send(await t.caller('system/*.cruds', { organization: clinic }), child, picture())).status).toBe(404);
  });

  it('adds nothing to the page of another patient, which looks like one that is missing', async () => {
    const sibling = (await mother.create(patientNamed('試験', '太郎', { birthDate: '2024-07-10' }))).id;
    const theirs = (await t.system.create(patientNamed('他人', '秘密', { birthDate: '2024-07-10' }))).id;
    for (const [owner, caller] of [
      [sibling, mother],
      [theirs, t.system],
    ] as const) {
      const [reference = ''] = references(await send(caller, owner, picture()), 'document');
      const hidden = await send(mother, child, { name: 'document', valueReference: { reference } }, record(dose));
      const missing = await send(mother, child, {
        name: 'document',
        valueReference: { reference: 'DocumentReference/none' },
      });
      expect([hidden.status, hidden.text.replace(reference, 'X')]).toEqual([
        404,
        missing.text.replace('DocumentReference/none', 'X'),
      ]);
    }
  });
});
