// The ConceptMaps that we publish: valid, named for their files, to codes that exist as far as that can be told here.
import { describe, expect, test } from 'vitest';
import { CANONICAL } from '../../server/fhir/canonical.ts';
import { objects } from '../../server/terminology/code-index.ts';
import { terminologyInForce } from '../../server/terminology/in-force.ts';
import { translated } from '../../server/terminology/translate.ts';
import { refusalsOf } from '../support/valid.ts';
import { published } from './published.ts';

const maps = published('concept-maps').map(({ file, content }) => ({
  file,
  content: content as Record<string, unknown>,
}));
const { terminology, definitions } = terminologyInForce();

describe.each(maps)('$file', ({ file, content }) => {
  test('is valid and named for its id', () => {
    expect(refusalsOf(content as never).filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(file).toBe(`${content.id}.json`);
    expect(content.url).toBe(`${CANONICAL}/ConceptMap/${content.id}`);
  });

  test('maps each code once, and no code that its code system is known not to have', () => {
    for (const { source, target, element } of objects(content.group)) {
      const codes = objects(element).map(({ code }) => code);
      expect(codes).toEqual([...new Set(codes)]);
      for (const one of objects(element)) {
        const ends = [[source, one.code], ...objects(one.target).map(({ code }) => [target, code])];
        for (const [system, code] of ends)
          expect([code, terminology.inCodeSystem({ system: String(system), code: String(code) }).result]).not.toEqual([
            code,
            false,
          ]);
      }
    }
  });
});

test.each([
  ['checkup-item-to-loinc', 'urn:oid:1.2.392.200119.6.1005', '9N006000000000001', '29463-7'],
  [
    'body-measurement-to-loinc',
    'http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationBodyMeasurementCode_CS',
    '31006116',
    '9843-4',
  ],
  ['vaccine-to-cvx', `${CANONICAL}/CodeSystem/vaccine`, 'RV1', '119'],
])('%s is shipped: %s %s is %s', (id, system, code, expected) => {
  const map = definitions.find('ConceptMap', `${CANONICAL}/ConceptMap/${id}`) ?? {};
  const asked = { system, code, targetSystem: undefined, isReverse: false };
  expect(translated(map, asked, () => undefined).map(({ concept }) => concept?.code)).toEqual([expected]);
});
