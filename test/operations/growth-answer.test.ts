// Whatever a record holds, $growth answers numbers that JSON can write and a picture that can be drawn.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson } from '../../server/fhir/json.ts';
import { growthChart } from '../../server/growth/chart.ts';
import { growthPoints } from '../../server/growth/points.ts';
import { MEASURES, type ReferenceId } from '../../server/growth/references.ts';
import { growthAnswer } from '../../server/operations/growth-answer.ts';
import { growthRecord } from '../../server/operations/growth-record.ts';
import { refusalsOf } from '../support/valid.ts';

const LOINC = 'http://loinc.org';
const UCUM = 'http://unitsofmeasure.org';

const observation = fc.record({
  resourceType: fc.constant('Observation'),
  id: fc.constantFrom('a', 'b', 'c'),
  status: fc.constantFrom('final', 'preliminary', 'entered-in-error'),
  code: fc
    .constantFrom('29463-7', '8302-2', '8306-3', '8308-9', '9843-4', '39156-5', '8339-4', '76516-4', '18185-9')
    .map((code) => ({ coding: [{ system: LOINC, code }] })),
  effectiveDateTime: fc.constantFrom(
    '2024-02-29',
    '2024-03-01T23:30:00Z',
    '2025',
    '2026-11-23',
    '2040-01-01',
    '1999-12-31',
  ),
  valueQuantity: fc.record({
    value: fc.oneof(
      fc.double({ min: 0.1, max: 200, noNaN: true }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(0, -1, 1e-300, 1e300),
    ),
    unit: fc.constant('x'),
    system: fc.constant(UCUM),
    code: fc.constantFrom('kg', 'g', 'cm', 'm', 'kg/m2', '[lb_av]', 'wk', 'd', 'nonsense'),
  }),
});

test('any observations', () => {
  const references = fc.constantFrom<ReferenceId | undefined>(undefined, 'jp-2023', 'jp-2000', 'who');
  const sexes = fc.constantFrom('male' as const, 'female' as const);
  const birthDay = 19_782; // 2024-02-29
  fc.assert(
    fc.property(fc.array(observation, { maxLength: 8 }), references, sexes, (observations, reference, sex) => {
      const { measured, gestationDays } = growthRecord(observations, birthDay);
      const child = { birthDay, sex, gestationDays };
      const points = growthPoints(child, measured, MEASURES, reference);
      const asked = { child, points, measures: MEASURES, reference, ageDays: 998, dateOf: String, id: 'growth' };
      const chart = growthChart(asked);
      expect(chart.match(/.{30}(NaN|undefined|Infinity).{10}/)).toBeNull();
      const text = JSON.stringify(growthAnswer({ child, points, reference, chart }));
      expect(text.match(/.{30}null.{10}/)).toBeNull();
      expect(refusalsOf(parseJson(text) as never)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
