// What somebody with a login tries, to learn more than the policy gives: the versions of the past, operations that write as the
// server itself, and what a protected family leaves behind. Each of these has once told something.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Body, type Caller, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';
import { relate as relateOf } from '../support/relate.ts';

let t: TestApp;
let child: string;
let sibling: string;
let mother: Caller;
let father: Caller;
beforeAll(async () => {
  t = await startApp();
  child = (await t.system.create(patientNamed('試験', '花子', { birthDate: '2020-09-15' }))).id;
  sibling = (await t.system.create(patientNamed('試験', '太郎', { birthDate: '2018-11-23' }))).id;
  mother = await t.caller('user/*.cruds', { user: 'Person/mother' });
  father = await t.caller('user/*.cruds', { user: 'Person/father' });
  for (const patient of [child, sibling]) await relate({ person: 'Person/mother', patient });
  await relate({ person: 'Person/father', patient: sibling });
  await relate({ person: 'Person/father', patient: child, status: 'suspended' });
});
afterAll(() => t.close());

const relate = (wishes: Parameters<typeof relateOf>[1]) => relateOf(t, wishes);
const terminology = 'http://terminology.hl7.org/CodeSystem';
const restricted = { meta: { security: [{ system: `${terminology}/v3-Confidentiality`, code: 'R' }] } };
const patch = (caller: Caller, path: string) =>
  caller.send('PATCH', path, '[{"op":"test","path":"/status","value":"final"}]', {
    'content-type': 'application/json-patch+json',
  });

/** By which doors a caller is told anything of the resource, or of this version of it. */
async function doorsOpenTo(caller: Caller, id: string, version = 1): Promise<string[]> {
  const ref = `Observation/${id}`;
  const asVersion = [`_history/${version}`, `_history/${version}/$meta`, `$diff?from=${version}&to=${version}`];
  const asItself = ['', '_history', '$meta'];
  const found: string[] = [];
  for (const path of version === 1 ? [...asVersion, ...asItself] : asVersion)
    if ((await caller.get(`${ref}/${path}`.replace(/\/$/, ''))).status !== 404) found.push(path);
  for (const path of ['Observation/_history', '_history']) {
    const { body } = await caller.get(`${path}?_count=1000`);
    const seen = (body.entry ?? []).filter(({ fullUrl }) => fullUrl.endsWith(ref));
    if (seen.some(({ response }) => response.etag === `W/"${version}"`)) found.push(path);
  }
  for (const answer of [await patch(caller, ref), await caller.put(ref, { ...observationOf(sibling), id })])
    if (version === 1 && ![403, 404].includes(answer.status)) found.push(`a write: ${answer.status}`);
  return found;
}

describe('versions of the past', () => {
  test('what was moved to another patient, and is deleted there, stays closed to the guardian of the first', async () => {
    const { id } = await t.system.create(observationOf(sibling));
    expect(await doorsOpenTo(father, id)).not.toEqual([]);
    await t.system.put(`Observation/${id}`, { ...observationOf(child), id });
    await t.system.delete(`Observation/${id}`);
    expect(await doorsOpenTo(father, id)).toEqual([]);
    expect((await mother.get(`Observation/${id}`)).status).toBe(410);
  });

  test('what was restricted, and is deleted since, stays closed in the versions from before', async () => {
    const doctor = await t.caller('user/*.rs', { user: 'Practitioner/doctor', organization: 'clinic' });
    const permit = consent(child, { actor: actor('Practitioner/doctor') });
    expect((await mother.post('Consent', permit)).status).toBe(201);
    const { id } = await t.system.create(observationOf(child));
    expect((await doctor.get(`Observation/${id}/_history/1`)).status).toBe(200);
    await t.system.put(`Observation/${id}`, { ...observationOf(child), ...restricted, id });
    await t.system.delete(`Observation/${id}`);
    for (const version of [1, 2, 3]) expect(await doorsOpenTo(doctor, id, version)).toEqual([]);
  });

  test('what is about both children is hidden from who is suspended for one of them, also when it is deleted', async () => {
    const about = { performer: [{ reference: `Patient/${child}` }] };
    const { id } = await t.system.create(observationOf(sibling, about));
    expect(await doorsOpenTo(father, id)).toEqual([]);
    await t.system.delete(`Observation/${id}`);
    expect(await doorsOpenTo(father, id)).toEqual([]);
    expect((await mother.get(`Observation/${id}/_history/1`)).status).toBe(200);
  });

  test('what was about both, and is about one now, is hidden in the versions of that time', async () => {
    const { id } = await t.system.create(observationOf(sibling, { performer: [{ reference: `Patient/${child}` }] }));
    await t.system.put(`Observation/${id}`, { ...observationOf(sibling), id });
    for (const path of [`Observation/${id}/_history/1`, `Observation/${id}/$diff?from=1&to=2`])
      expect((await father.get(path)).status).toBe(404);
    expect((await father.get(`Observation/${id}/_history/2`)).status).toBe(200);
    expect((await father.get(`Observation/${id}/_history`)).body.entry).toHaveLength(1);
    expect((await mother.get(`Observation/${id}/_history`)).body.entry).toHaveLength(2);
  });
});

