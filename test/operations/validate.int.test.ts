// $validate over HTTP: https://hl7.org/fhir/R4/resource-operation-validate.html
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { patientNamed, type Response, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

type Issue = { severity: string; code: string; diagnostics: string; expression?: string[] };

/** "severity code expression" of each issue. */
function told({ status, body }: Response): string[] {
  expect(status).toBe(200);
  expect(body.resourceType).toBe('OperationOutcome');
  const issues = (body as unknown as { issue: Issue[] }).issue;
  return issues.map(({ severity, code, expression = [] }) => `${severity} ${code} ${expression.join()}`.trim());
}
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
const resource = (value: object) => ({ name: 'resource', resource: value });
const good = () => patientNamed('試験', '花子', { birthDate: '2024-04-01' });
const twisted = () => patientNamed('試験', '花子', { contact: [{ gender: 'female' }] });
const bodyWeight = 'http://hl7.org/fhir/StructureDefinition/bodyweight';

describe('of a resource that is sent', () => {
  test('nothing wrong is said in words', async () => {
    expect(told(await t.system.post('Patient/$validate', good()))).toEqual(['information informational']);
  });

  test('every issue has its place, and a sentence that names the rule', async () => {
    const answer = await t.system.post('Patient/$validate', parameters(resource(twisted())));
    expect(told(answer)).toEqual(['error invariant Patient.contact[0]']);
    expect(answer.text).toContain('pat-1');
  });

  test('a profile is held to that is asked for, in Parameters or in the URL', async () => {
    const weight = { resourceType: 'Observation', status: 'final', code: { text: '体重' } };
    const missing = 'error required Observation.subject';
    const named = { name: 'profile', valueUri: bodyWeight };
    expect(told(await t.system.post('Observation/$validate', weight))).not.toContain(missing);
    expect(told(await t.system.post('Observation/$validate', parameters(resource(weight), named)))).toContain(missing);
    expect(told(await t.system.post(`Observation/$validate?profile=${bodyWeight}`, weight))).toContain(missing);
  });

  test('a profile that is not known is a warning', async () => {
    const answer = await t.system.post('Patient/$validate?profile=http://profiles.test/none', good());
    expect(told(answer)).toEqual(['warning not-found Patient']);
  });

  test('another type, another id for an update: what a write would refuse too', async () => {
    expect(told(await t.system.post('Observation/$validate', good()))).toContain('error value resourceType');
    const { id } = await t.system.create(good());
    const update = parameters(resource({ ...good(), id: 'other' }), { name: 'mode', valueCode: 'update' });
    expect(told(await t.system.post(`Patient/${id}/$validate`, update))).toContain('error value Patient.id');
  });

  test('nothing is written', async () => {
    const count = async () => (await t.system.get('Patient?_summary=count')).body.total;
    const before = await count();
    await t.system.post('Patient/$validate', good());
    expect(await count()).toBe(before);
  });

  test.each<[string, string, unknown, number]>([
    ['a mode that is not known', 'Patient/$validate?mode=guess', good(), 400],
    ['a parameter that is not known', 'Patient/$validate?strict=1', good(), 400],
    ['no resource', 'Patient/$validate', parameters(), 400],
    ['an instance that is not there', 'Patient/none/$validate', parameters(), 404],
  ])('%s is refused', async (_, path, body, status) => {
    expect((await t.system.post(path, body)).status).toBe(status);
  });
});

describe('of a resource that is stored', () => {
  test('GET and POST without a resource look at what stands there', async () => {
    const { id } = await t.system.create(good());
    expect(told(await t.system.get(`Patient/${id}/$validate`))).toEqual(['information informational']);
    expect(told(await t.system.post(`Patient/${id}/$validate`, parameters()))).toEqual(['information informational']);
  });

  test('what is not the caller’s looks like what is not there', async () => {
    const { id } = await t.system.create(good());
    const other = await t.caller('patient/*.rs', { patient: 'another' });
    expect((await other.get(`Patient/${id}/$validate`)).status).toBe(404);
  });
});

describe('a profile that is stored as a resource', () => {
  const url = 'http://profiles.test/born';
  const born = (min: number) => ({
    resourceType: 'StructureDefinition',
    id: 'born',
    url,
    name: 'Born',
    status: 'active',
    kind: 'resource',
    abstract: false,
    type: 'Patient',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
    derivation: 'constraint',
    differential: { element: [{ id: 'Patient.birthDate', path: 'Patient.birthDate', min }] },
  });
  const unborn = { ...patientNamed('試験', '太郎'), meta: { profile: [url] } };

  test('is held to from the moment it is there, in each version, and until it is deleted', async () => {
    expect(told(await t.system.post('Patient/$validate', unborn))).toEqual(['warning not-found Patient']);
    expect((await t.system.put('StructureDefinition/born', born(1))).status).toBe(201);
    expect(told(await t.system.post('Patient/$validate', unborn))).toEqual(['error required Patient.birthDate']);
    expect((await t.system.post('Patient', unborn)).status).toBe(422);
    expect((await t.system.put('StructureDefinition/born', born(0))).status).toBe(200);
    expect((await t.system.post('Patient', unborn)).status).toBe(201);
    expect((await t.system.delete('StructureDefinition/born')).status).toBeLessThan(300);
    expect(told(await t.system.post('Patient/$validate', unborn))).toEqual(['warning not-found Patient']);
  });

  test('is held to by patches too, more of them at a time than there are connections', async () => {
    const url = 'http://profiles.test/named';
    const element = [{ id: 'Patient.name', path: 'Patient.name', min: 1 }];
    await t.system.create({ ...born(0), id: undefined, name: 'Named', url, differential: { element } });
    const { id } = await t.system.create({ ...patientNamed('試験', '花子'), meta: { profile: [url] } });
    const patch = [{ op: 'remove', path: '/name' }];
    const json = { 'content-type': 'application/json-patch+json' };
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => t.system.send('PATCH', `Patient/${id}`, patch, json)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([422]));
  });

  test('takes the place of none that every server has', async () => {
    const weight = { ...born(0), id: 'weight', url: bodyWeight, type: 'Observation', differential: undefined };
    const base = 'http://hl7.org/fhir/StructureDefinition/Observation';
    const differential = { element: [{ id: 'Observation', path: 'Observation' }] };
    await t.system.put('StructureDefinition/weight', { ...weight, baseDefinition: base, differential });
    const sent = { resourceType: 'Observation', meta: { profile: [bodyWeight] }, status: 'final', code: { text: 'x' } };
    expect((await t.system.post('Observation', sent)).status).toBe(422);
  });
});

describe('a write', () => {
  test('of what breaks an invariant or a declared profile is refused, with the place', async () => {
    const broken = await t.system.post('Patient', twisted());
    expect(broken.status).toBe(422);
    expect(broken.text).toContain('Patient.contact[0]');
    const weight = {
      resourceType: 'Observation',
      meta: { profile: [bodyWeight] },
      status: 'final',
      code: { text: 'x' },
    };
    expect((await t.system.post('Observation', weight)).status).toBe(422);
  });

  test('of what is only warned of is stored, and says the warning to who asks', async () => {
    const declared = { ...good(), meta: { profile: ['http://profiles.test/none'] } };
    const { status, body } = await t.system.post('Patient', declared, { prefer: 'return=OperationOutcome' });
    expect(status).toBe(201);
    expect((body as unknown as { issue: Issue[] }).issue.map(({ severity }) => severity)).toContain('warning');
  });
});
