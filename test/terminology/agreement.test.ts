// Whether a code is in a value set is asked code by code and listed: both have to say the same, whatever the value set looks like.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { definitionsOf } from '../../server/definitions/definitions.ts';
import type { JsonObject } from '../../server/fhir/json.ts';
import { createTerminology } from '../../server/terminology/create-terminology.ts';

const codes = ['a', 'b', 'c', 'd', 'e', 'f'];
const systems = ['urn:1', 'urn:2', 'urn:gone'];
const codeSystems = ['urn:1', 'urn:2'].map((url) => ({
  resourceType: 'CodeSystem',
  url,
  content: 'complete',
  // a > b > c, a > d; e has the property that f lacks.
  concept: [
    { code: 'a', concept: [{ code: 'b', concept: [{ code: 'c' }] }, { code: 'd' }] },
    { code: 'e', property: [{ code: 'p', valueString: 'x' }] },
    { code: 'f' },
  ],
}));

const filter = fc.oneof(
  fc.record({
    property: fc.constant('concept'),
    op: fc.constantFrom('is-a', 'descendent-of', 'is-not-a', 'generalizes'),
    value: fc.constantFrom(...codes),
  }),
  fc.record({
    property: fc.constant('code'),
    op: fc.constantFrom('in', 'not-in'),
    value: fc.constantFrom('a,b', 'c, f'),
  }),
  fc.record({ property: fc.constant('p'), op: fc.constant('exists'), value: fc.constantFrom('true', 'false') }),
);
const part = fc.oneof(
  fc.record({ system: fc.constantFrom(...systems) }),
  fc.record({
    system: fc.constantFrom(...systems),
    concept: fc.subarray(codes, { minLength: 1 }).map((all) => all.map((code) => ({ code }))),
  }),
  fc.record({ system: fc.constantFrom(...systems), filter: fc.array(filter, { minLength: 1, maxLength: 2 }) }),
  fc.record({ valueSet: fc.subarray(['v0', 'v1', 'v2', 'v3'], { minLength: 1, maxLength: 2 }) }),
  fc.record({ system: fc.constantFrom(...systems), valueSet: fc.subarray(['v0', 'v1'], { minLength: 1 }) }),
);
const compose = fc.record({
  include: fc.array(part, { minLength: 1, maxLength: 3 }),
  exclude: fc.array(part, { maxLength: 2 }),
});

test('a list has exactly the codes that are found one by one', () => {
  fc.assert(
    fc.property(fc.array(compose, { minLength: 4, maxLength: 4 }), (composes) => {
      const valueSets = composes.map(
        (one, n) => ({ resourceType: 'ValueSet', url: `v${n}`, compose: one }) as JsonObject,
      );
      const terminology = createTerminology(definitionsOf([...codeSystems, ...valueSets]));
      const listed = listOf(terminology);
      for (const system of systems) {
        for (const code of [...codes, 'z']) {
          const { result } = terminology.inValueSet('v0', { system, code });
          if (listed) expect([system, code, result]).toEqual([system, code, listed.has(`${system}|${code}`)]);
        }
      }
    }),
    { numRuns: 400 },
  );
});

function listOf(terminology: ReturnType<typeof createTerminology>): Set<string> | undefined {
  try {
    return new Set(terminology.expand('v0').map(({ system, code }) => `${system}|${code}`));
  } catch {
    return undefined;
  }
}