const coding = (system: string, code: string) => ({ coding: [{ system: `${terminology}/${system}`, code }] });
const actor = (reference: string) => [{ role: coding('v3-ParticipationType', 'IRCP'), reference: { reference } }];
const purposes = (...codes: string[]) => codes.map((code) => ({ system: `${terminology}/v3-ActReason`, code }));
const consent = (patient: string, provision: object, policy = 'urn:test:consent') => ({
  resourceType: 'Consent',
  status: 'active',
  scope: coding('consentscope', 'patient-privacy'),
  category: [coding('consentcategorycodes', 'infa')],
  patient: { reference: `Patient/${patient}` },
  dateTime: '2026-11-01',
  policy: [{ uri: policy }],
  provision: { type: 'permit', ...provision },
});

describe('a guardian alone with a young person', () => {
  let teen: string;
  let self: Caller;
  let guardian: Caller;
  let related: string;
  beforeAll(async () => {
    teen = (await t.system.create(patientNamed('試験', '十六', { birthDate: '2010-09-15' }))).id;
    const made = await t.system.create({ resourceType: 'RelatedPerson', patient: { reference: `Patient/${teen}` } });
    related = `RelatedPerson/${made.id}`;
    await relate({ person: 'Person/teen', patient: teen, basis: 'self' });
    await relate({ person: 'Person/guardian', patient: teen, relatedPerson: related });
    self = await t.caller('user/*.cruds', { user: 'Person/teen' });
    guardian = await t.caller('user/*.cruds', { user: 'Person/guardian' });
  });

  const glass = 'https://tsumugi.example/fhir/Policy-break-glass';
  const security = { securityLabel: restricted.meta.security };
  test.each<[what: string, provision: (related: string) => object, policy?: string]>([
    [
      'a purpose besides',
      () => ({ purpose: purposes('HRESCH', 'TREAT'), actor: actor('Practitioner/d'), ...security }),
    ],
    [
      'an exception of another purpose',
      () => ({
        actor: actor('Practitioner/d'),
        ...security,
        provision: [{ type: 'permit', purpose: purposes('HRESCH') }],
      }),
    ],
    ['a relative', (one) => ({ purpose: purposes('HRESCH'), actor: actor(one) })],
    ['the policy of break-glass', () => ({ purpose: purposes('HRESCH'), actor: actor('Practitioner/d') }), glass],
  ])('opens nothing by a consent to research with %s', async (_, provision, policy) => {
    const doctor = await t.caller('user/*.rs', { user: 'Practitioner/d', organization: 'clinic' });
    const secret = await t.system.create(observationOf(teen, { ...restricted, issued: '2026-11-20T00:00:00Z' }));
    const period = { start: '2026-11-22T23:59:00Z', end: '2026-11-23T00:29:00Z' };
    const resource = consent(teen, { ...provision(related), period }, policy);
    const parameters = { resourceType: 'Parameters', parameter: [{ name: 'consent', resource }] };
    expect((await guardian.post(`Patient/${teen}/$propose-consent`, parameters)).status).toBe(422);
    expect((await doctor.get(`Observation/${secret.id}`)).status).toBe(404);
  });

  test.each([['2020-09-15'], ['2000-09-15'], [undefined]])('does not make them another age: %s', async (birthDate) => {
    const secret = await t.system.create(observationOf(teen, { ...restricted, issued: '2026-11-20T00:00:00Z' }));
    const { body } = await guardian.get(`Patient/${teen}`);
    const { birthDate: _, ...rest } = body;
    const next = birthDate === undefined ? rest : { ...body, birthDate };
    for (const caller of [guardian, self]) expect((await caller.put(`Patient/${teen}`, next)).status).toBe(403);
    expect((await guardian.get(`Observation/${secret.id}`)).status).toBe(404);
    expect((await self.get(`Observation/${secret.id}`)).status).toBe(200);
  });

  test('corrects the birth date of a small child, not to one that is grown', async () => {
    const { body } = await mother.get(`Patient/${child}`);
    expect((await mother.put(`Patient/${child}`, { ...body, birthDate: '2009-01-01' })).status).toBe(403);
    expect((await mother.put(`Patient/${child}`, { ...body, birthDate: '2020-09-16' })).status).toBe(200);
  });

  test('does not take back what the young person denies them', async () => {
    const security = [{ system: `${terminology}/v3-ActCode`, code: 'PSY' }];
    const denial = consent(teen, { type: 'deny', actor: actor(related), securityLabel: security });
    const { status, body } = await self.post('Consent', denial);
    expect(status).toBe(201);
    expect((await guardian.get(`Consent/${body.id}`)).status).toBe(200);
    expect((await guardian.put(`Consent/${body.id}`, { ...body, status: 'inactive' })).status).toBe(403);
    expect((await guardian.delete(`Consent/${body.id}`)).status).toBe(403);
    expect((await self.delete(`Consent/${body.id}`)).status).toBe(204);
  });
});

