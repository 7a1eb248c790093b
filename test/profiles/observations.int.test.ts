// The guide's examples through the whole server: taken as they are, given back as they are, and found by the codes that the guide
// gives them.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { published } from './published.ts';

const TYPES = [
  'Patient',
  'QuestionnaireResponse',
  'Observation',
  'DiagnosticReport',
  'Condition',
  'AllergyIntolerance',
];
const OURS = 'https://tsumugi.example/fhir/CodeSystem';
const LOINC = 'http://loinc.org';

const examples = published('examples')
  .map(({ content }) => content)
  .filter(
    ({ resourceType, id }) => TYPES.includes(resourceType) && (resourceType !== 'Patient' || id === 'older-child'),
  );

let server: TestApp;
beforeAll(async () => {
  server = await startApp();
  for (const id of ['child', 'mother']) await server.system.put(`Patient/${id}`, { resourceType: 'Patient', id });
  const entry = examples.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const { status, body } = await server.system.post('', { resourceType: 'Bundle', type: 'transaction', entry });
  expect([status, body.issue]).toEqual([200, undefined]);
});
afterAll(() => server.close());

test.each(examples.map((one) => [`${one.resourceType}/${one.id}`, one] as const))(
  '%s comes back as it was sent',
  async (path, sent) => {
    const { meta, ...rest } = (await server.system.get(path)).body;
    const { meta: profile, ...content } = sent as typeof sent & { meta: object };
    expect(rest).toEqual(content);
    expect(meta).toMatchObject(profile);
  },
);

test.each([
  [`Observation?patient=child&code=${LOINC}|29463-7`, ['weight']],
  [
    'Observation?patient=child&category=body-measurement&date=2026-11',
    ['bmi', 'chest-circumference', 'head-circumference', 'length', 'weight'],
  ],
  [`Observation?patient=mother&component-code-value-quantity=${LOINC}|8480-6$gt110`, ['blood-pressure']],
  [
    `Observation?patient=child&component-code-value-concept=${LOINC}|54108-6$${OURS}/screening-result|refer`,
    ['newborn-hearing-screening'],
  ],
  [`Observation?patient=mother&code-value-quantity=${LOINC}|99046-5$ge5`, ['epds']],
  [`DiagnosticReport?patient=child&code=${OURS}/checkup-stage|3-4m`, ['checkup-3-4-months']],
  [`DiagnosticReport?conclusion=${OURS}/checkup-judgement|observe`, ['checkup-3-4-months']],
  ['QuestionnaireResponse?questionnaire=https://tsumugi.example/fhir/Questionnaire/epds|0.1.0', ['epds-answers']],
])('%s finds it', async (query, ids) => {
  const { status, body } = await server.system.get(query.replaceAll('|', '%7C').replaceAll('$', '%24'));
  expect([status, body.entry?.map(({ resource }) => resource.id).sort()]).toEqual([200, ids]);
});
