// What only a running server writes keeps to the profiles: the consent of a link to a facility, and the Patient with the facility's
// number. The server takes every example with the profile that it claims.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../server/fhir/json.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { examples, profiles, unmet } from './guide.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());

const faults = (id: string, resource: unknown): string[] => {
  const profile = profiles.find((one) => one.id === id);
  return profile === undefined ? [`no profile ${id}`] : unmet(resource as JsonObject, profile);
};
const exampleOf = (id: string) => structuredClone(examples.find((one) => one.id === id));

test('a link to a facility is a Consent of its profile, and gives the Patient an identifier of its profile', async () => {
  const { id: child } = await t.system.create(exampleOf('child') ?? {});
  const { id: hospital } = await t.system.create(exampleOf('hospital') ?? {});
  const parameter = [
    { name: 'organization', valueReference: { reference: `Organization/${hospital}` } },
    { name: 'identifier', valueIdentifier: { system: 'urn:oid:1.2.392.100495.20.3.51.11319999991', value: '0000099' } },
  ];
  const answer = await t.system.post(`Patient/${child}/$link-facility`, { resourceType: 'Parameters', parameter });
  expect(answer.status).toBe(200);
  const [consent] = (answer.body as unknown as { parameter: { resource: object }[] }).parameter;
  expect(faults('facility-link', consent?.resource)).toEqual([]);
  const { body } = await t.system.get(`Patient/${child}`);
  expect((body as unknown as { identifier: object[] }).identifier).toHaveLength(2);
  expect(faults('child', body)).toEqual([]);
});

describe('an example of the guide', () => {
  const sent = examples.filter(({ resourceType }) => resourceType !== 'AuditEvent');

  test.each(sent.map((one) => [`${one.resourceType}/${one.id}`, one] as const))(
    '%s is stored as it is',
    async (_, one) => {
      const { id: __, ...resource } = structuredClone(one);
      // What it refers to is another example, which is not stored here.
      const text = JSON.stringify(resource).replace(
        /"reference":"([A-Z]\w+)\/([\w-]+)"/g,
        '"reference":"https://elsewhere.test/fhir/$1/$2"',
      );
      const { id } = await t.system.create(JSON.parse(text));
      const { body } = await t.system.get(`${one.resourceType}/${id}`);
      const { id: ___, meta, ...stored } = body as unknown as JsonObject;
      const { meta: claimed, ...asked } = JSON.parse(text);
      expect(stored).toEqual(asked);
      expect(meta).toMatchObject(claimed);
    },
  );
});