test('$deliver answers alike for a patient that the sender knows nothing of, and for none', async () => {
  const organization = (await t.system.create({ resourceType: 'Organization', name: '見本医院' })).id;
  const clinic = await t.caller('system/*.cruds', { organization });
  const answer = async (id: string) => {
    const data = Buffer.from(`message for ${id}`).toString('base64');
    const entry = [{ resource: observationOf(id), request: { method: 'POST', url: 'Observation' } }];
    const parameter = [
      { name: 'patient', valueReference: { reference: `Patient/${id}` } },
      { name: 'original', resource: { resourceType: 'Binary', contentType: 'text/plain', data } },
      { name: 'record', resource: { resourceType: 'Bundle', type: 'transaction', entry } },
    ];
    const { status, text } = await clinic.post('$deliver', { resourceType: 'Parameters', parameter });
    return `${status} ${text.replace(/delivery [0-9a-f-]{36}/, 'delivery')}`;
  };
  expect(await answer(child)).toBe(await answer('nobody'));
});

describe('the protection of an address', () => {
  const secret = '東京都秘密町';
  const place = { text: `${secret}1-1` };
  let family: string;
  let doctor: Caller;
  const reads = async (path: string) => (await doctor.get(path)).text;
  beforeAll(async () => {
    const div = `<div xmlns="http://www.w3.org/1999/xhtml">${secret}</div>`;
    const told = {
      text: { status: 'generated', div },
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace', valueAddress: place },
        { url: 'http://hl7.org/fhir/StructureDefinition/patient-importance', valueCodeableConcept: { text: 'x' } },
      ],
      contained: [{ resourceType: 'Organization', id: 'o', name: '見本社', address: [place] }],
      contact: [{ organization: { reference: '#o' }, address: place }],
    };
    family = (await t.system.create(patientNamed('試験', '保護', { birthDate: '2020-01-01', ...told }))).id;
    await relate({ person: 'Person/mother', patient: family });
    doctor = await t.caller('user/*.rs', { user: 'Practitioner/other', organization: 'clinic' });
    expect((await mother.post('Consent', consent(family, { actor: actor('Practitioner/other') }))).status).toBe(201);
  });
  const at = () => ({ patient: { reference: `Patient/${family}` } });
  const containing = () => ({
    ...{ resourceType: 'Immunization', status: 'completed', vaccineCode: { text: 'x' }, ...at() },
    ...{ occurrenceDateTime: '2026-01-01', location: { reference: '#l' } },
    contained: [{ resourceType: 'Location', id: 'l', name: secret }],
  });
  const guardian = () => ({ resourceType: 'RelatedPerson', ...at(), address: [place] });

  test('takes it from the narrative, extensions and what is contained, and hides whoever lives there too', async () => {
    const others: Body[] = [await t.system.create(containing()), await t.system.create(guardian())];
    const paths = [`Patient/${family}`, ...others.map(({ resourceType, id }) => `${resourceType}/${id}`)];
    for (const path of paths) expect(await reads(path)).toContain(secret);
    expect((await t.system.post(`Patient/${family}/$protect`, { resourceType: 'Parameters' })).status).toBe(200);
    const later = [await t.system.create(containing()), await t.system.create(guardian())];
    paths.push(...later.map(({ resourceType, id }) => `${resourceType}/${id}`));
    for (const path of [
      ...paths,
      ...paths.map((one) => `${one}/_history`),
      `Patient/${family}/$everything`,
      '_history',
    ])
      expect(await reads(path), path).not.toContain(secret);
    expect((await doctor.get(`Patient/${family}`)).body.extension).toHaveLength(1);
    const kept = await mother.get(`RelatedPerson?patient=${family}&relationship=ONESELF`);
    expect(kept.body.entry[0]?.resource).toMatchObject({
      address: [place, place],
      extension: [{ valueAddress: place }],
    });
  });

  test('keeps a narrative out that is written later', async () => {
    const { body } = await mother.get(`Patient/${family}`);
    const div = `<div xmlns="http://www.w3.org/1999/xhtml">${secret}</div>`;
    const written = await mother.put(`Patient/${family}`, { ...body, text: { status: 'generated', div } });
    expect(written.status).toBe(200);
    expect(await reads(`Patient/${family}`)).not.toContain(secret);
  });
});
