// What tells a place: the walk over a resource as it is written, and the pattern by which the database looks at stored texts.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placePattern, tellsWhere } from '../../server/access/protection.ts';

const words = [
  'address',
  'telecom',
  'valueAddress',
  'valueContactPoint',
  'Location',
  'Location/1',
  'bodyLocation',
  'x',
  'Locations',
];
const value = fc.letrec((tie) => ({
  any: fc.oneof(fc.constantFrom(...words), fc.integer(), fc.boolean(), tie('list'), tie('object')),
  list: fc.array(tie('any'), { maxLength: 3 }),
  object: fc.dictionary(fc.constantFrom(...words), tie('any'), { maxKeys: 3 }),
})).object;

test('a resource tells a place exactly when its text matches the pattern', () => {
  const pattern = new RegExp(placePattern);
  fc.assert(
    fc.property(value, (members) => {
      const resource = { resourceType: 'Observation', ...(members as object) };
      expect(tellsWhere(resource)).toBe(pattern.test(JSON.stringify(resource)));
    }),
    { numRuns: 2000 },
  );
});
