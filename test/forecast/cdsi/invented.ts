// A small CDSi schedule of invented diseases and products in the written form, with a row of every kind. Each call gives a
// fresh one, so that a test can spoil it.
import type { SourceText } from '../../../server/forecast/cdsi/read-source.ts';
import type { AntigenFile, ScheduleFile, SeriesDoseRow, SeriesRow } from '../../../server/forecast/cdsi/source.ts';

export type Written = { schedule: ScheduleFile; antigens: { file: string; content: AntigenFile }[] };

/** Redpox (two doses, or one from 5 years on; a risk series), blue and green fever (one product), wheeze (each autumn). */
export function inventedSchedule(): Written {
  return {
    schedule: {
      version: 'test-1',
      released: '2026-01-01',
      vaccineConflicts: [
        {
          conflictingCvx: '901',
          impactedCvx: '910',
          conflictBeginInterval: '1 day',
          minConflictEndInterval: '24 days',
          conflictEndInterval: '28 days',
        },
      ],
      vaccineGroups: [{ name: 'Red' }, { name: 'BlueGreen', administerFullVaccineGroup: true }, { name: 'Wheeze' }],
      vaccineGroupToAntigens: [
        { name: 'Red', antigens: ['Redpox'] },
        { name: 'BlueGreen', antigens: ['Blue fever', 'Green fever'] },
        { name: 'Wheeze', antigens: ['Wheeze'] },
      ],
      cvxToAntigens: [
        { cvx: '901', description: 'red, live', associations: [{ antigen: 'Redpox' }] },
        { cvx: '902', description: 'red, adult', associations: [{ antigen: 'Redpox', beginAge: '5 years' }] },
        {
          cvx: '910',
          description: 'blue-green',
          associations: [{ antigen: 'Blue fever' }, { antigen: 'Green fever' }],
        },
        { cvx: '911', description: 'blue', associations: [{ antigen: 'Blue fever' }] },
        { cvx: '920', description: 'wheeze', associations: [{ antigen: 'Wheeze' }] },
      ],
      observations: [
        { code: '001', title: 'Works with red animals', codedValues: [{ system: 'SNOMED', code: '1', text: 'red' }] },
        { code: '002', title: 'Immune to redpox' },
        { code: '003', title: 'Allergic to red', contraindicationText: 'Do not vaccinate.' },
      ],
    },
    antigens: [redpox(), fever('Blue fever', 'blue'), fever('Green fever', 'green'), wheeze()],
  };
}

/** The files of a folder with this schedule. */
export function textsOf({ schedule, antigens }: Written): SourceText[] {
  return [
    { file: 'schedule.json', text: JSON.stringify(schedule) },
    ...antigens.map(({ file, content }) => ({ file, text: JSON.stringify(content) })),
  ];
}

