// Puts best series together to the forecast of a vaccine group, standard with standard and risk with risk, and finds the
// one answer where several series groups remain. CDSi 4.6, chapter 9 (MULTIANTVG-1, FORECASTPRIORITY-1).
import type { Day } from '../days.ts';
import type { Because, SeriesStatus } from '../types.ts';
import type { CdsiSchedule, VaccineGroup } from './compiled.ts';
import type { Due, SeriesForecast } from './forecast-series.ts';
import { ageDay, type Patient } from './patient.ts';
import { ground } from './series-state.ts';

export type GroupForecast = {
  group: VaccineGroup;
  side: 'standard' | 'risk';
  status: SeriesStatus;
  dates: { earliest: Day; recommended: Day; pastDue: Day | undefined; latest: Day | undefined } | undefined;
  doseNumber: number | undefined;
  /** The best series blended, one an antigen; those that are open come first. */
  series: readonly SeriesForecast[];
  because: readonly Because[];
};

/** The answers of one vaccine group: one standard answer, and beside it the risk answers of series that do not replace each other. */
export function blendGroup(
  group: VaccineGroup,
  best: readonly SeriesForecast[],
  patient: Patient,
  schedule: CdsiSchedule,
): GroupForecast[] {
  const own = best.filter(({ state }) => state.series.vaccineGroup === group.index);
  const [only] = own;
  if (only === undefined) return [];
  if (own.length === 1) return [blend(group, only.state.series.side, own, patient, schedule)];
  const answers: GroupForecast[] = [];
  for (const side of ['standard', 'risk'] as const) {
    const bySeriesGroup = new Map<string, SeriesForecast[]>();
    for (const one of own) {
      const { series } = one.state;
      if (series.side !== side) continue;
      const known = bySeriesGroup.get(series.groupId);
      if (known === undefined) bySeriesGroup.set(series.groupId, [one]);
      else known.push(one);
    }
    if (bySeriesGroup.size === 0) continue;
    const blended = [...bySeriesGroup.values()].map((series) => blend(group, side, series, patient, schedule));
    const left = blended.length === 1 ? blended : primary(blended, patient);
    answers.push(...(side === 'risk' ? left : left.slice(0, 1)));
  }
  return answers;
}

/** 9.6: not what is for later in life, then not what is over, where another answer remains. */
function primary(answers: readonly GroupForecast[], patient: Patient): readonly GroupForecast[] {
  const ofNow = answers.filter(({ series }) => series.some((one) => hasBegun(one, patient)));
  const left = ofNow.length === 0 ? answers : ofNow;
  const open = left.filter(({ status }) => status !== 'agedOut');
  return open.length === 0 ? left : open;
}

function hasBegun({ state }: SeriesForecast, patient: Patient): boolean {
  const { minAgeToStart } = state.series;
  return state.satisfied > 0 || minAgeToStart === undefined || ageDay(patient, minAgeToStart) <= patient.asOf;
}

function blend(
  group: VaccineGroup,
  side: GroupForecast['side'],
  all: readonly SeriesForecast[],
  patient: Patient,
  schedule: CdsiSchedule,
): GroupForecast {
  const because: Because[] = [];
  const series = withoutContraindicated(group, all, because);
  const status = statusOf(series);
  const open = series.filter((one): one is SeriesForecast & { due: Due } => one.due !== undefined);
  const ordered = [...open, ...series.filter(({ due }) => due === undefined)];
  const decisive = status === 'notComplete' ? open : series.filter((one) => one.status === status);
  for (const one of decisive) because.push(...one.because);
  if (status !== 'notComplete')
    return { group, side, status, dates: undefined, doseNumber: undefined, series: ordered, because };

  const dues = open.map(({ due }) => due);
  const earliest = earliestOf(group, open, patient, schedule, because);
  const pastDue = lowest(dues.map((due) => due.pastDue));
  const numbers = dues.map(({ number }) => number);
  return {
    group,
    side,
    status,
    dates: {
      earliest,
      recommended: Math.max(lowest(dues.map(({ recommended }) => recommended)) ?? earliest, earliest),
      pastDue: pastDue === undefined ? undefined : Math.max(pastDue, earliest),
      latest: lowest(dues.map(({ latest }) => latest)),
    },
    doseNumber: group.administerFull === true ? Math.min(...numbers) : Math.max(...numbers),
    series: ordered,
    because,
  };
}

/** Where antigens can be given apart, one that is contraindicated does not close the others (ours). */
function withoutContraindicated(
  group: VaccineGroup,
  series: readonly SeriesForecast[],
  because: Because[],
): readonly SeriesForecast[] {
  const isClosed = ({ status }: SeriesForecast) => status === 'contraindicated';
  if (group.administerFull !== false || !series.some(isClosed)) return series;
  if (!series.some(({ status }) => status === 'notComplete')) return series;
  const [closed] = series.filter(isClosed);
  if (closed !== undefined) because.push(ground('leftOut', 'status', closed.state.series.place));
  return series.filter((one) => !isClosed(one));
}

const ORDER: readonly SeriesStatus[] = ['contraindicated', 'agedOut', 'notRecommended', 'notComplete'];

function statusOf(series: readonly SeriesForecast[]): SeriesStatus {
  for (const status of ORDER) if (series.some((one) => one.status === status)) return status;
  return series.every(({ status }) => status === 'immune') ? 'immune' : 'complete';
}

/** The latest of the earliest dates; where an interval has priority, the first, but not before the group's last dose. */
function earliestOf(
  group: VaccineGroup,
  open: readonly (SeriesForecast & { due: Due })[],
  patient: Patient,
  schedule: CdsiSchedule,
  because: Because[],
): Day {
  const days = open.map(({ due }) => due.earliest);
  const [only] = open;
  const isAlone = group.antigens.length === 1 || (open.length === 1 && only?.due.isPriority !== true);
  if (isAlone && only !== undefined) return only.due.earliest;
  const prior = open.find(({ due }) => due.isPriority);
  if (prior === undefined) {
    const day = Math.max(...days);
    for (const one of open)
      if (one.due.earliest === day) because.push(ground('severalAntigens', 'earliest', one.state.series.place, day));
    return day;
  }
  const last = lastDoseOf(group, patient, schedule);
  const day = Math.max(Math.min(...days), last ?? Number.NEGATIVE_INFINITY);
  because.push(ground('priority', 'earliest', prior.due.dose.place, day));
  return day;
}

function lastDoseOf(group: VaccineGroup, patient: Patient, schedule: CdsiSchedule): Day | undefined {
  let last: Day | undefined;
  for (const antigen of group.antigens) {
    const records = patient.records[schedule.antigens[antigen]?.index ?? -1] ?? [];
    const day = records[records.length - 1]?.day;
    if (day !== undefined && (last === undefined || day > last)) last = day;
  }
  return last;
}

function lowest(days: readonly (Day | undefined)[]): Day | undefined {
  let low: Day | undefined;
  for (const day of days) if (day !== undefined && (low === undefined || day < low)) low = day;
  return low;
}
