// A granular scope lets through what a search with its parameters finds, and nothing else: by the marks of a resource, as by
// the real search. SMART App Launch 2.2, "Finer-grained resource constraints using search parameters"
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseScope } from '../../server/access/scopes.ts';
import { resourceTypes } from '../../server/fhir/definitions.ts';
import type { JsonObject } from '../../server/fhir/json.ts';
import { parametersOf } from '../../server/search/parameters.ts';
import { marksOfScope, matchesScope } from '../../server/search/scope-filter.ts';
import { type Body, matchIds, startApp, type TestApp } from '../support/app.ts';

const categories = 'http://terminology.hl7.org/CodeSystem/observation-category';
let t: TestApp;
let stored: Body[];

beforeAll(async () => {
  t = await startApp();
  const put = (resource: { resourceType: string; id: string; [name: string]: unknown }) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  });
  const people = ['p1', 'p2'].map((id) =>
    put({ resourceType: 'Patient', id, telecom: [{ system: 'phone', value: '03-1234-0000' }] }),
  );
  const observations = fc.sample(observation, { numRuns: 60, seed: 5 }).map((one, n) => put({ ...one, id: `o${n}` }));
  const entry = [...people, put({ resourceType: 'Encounter', id: 'e1', ...encounter }), ...observations];
  const { status, body } = await t.system.post(
    '',
    { resourceType: 'Bundle', type: 'transaction', entry },
    { prefer: 'return=representation' },
  );
  expect(status).toBe(200);
  stored = body.entry.map(({ resource }) => resource);
});
afterAll(() => t.close());

describe('matchesScope', () => {
  test('is what the search finds, of generated Observations and parameters', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(observationParameter, { minLength: 1, maxLength: 3 }), async (query) => {
        await agrees('Observation', query.join('&'));
      }),
      { numRuns: 150, seed: 11 },
    );
  });

  test.each([
    ['Patient', 'phone=0312340000', 2],
    ['Patient', 'telecom=phone|03+1234+0000', 2],
    ['Patient', 'phone=0312340001', 0],
    ['Encounter', 'class=AMB', 1],
    ['Encounter', 'patient=p1', 1],
    ['Encounter', 'patient=https://tsumugi.test/fhir/Patient/p1', 1],
    ['Encounter', 'identifier=urn:visits|1', 1],
    ['Encounter', 'identifier=|1', 0],
    ['Observation', 'subject=Patient/p1', -1],
  ])('%s?%s', async (type, query, count) => {
    const found = await agrees(type, query);
    if (count >= 0) expect(found).toHaveLength(count);
    else expect(found.length).toBeGreaterThan(0);
  });

  test('is false of another type, and true where a scope has no parameters', () => {
    const [patient] = stored.filter(({ resourceType }) => resourceType === 'Patient') as unknown as JsonObject[];
    expect(matchesScope(patient as JsonObject, 'Observation', [])).toBe(false);
    expect(matchesScope(patient as JsonObject, 'Patient', [])).toBe(true);
  });
});

test('every parameter that a scope may have is decided by marks, for every type', () => {
  let count = 0;
  for (const type of resourceTypes) {
    for (const { code, type: kind } of parametersOf(type).values()) {
      for (const value of ['a', 'urn:s|a', 'urn:s|', '|a', 'Patient/1', 'Organization/1', 'http://a.test/b']) {
        const parsed = parseScope(`system/${type}.cruds?${code}=${value}`);
        if (parsed.kind === 'refused') continue;
        expect(['token', 'reference']).toContain(kind);
        const marks = parsed.kind === 'grant' ? marksOfScope(type, parsed.grant.query ?? []) : [];
        expect({ type, code, value, marks: marks.map(({ length }) => length > 0) }).toEqual({
          type,
          code,
          value,
          marks: [true],
        });
        count += 1;
      }
    }
  }
  expect(count).toBeGreaterThan(4000);
});

/** The ids on which scope and search agree. */
async function agrees(type: string, text: string): Promise<string[]> {
  const parsed = parseScope(`system/${type}.rs?${text}`);
  if (parsed.kind !== 'grant') throw new Error(parsed.kind === 'refused' ? parsed.reason : text);
  const query = parsed.grant.query ?? [];
  const own = stored.filter(({ resourceType }) => resourceType === type) as unknown as JsonObject[];
  const matching = own.filter((resource) => matchesScope(resource, type, query, t.base)).map(({ id }) => String(id));
  const found = matchIds(await t.system.get(`${type}?${text}&_count=200`));
  expect({ text, ids: matching.sort() }).toEqual({ text, ids: found.sort() });
  return found;
}

const encounter = {
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  identifier: [{ system: 'urn:visits', value: '1' }],
  subject: { reference: 'Patient/p1' },
};

const code = fc.constantFrom('vital-signs', 'laboratory', 'VITAL-SIGNS', 'social-history');
const coding = fc.record({ system: fc.constantFrom(categories, 'urn:own'), code }, { requiredKeys: ['code'] });
const concepts = fc.array(fc.record({ coding: fc.array(coding, { minLength: 1, maxLength: 2 }) }), {
  minLength: 1,
  maxLength: 2,
});
const observation = fc.record(
  {
    resourceType: fc.constant('Observation'),
    status: fc.constantFrom('final', 'amended'),
    code: fc.constantFrom(
      { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
      { coding: [{ system: 'http://loinc.org', code: '8302-2' }, { code: '29463-7' }] },
      { text: '体重' },
    ),
    category: concepts,
    subject: fc.constantFrom({ reference: 'Patient/p1' }, { reference: 'Patient/p2' }),
    encounter: fc.constantFrom({ reference: 'Encounter/e1' }, { identifier: { system: 'urn:visits', value: '1' } }),
    performer: fc.constant([{ reference: 'Patient/p1' }, { reference: 'Patient/p2' }]),
    meta: fc.constantFrom(
      { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'N' }] },
      { tag: [{ system: 'urn:tags', code: 'a' }] },
    ),
  },
  { requiredKeys: ['resourceType', 'status', 'code', 'subject'] },
);

const categoryValue = fc
  .tuple(fc.constantFrom('', '|', 'urn:own|', `${categories}|`), code)
  .map(([system, one]) => system + one);
const observationParameter = fc.oneof(
  fc.array(categoryValue, { minLength: 1, maxLength: 3 }).map((values) => `category=${values.join(',')}`),
  fc.constantFrom(
    'category=urn:own|',
    'code=29463-7',
    'code=http://loinc.org|8302-2,http://loinc.org|29463-7',
    'code=|29463-7',
    'status=final',
    'subject=Patient/p1',
    'subject=p2',
    'patient=Patient/p2',
    'patient=https://tsumugi.test/fhir/Patient/p2',
    'encounter=e1',
    'encounter=Encounter/e2,Encounter/e1',
    'performer=Patient/p2',
    '_security=http://terminology.hl7.org/CodeSystem/v3-Confidentiality|N',
    '_tag=a',
    '_tag=urn:tags|b,urn:tags|a',
  ),
);
