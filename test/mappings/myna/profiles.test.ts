// What check-ups of mother and child become keeps to every profile it declares, those of JP Core below them included.
import { expect, it } from 'vitest';
import { mapMyna } from '../../../mappings/myna/map.ts';
import type { JsonObject } from '../../../server/fhir/json.ts';
import { profiles, unmet } from '../../profiles/guide.ts';
import { mchJson } from '../../support/samples/myna.ts';

const parts = mapMyna(mchJson(), { patient: { reference: 'Patient/hikari' }, mother: { reference: 'Patient/hanako' } });
const entries = JSON.parse(JSON.stringify(parts.flatMap(({ record }) => record.entries))) as { resource: JsonObject }[];
const declared = entries.flatMap(({ resource }) => {
  const { profile = [] } = (resource.meta ?? {}) as { profile?: string[] };
  return profile.map((url) => ({ resource, url }));
});

it.each([...new Set(declared.map(({ url }) => url))])('keeps to %s', (url) => {
  const profile = profiles.find((one) => one.url === url);
  expect(profile, url).toBeDefined();
  const faults = declared
    .filter((one) => one.url === url)
    .flatMap(({ resource }) => (profile ? unmet(resource, profile) : []));
  expect(faults).toEqual([]);
});
