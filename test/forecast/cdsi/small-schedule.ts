// A small invented CDSi schedule for the tests of single rules: antigens Alpha, Beta, Gamma with products A1, A2, AB …
import { compileCdsi } from '../../../server/forecast/cdsi/compile.ts';
import type { CdsiSchedule } from '../../../server/forecast/cdsi/compiled.ts';
import { forecastCdsi } from '../../../server/forecast/cdsi/forecast-cdsi.ts';
import type {
  AntigenFile,
  CdsiSource,
  ScheduleFile,
  SeriesDoseRow,
  SeriesRow,
} from '../../../server/forecast/cdsi/source.ts';
import type {
  Evaluation,
  ForecastInput,
  ForecastResult,
  GivenDose,
  GroupEvaluation,
  Recommendation,
} from '../../../server/forecast/types.ts';

/** Products by CVX code, with the antigens they contain. */
export const PRODUCTS: Record<string, string[]> = {
  A1: ['Alpha'],
  A2: ['Alpha'],
  A3: ['Alpha'],
  AB: ['Alpha', 'Beta'],
  B1: ['Beta'],
  G1: ['Gamma'],
};

export type DosePart = Partial<SeriesDoseRow>;

/** Doses numbered from 1; each prefers A1 unless it says otherwise. */
export function doses(...parts: DosePart[]): SeriesDoseRow[] {
  return parts.map((part, i) => ({
    doseNumber: i + 1,
    recurringDose: false,
    preferableVaccines: [prefers('A1')],
    ...part,
  }));
}

export function prefers(cvx: string, part: object = {}) {
  return { cvx, forecastVaccineType: true, ...part };
}

type SeriesPart = Partial<Omit<SeriesRow, 'selectSeries'>> & { select?: Partial<SeriesRow['selectSeries']> };

/** A standard default series of group 1. */
export function series(rows: SeriesDoseRow[], { select = {}, ...part }: SeriesPart = {}): SeriesRow {
  return {
    seriesName: 'Alpha series',
    targetDisease: 'Alpha',
    vaccineGroup: 'Alpha',
    seriesType: 'Standard',
    doses: rows,
    selectSeries: {
      defaultSeries: true,
      productPath: false,
      seriesGroupName: 'Standard',
      seriesGroup: '1',
      seriesPriority: 'A',
      seriesPreference: 1,
      ...select,
    },
    ...part,
  };
}

/** A risk series of group 2 for the observation `R`. */
export function risk(rows: SeriesDoseRow[], { select = {}, ...part }: SeriesPart = {}): SeriesRow {
  return series(rows, {
    seriesName: 'Alpha risk series',
    seriesType: 'Risk',
    indications: [{ observationCode: 'R', guidance: 'ask about the risk' }],
    select: { seriesGroup: '2', seriesGroupName: 'Risk', defaultSeries: false, ...select },
    ...part,
  });
}

/** The same series for another antigen, in a vaccine group of its own or a shared one. */
export function ofAntigen(antigen: string, vaccineGroup: string, row: SeriesRow): SeriesRow {
  return { ...row, seriesName: `${antigen} series`, targetDisease: antigen, vaccineGroup };
}

type Parts = Partial<ScheduleFile> & { alpha?: Partial<AntigenFile> };

/** Compiles a schedule of the antigens that have series. */
export function scheduleOf(rows: SeriesRow[], { alpha = {}, ...part }: Parts = {}): CdsiSchedule {
  return compileCdsi(sourceOf(rows, { alpha, ...part }), 'small');
}

export function sourceOf(rows: SeriesRow[], { alpha = {}, ...part }: Parts = {}): CdsiSource {
  const antigens = [...new Set(rows.map(({ targetDisease }) => targetDisease))];
  const groups = [...new Set(rows.map(({ vaccineGroup }) => vaccineGroup))];
  return {
    folder: 'small',
    schedule: {
      version: '1',
      vaccineConflicts: [],
      vaccineGroups: groups.map((name) => ({ name })),
      vaccineGroupToAntigens: groups.map((name) => ({
        name,
        antigens: antigens.filter((antigen) =>
          rows.some((row) => row.targetDisease === antigen && row.vaccineGroup === name),
        ),
      })),
      cvxToAntigens: Object.entries(PRODUCTS).map(([cvx, contained]) => ({
        cvx,
        associations: contained.map((antigen) => ({ antigen })),
      })),
      observations: ['R', 'S', 'T'].map((code) => ({ code, title: code })),
      ...part,
    },
    antigens: antigens.map((antigen) => ({
      file: `${antigen.toLowerCase()}.json`,
      content: {
        antigen,
        series: rows.filter(({ targetDisease }) => targetDisease === antigen),
        ...(antigen === 'Alpha' ? alpha : {}),
      },
    })),
  };
}

/** Doses as `2020-03-01 A1`, with ids d1, d2 … */
export function given(...texts: string[]): GivenDose[] {
  return texts.map((text, i) => {
    const [date = '', vaccine = ''] = text.split(' ');
    return { id: `d${i + 1}`, date, vaccine };
  });
}

/** A child born on 2020-01-15, assessed on 2022-01-15 unless said otherwise. */
export function answer(schedule: CdsiSchedule, input: Partial<ForecastInput> = {}): ForecastResult {
  return forecastCdsi({ birthDate: '2020-01-15', assessmentDate: '2022-01-15', doses: [], ...input }, schedule);
}

/** Status and reasons of each dose for an antigen: `valid`, `notValid ageTooYoung`. */
export function verdicts(result: ForecastResult, antigen = 'Alpha'): string[] {
  return result.evaluations
    .filter((one) => one.antigen === antigen)
    .map(({ status, reasons }) => [status, ...reasons].join(' '));
}

export function evaluationOf(result: ForecastResult, doseId: string, antigen = 'Alpha'): Evaluation | undefined {
  return result.evaluations.find((one) => one.doseId === doseId && one.antigen === antigen);
}

export function groupVerdict(result: ForecastResult, doseId: string, group: string): GroupEvaluation | undefined {
  return result.groupEvaluations?.find((one) => one.doseId === doseId && one.vaccineGroup === group);
}

/** The answer of a vaccine group, standard unless asked for risk. */
export function groupAnswer(
  result: ForecastResult,
  group = 'Alpha',
  side: 'standard' | 'risk' = 'standard',
): Recommendation | undefined {
  return result.recommendations.find((one) => one.series === group && one.seriesType === side);
}
