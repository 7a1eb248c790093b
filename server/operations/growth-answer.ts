// The points of a growth chart as Parameters: value, age, percentile and SD score, each with the reference it is by.
// OperationDefinition: profiles/operation-definitions/growth.json

import { growthNote } from '../../profiles/growth-note.ts';
import { exactNumber } from '../fhir/json.ts';
import { formatDay } from '../forecast/days.ts';
import type { Child, Point } from '../growth/points.ts';
import { REFERENCES, type ReferenceId } from '../growth/references.ts';
import type { Percentile, SdScore } from '../growth/score.ts';
import { MEASURE_WORDS, REFERENCE_WORDS } from '../growth/words.ts';
import type { Parameter } from '../interaction/parameters.ts';
import { svgBinary } from './svg-answer.ts';

type Answered = {
  child: Child;
  points: readonly Point[];
  reference: ReferenceId | undefined;
  chart: string | undefined;
};

export function growthAnswer({ child, points, reference, chart }: Answered): {
  resourceType: 'Parameters';
  parameter: Parameter[];
} {
  const used = new Set(points.flatMap(({ score }) => [score?.percentile?.reference, score?.sdScore?.reference]));
  if (reference !== undefined) used.add(reference);
  const { gestationDays, sex } = child;
  const notes = [
    ...(sex === undefined ? ['sex-unknown'] : []),
    ...(gestationDays === undefined ? ['gestation-unknown'] : []),
  ];
  const parameter: Parameter[] = [
    ...points.map((point) => ({ name: 'point', part: pointParts(point) })),
    ...[...used].flatMap((id) => (id === undefined ? [] : [referenceParameter(id)])),
    ...(gestationDays === undefined ? [] : [{ name: 'gestationalAge', valueDuration: days(gestationDays) }]),
    ...notes.map(noteParameter),
    ...(chart === undefined ? [] : [{ name: 'chart', resource: svgBinary(chart) }]),
  ];
  return { resourceType: 'Parameters', parameter };
}

function pointParts(point: Point): Parameter[] {
  const { measure, value, heightCm, day, ageDays, correctedAgeDays, score, uncorrected, notes, sources } = point;
  return [
    { name: 'measure', valueCode: measure },
    ...(day === undefined ? [] : [{ name: 'date', valueDate: formatDay(day) }]),
    ...(value === undefined ? [] : [{ name: 'value', valueQuantity: quantity(value, UNITS[measure]) }]),
    ...(heightCm === undefined ? [] : [{ name: 'height', valueQuantity: quantity(heightCm, 'cm') }]),
    ...(ageDays === undefined ? [] : [{ name: 'age', valueDuration: days(ageDays) }]),
    ...(correctedAgeDays === undefined ? [] : [{ name: 'correctedAge', valueDuration: days(correctedAgeDays) }]),
    ...scoreParts(score ?? {}),
    ...(uncorrected === undefined ? [] : [{ name: 'uncorrected', part: scoreParts(uncorrected) }]),
    ...notes.map(noteParameter),
    ...sources.map((reference) => ({ name: 'observation', valueReference: { reference } })),
  ];
}

function scoreParts({ percentile, sdScore }: { percentile?: Percentile; sdScore?: SdScore }): Parameter[] {
  return [
    ...(percentile === undefined
      ? []
      : [
          { name: 'percentile', valueQuantity: percentileQuantity(percentile) },
          { name: 'percentileReference', valueCode: percentile.reference },
        ]),
    ...(sdScore === undefined
      ? []
      : [
          { name: 'sdScore', valueDecimal: exactNumber(withoutMinusZero(sdScore.value.toFixed(2))) },
          { name: 'sdScoreReference', valueCode: sdScore.reference },
        ]),
  ];
}

/** To a tenth; what would round to 0 or 100, which nobody is, is below or above the last tenth. */
function percentileQuantity({ value, comparator }: Percentile) {
  const [shown, beyond] =
    comparator !== undefined
      ? [value, comparator]
      : value < 0.1
        ? [0.1, '<']
        : value > 99.9
          ? [99.9, '>']
          : [value, undefined];
  const written = comparator === undefined ? exactNumber(shown.toFixed(1)) : shown;
  return { value: written, ...(beyond && { comparator: beyond }), unit: '%', system: UCUM, code: '%' };
}

const withoutMinusZero = (text: string): string => (text === '-0.00' ? '0.00' : text);

const UCUM = 'http://unitsofmeasure.org';
const UNITS: Record<Point['measure'], 'kg' | 'cm' | 'kg/m2'> = {
  weight: 'kg',
  height: 'cm',
  'head-circumference': 'cm',
  bmi: 'kg/m2',
  'weight-for-length': 'kg',
};

/** To a gram and a hundredth of a millimetre: what a conversion adds behind them nobody measured. */
const quantity = (value: number, unit: 'kg' | 'cm' | 'kg/m2') => ({
  value: Number(value.toFixed(unit === 'kg/m2' ? 2 : 3)),
  unit,
  system: UCUM,
  code: unit,
});

const days = (value: number) => ({ value, unit: 'd', system: UCUM, code: 'd' });

function referenceParameter(id: ReferenceId): Parameter {
  const { source, url, measures } = REFERENCES[id];
  const { ja, en } = REFERENCE_WORDS[id];
  const of = Object.keys(measures).filter((name) => name in MEASURE_WORDS);
  return {
    name: 'reference',
    part: [
      { name: 'code', valueCode: id },
      { name: 'title', valueString: `${ja} ${en}` },
      { name: 'source', valueString: source },
      { name: 'url', valueUri: url },
      ...of.map((measure) => ({ name: 'measure', valueCode: measure })),
    ],
  };
}

const noteParameter = (code: string): Parameter => ({ name: 'note', valueCodeableConcept: growthNote(code) });
