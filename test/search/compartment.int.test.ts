// Search inside a compartment. https://hl7.org/fhir/R4/http.html#vsearch
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  compartmentParameters,
  compartments,
  patientCompartmentParameters,
  resourceTypes,
  searchParametersOf,
} from '../../server/fhir/definitions.ts';
import { parametersOf } from '../../server/search/parameters.ts';
import { allPages, matchIds, patientNamed, type Response, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
  for (const [id, resource] of Object.entries(records)) {
    const { status, text } = await t.system.put(`${resource.resourceType}/${id}`, { id, ...resource });
    if (status !== 201) throw new Error(text);
  }
});
afterAll(() => t.close());

const ref = (reference: string) => ({ reference });
const observation = (rest: object) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ code: 'weight' }] },
  ...rest,
});
const records: Record<string, { resourceType: string; [name: string]: unknown }> = {
  hanako: patientNamed('試験', '花子', { generalPractitioner: [ref('Practitioner/doctor')] }),
  taro: patientNamed('見本', '太郎'),
  doctor: { resourceType: 'Practitioner', active: true },
  mother: { resourceType: 'RelatedPerson', patient: ref('Patient/taro') },
  scale: { resourceType: 'Device', status: 'active' },
  visit: { resourceType: 'Encounter', status: 'finished', class: { code: 'AMB' }, subject: ref('Patient/hanako') },
  own: observation({ subject: ref('Patient/hanako'), encounter: ref('Encounter/visit'), device: ref('Device/scale') }),
  length: observation({ subject: ref('Patient/hanako'), code: { coding: [{ code: 'length' }] } }),
  // Hanako measured it: it is in her compartment as well as in Taro's.
  shared: observation({ subject: ref('Patient/taro'), performer: [ref('Patient/hanako')] }),
  told: observation({ subject: ref('Patient/taro'), performer: [ref('RelatedPerson/mother')] }),
  seen: observation({ subject: ref('Patient/taro'), performer: [ref('Practitioner/doctor')] }),
};

const sorted = (answer: Response) => matchIds(answer).sort().join(' ');

test.each([
  ['Patient/hanako/Observation', 'length own shared'],
  ['Patient/taro/Observation', 'seen shared told'],
  ['Patient/hanako/Observation?code=weight', 'own shared'],
  ['Patient/hanako/Observation?subject=Patient/taro', 'shared'],
  ['Patient/hanako/Observation?_id=own,told', 'own'],
  ['Patient/hanako/Encounter', 'visit'],
  ['Patient/hanako/Patient', 'hanako'],
  ['Patient/hanako/Patient?gender=male', ''],
  ['Patient/nobody/Observation', ''],
  ['Encounter/visit/Observation', 'own'],
  ['Encounter/visit/Encounter', 'visit'],
  ['RelatedPerson/mother/Observation', 'told'],
  ['RelatedPerson/mother/RelatedPerson', 'mother'],
  ['Practitioner/doctor/Observation', 'seen'],
  ['Practitioner/doctor/Patient', 'hanako'],
  ['Device/scale/Observation', 'own'],
  ['Device/scale/Observation?code=length', ''],
  ['Patient/hanako/*', 'hanako length own shared visit'],
  ['Patient/hanako/*?_type=Observation,Encounter', 'length own shared visit'],
  ['Patient/hanako/*?_type=Observation&code=weight', 'own shared'],
  ['Patient/nobody/*', ''],
  ['Encounter/visit/*', 'own visit'],
  ['RelatedPerson/mother/*', 'mother told'],
  ['Practitioner/doctor/*', 'doctor hanako seen'],
  ['Device/scale/*', 'own scale'],
  ['Device/%E3%82%8F%22/Observation', ''],
])('%s -> %s', async (path, ids) => {
  const answer = await t.system.get(path);
  expect(answer.status).toBe(200);
  expect(sorted(answer)).toBe(ids);
});

