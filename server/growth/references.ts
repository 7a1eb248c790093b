// The growth references that are known here, as their sources give them: LMS values or percentiles by age in days, of each sex.
// WHO's weight-for-length is by centimetres. How each was made is said inside it and in conformance/growth/references.ts.

import jp2000 from './references/jp-2000.json' with { type: 'json' };
import jp2023 from './references/jp-2023.json' with { type: 'json' };
import who from './references/who.json' with { type: 'json' };

/** What is asked for. Weight-for-length is weight-for-height from the age at which children stand to be measured. */
export type Measure = 'weight' | 'height' | 'head-circumference' | 'bmi' | 'weight-for-length';
export type Sex = 'male' | 'female';
export type ReferenceId = 'jp-2000' | 'jp-2023' | 'who';

/**
 * `x`: days, or cm for weight-for-length; beyond `last` there is nothing. Columns of a sex are L, M and S, or one for each of
 * `percentiles`. Kilograms, centimetres, kg/m².
 */
export type TableData = { x: number[]; last: number; male: number[][]; female: number[][] } & (
  | { kind: 'lms' }
  | { kind: 'percentiles'; percentiles: number[] }
);

export type ReferenceData = {
  source: string;
  url: string;
  licence: string;
  made: string;
  measures: Partial<Record<Measure | 'weight-for-height', TableData>>;
};

export const MEASURES: readonly Measure[] = ['weight', 'height', 'head-circumference', 'bmi', 'weight-for-length'];

export const REFERENCES: Readonly<Record<ReferenceId, ReferenceData>> = {
  'jp-2023': jp2023 as ReferenceData,
  'jp-2000': jp2000 as ReferenceData,
  who: who as ReferenceData,
};