function redpox(): Written['antigens'][number] {
  const second: SeriesDoseRow = {
    doseNumber: 2,
    ages: [
      { absMinAge: '15 months - 4 days', minAge: '15 months', earliestRecAge: '4 years', latestRecAge: '7 years' },
    ],
    preferableIntervals: [
      { fromPrevious: true, absMinInt: '8 weeks - 4 days', minInt: '8 weeks', earliestRecInt: '8 weeks' },
      { fromTargetDose: 1, absMinInt: '8 weeks - 4 days', minInt: '8 weeks', intervalPriority: 'override' },
      { fromRelevantObservation: { code: '002' }, minInt: '1 month', effectiveDate: '2010-01-01' },
    ],
    allowableIntervals: [{ fromPrevious: true, absMinInt: '6 weeks' }],
    preferableVaccines: [{ cvx: '901', beginAge: '12 months', forecastVaccineType: true, mvx: 'TST', volume: '0.5' }],
    allowableVaccines: [{ cvx: '901', beginAge: '12 months - 4 days' }, { cvx: '902' }],
    conditionalSkips: [
      {
        context: 'Both',
        setLogic: 'OR',
        sets: [
          {
            setId: '1',
            conditionLogic: 'AND',
            conditions: [
              { type: 'Age', beginAge: '5 years' },
              {
                type: 'Vaccine Count by Age',
                beginAge: '5 years - 4 days',
                doseCount: 0,
                doseType: 'Valid',
                doseCountLogic: 'greater than',
                vaccineTypesCvx: ['901', '902'],
              },
            ],
          },
          { setId: '2', conditions: [{ type: 'Completed Series', seriesGroups: ['2'] }] },
          { setId: '3', cessationDate: '2012-12-31', conditions: [{ type: 'Interval', interval: '5 years' }] },
        ],
      },
    ],
    recurringDose: false,
  };
  const series: SeriesRow[] = [
    {
      ...seriesOf('Redpox 2-dose series', 'Redpox', 'Red', '1'),
      equivalentSeriesGroups: ['2'],
      doses: [
        {
          doseNumber: 1,
          ages: [
            { absMinAge: '12 months', minAge: '12 months', cessationDate: '2009-12-31' },
            {
              absMinAge: '12 months - 4 days',
              minAge: '12 months',
              earliestRecAge: '12 months',
              latestRecAge: '16 months + 4 weeks',
              maxAge: '18 years',
              effectiveDate: '2010-01-01',
            },
          ],
          preferableVaccines: [{ cvx: '901', beginAge: '12 months', endAge: '18 years', forecastVaccineType: true }],
          allowableVaccines: [{ cvx: '901' }],
          inadvertentVaccines: [{ cvx: '902' }],
          recurringDose: false,
        },
        second,
      ],
    },
    {
      ...seriesOf('Redpox risk series', 'Redpox', 'Red', '2'),
      seriesType: 'Risk',
      requiredGender: ['Female', 'Male'],
      equivalentSeriesGroups: ['1'],
      indications: [
        { observationCode: '001', description: 'Works with them', beginAge: '5 years', endAge: '70 years' },
      ],
      doses: [
        {
          doseNumber: 1,
          ages: [{ absMinAge: '5 years', minAge: '5 years', maxAge: '70 years' }],
          preferableVaccines: [{ cvx: '902', forecastVaccineType: true }],
          recurringDose: false,
        },
        {
          doseNumber: 2,
          preferableIntervals: [{ fromMostRecentCvx: ['901', '902'], minInt: '10 years', latestRecInt: '11 years' }],
          preferableVaccines: [{ cvx: '902', forecastVaccineType: true }],
          recurringDose: true,
        },
      ],
    },
  ];
  return {
    file: 'antigens/redpox.json',
    content: {
      antigen: 'Redpox',
      immunity: {
        clinicalHistory: [{ observationCode: '002' }],
        birthDate: [{ bornBefore: '1950-01-01', birthCountry: 'J', exclusions: [{ observationCode: '001' }] }],
      },
      contraindications: {
        antigen: [{ observationCode: '003', text: 'Do not vaccinate.' }],
        vaccine: [{ observationCode: '003', contraindicatedVaccines: [{ cvx: '901', endAge: '5 years' }] }],
      },
      series,
    },
  };
}

function fever(antigen: string, word: string): Written['antigens'][number] {
  const dose = (doseNumber: number, age: string): SeriesDoseRow => ({
    doseNumber,
    ages: [{ absMinAge: age, minAge: age, earliestRecAge: age, latestRecAge: `${age} + 8 weeks` }],
    ...(doseNumber === 1
      ? {}
      : { preferableIntervals: [{ fromPrevious: true, absMinInt: '24 days', minInt: '28 days' }] }),
    preferableVaccines: [{ cvx: '910', forecastVaccineType: true }],
    allowableVaccines: antigen === 'Blue fever' ? [{ cvx: '911' }] : [{ cvx: '910' }],
    recurringDose: false,
  });
  return {
    file: `antigens/${word}.json`,
    content: {
      antigen,
      series: [
        {
          ...seriesOf(`${antigen} series`, antigen, 'BlueGreen', '1'),
          doses: [dose(1, '2 months'), dose(2, '6 months')],
        },
      ],
    },
  };
}

function wheeze(): Written['antigens'][number] {
  const doses: SeriesDoseRow[] = [
    {
      doseNumber: 1,
      ages: [{ absMinAge: '6 months', minAge: '6 months', earliestRecAge: '6 months' }],
      preferableIntervals: [{ fromPrevious: true, minInt: '28 days' }],
      preferableVaccines: [{ cvx: '920', forecastVaccineType: true }],
      recurringDose: true,
      seasonalRecommendation: [{ startDate: '2025-09-01', endDate: '2026-03-31' }],
    },
  ];
  return {
    file: 'antigens/wheeze.json',
    content: { antigen: 'Wheeze', series: [{ ...seriesOf('Wheeze yearly', 'Wheeze', 'Wheeze', '1'), doses }] },
  };
}

function seriesOf(seriesName: string, targetDisease: string, vaccineGroup: string, seriesGroup: string): SeriesRow {
  return {
    seriesName,
    targetDisease,
    vaccineGroup,
    seriesType: 'Standard',
    selectSeries: {
      defaultSeries: seriesGroup === '1',
      productPath: false,
      seriesGroupName: seriesGroup === '1' ? 'Standard' : 'Increased Risk',
      seriesGroup,
      seriesPriority: 'A',
      seriesPreference: 1,
      maxAgeToStart: '70 years',
    },
    doses: [],
  };
}