test('POST _search does the same, with the parameters in a form', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await t.system.send('POST', 'Patient/hanako/Observation/_search', 'code=weight', form);
  expect(sorted(answer)).toBe('own shared');
});

test('pages, totals and includes work as in any search', async () => {
  const pages = await allPages(t.system, 'Patient/hanako/Observation?_count=1');
  expect(pages.flat().sort()).toEqual(['length', 'own', 'shared']);
  expect((await allPages(t.system, 'Patient/hanako/*?_count=2')).map(({ length }) => length)).toEqual([2, 2, 1]);
  const { body } = await t.system.get('Patient/hanako/Observation?_count=1&_total=accurate');
  expect(body.total).toBe(3);
  expect(body.link.map(({ url }) => new URL(url).pathname)).toEqual(Array(3).fill('/fhir/Patient/hanako/Observation'));
  const included = await t.system.get('Encounter/visit/Observation?_include=Observation:device');
  expect(included.body.entry.map(({ resource }) => resource.id)).toEqual(['own', 'scale']);
});

test('a page link belongs to its compartment', async () => {
  const { body } = await t.system.get('Patient/hanako/Observation?_count=1');
  const next = body.link.find(({ relation }) => relation === 'next')?.url ?? '';
  const cursor = new URL(next).searchParams.get('_page');
  expect((await t.system.get(`Patient/taro/Observation?_page=${cursor}`)).status).toBe(400);
  expect((await t.system.get(`Observation?_page=${cursor}`)).status).toBe(400);
});

test.each([
  ['Organization/x/Observation', 404, 'Organization is no compartment. Known: Device, Encounter'],
  ['Patient/x/Organization', 400, 'Organization is not in the Patient compartment. Known: Account,'],
  ['Encounter/x/Patient', 400, 'Patient is not in the Encounter compartment'],
  ['Patient/x/Nobody', 404, 'Patient/x/Nobody is not known here'],
  ['Organization/x/*', 404, 'Organization is no compartment'],
  ['Patient/x/*?_type=Organization', 400, '_type: Organization is never here. Known: Account,'],
  ['Patient/x/*?code=weight', 400, 'Not all of these types have the search parameter "code"'],
  ['Patient/x/*?_include=*', 400, '_include belongs to a search on one type'],
  ['Patient/x/Observation?colour=red', 400, 'Observation has no search parameter "colour"'],
])('%s is refused with %s', async (path, status, sentence) => {
  const answer = await t.system.get(path);
  expect(answer.status).toBe(status);
  expect(answer.body.issue[0]?.diagnostics).toContain(sentence);
});

describe('every compartment of the specification', () => {
  test('has only parameters that are indexed', () => {
    for (const compartment of compartments)
      for (const type of resourceTypes)
        for (const code of compartmentParameters(compartment, type))
          expect(`${type}.${code} ${parametersOf(type).get(code)?.type}`).toBe(`${type}.${code} reference`);
  });

  test('is in the CapabilityStatement', async () => {
    const { body } = await t.system.get('metadata');
    expect((body as unknown as { rest: { compartment: string[] }[] }).rest[0]?.compartment).toEqual(
      ['device', 'encounter', 'patient', 'practitioner', 'relatedperson'].map(
        (name) => `http://hl7.org/fhir/CompartmentDefinition/${name}`,
      ),
    );
  });
});

test('where the compartment names `patient`, `subject` takes the same references', () => {
  const expressionOf = (type: string, code: string) =>
    (searchParametersOf(type).find((one) => one.code === code)?.expression ?? '')
      .split('|')
      .map((part) => part.trim())
      .find((part) => part.startsWith(`${type}.`));
  const types = [...resourceTypes].filter(
    (type) => parametersOf(type).has('subject') && patientCompartmentParameters(type).includes('patient'),
  );
  expect(types).toContain('Encounter');
  for (const type of types)
    expect(expressionOf(type, 'patient')).toBe(`${expressionOf(type, 'subject')}.where(resolve() is Patient)`);
});
