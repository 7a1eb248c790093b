// What each dose is worth: one evaluation for each antigen of it, from the series that answers, and one for each vaccine
// group. CDSi 4.6, 9.8.
import type { DoseReason, DoseStatus, Evaluation, GroupEvaluation } from '../types.ts';
import type { Antigen, CdsiSchedule } from './compiled.ts';
import type { SeriesForecast } from './forecast-series.ts';
import type { DoseRecord, Patient } from './patient.ts';
import type { Chosen } from './select-series.ts';
import { ground, type Verdict, verdictOn } from './series-state.ts';

/** One evaluation per dose and antigen, in the order of the history. */
export function judgeDoses(patient: Patient, schedule: CdsiSchedule, chosen: readonly Chosen[]): Evaluation[] {
  const evaluations: Evaluation[] = [];
  for (const record of patient.history) {
    for (const { antigen: index } of record.product.associations) {
      const antigen = schedule.antigens[index];
      if (antigen === undefined || !patient.records[index]?.includes(record)) continue;
      evaluations.push(evaluationOf(record, antigen, schedule, chosen[index]));
    }
  }
  return [...evaluations, ...patient.duplicates.flatMap((record) => duplicatesOf(record, evaluations))];
}

/** A duplicate is named wherever the record it repeats was judged. */
function duplicatesOf({ dose }: DoseRecord, evaluations: readonly Evaluation[]): Evaluation[] {
  const repeated = evaluations.filter(({ vaccine, date }) => vaccine === dose.vaccine && date === dose.date);
  return repeated.map(({ doseNumber: _, ...one }) => ({
    ...one,
    doseId: dose.id,
    status: 'extraneous',
    reasons: ['duplicateRecord'],
    isStatutory: false,
    countsClinically: false,
    warnings: [],
    because: [ground('duplicate', 'duplicateRecord', { field: 'date', value: dose.date })],
    needsClinician: false,
  }));
}

/** One evaluation per dose and vaccine group, over the antigens of the group that the dose contains. */
export function judgeForGroups(patient: Patient, schedule: CdsiSchedule, chosen: readonly Chosen[]): GroupEvaluation[] {
  const evaluations: GroupEvaluation[] = [];
  for (const record of patient.history) {
    for (const index of record.product.vaccineGroups) {
      const group = schedule.vaccineGroups[index];
      if (group === undefined) continue;
      const verdicts: { verdict: Verdict; side: 'standard' | 'risk' }[] = [];
      for (const antigen of group.antigens) {
        if (!patient.records[antigen]?.includes(record)) continue;
        const answering = answeringFor(chosen[antigen], record, index);
        if (answering !== undefined) verdicts.push(answering);
      }
      const [one] = verdicts;
      if (one === undefined) continue;
      const statuses = verdicts.map(({ verdict }) => verdict.status);
      const status = group.administerFull === true ? worstOf(statuses) : bestOf(statuses);
      const reasons = new Set<DoseReason>();
      if (status !== 'valid')
        for (const { verdict } of verdicts) for (const reason of verdict.reasons) reasons.add(reason);
      evaluations.push({
        doseId: record.dose.id,
        vaccineGroup: group.name,
        status,
        reasons: [...reasons],
        seriesType: (verdicts.find(({ verdict }) => verdict.status === status) ?? one).side,
      });
    }
  }
  return evaluations;
}

function evaluationOf(
  record: DoseRecord,
  antigen: Antigen,
  schedule: CdsiSchedule,
  chosen: Chosen | undefined,
): Evaluation {
  const answering = answeringFor(chosen, record, undefined);
  const shared = {
    doseId: record.dose.id,
    vaccine: record.dose.vaccine,
    date: record.dose.date,
    antigen: antigen.name,
  };
  if (answering === undefined)
    return {
      ...shared,
      series: antigen.name,
      status: 'undetermined',
      reasons: ['noRelevantSeries'],
      isStatutory: false,
      countsClinically: false,
      warnings: [],
      because: [ground('notJudged', 'noRelevantSeries', { antigen: antigen.name, field: 'series' })],
      needsClinician: false,
    };
  const { verdict, by } = answering;
  const isValid = verdict.status === 'valid';
  const group = schedule.vaccineGroups[by.state.series.vaccineGroup]?.name;
  return {
    ...shared,
    series: by.state.series.name,
    ...(group === undefined ? {} : { vaccineGroup: group }),
    status: verdict.status,
    reasons: [...verdict.reasons],
    ...(isValid ? { doseNumber: placeAmongValid(by, verdict) } : {}),
    isStatutory: isValid,
    countsClinically: isValid,
    warnings: [...verdict.notes],
    because: [...verdict.because],
    needsClinician: false,
  };
}

type Answering = { verdict: Verdict; by: SeriesForecast; side: 'standard' | 'risk' };

/** The best series in which the dose is valid, or else the first that judged it; without best series the prioritized. */
function answeringFor(
  chosen: Chosen | undefined,
  record: DoseRecord,
  vaccineGroup: number | undefined,
): Answering | undefined {
  if (chosen === undefined) return undefined;
  let answering: Answering | undefined;
  for (const by of chosen.best.length > 0 ? chosen.best : chosen.prioritized) {
    if (vaccineGroup !== undefined && by.state.series.vaccineGroup !== vaccineGroup) continue;
    const verdict = verdictOn(by.state, record);
    if (verdict === undefined) continue;
    if (verdict.status === 'valid') return { verdict, by, side: by.state.series.side };
    answering ??= { verdict, by, side: by.state.series.side };
  }
  return answering;
}

function placeAmongValid({ state }: SeriesForecast, verdict: Verdict): number {
  let place = 0;
  for (const one of state.verdicts) {
    if (one.status === 'valid') place += 1;
    if (one === verdict) break;
  }
  return place;
}

/** Valid only when valid for every antigen. */
function worstOf(statuses: readonly DoseStatus[]): DoseStatus {
  return statuses.find((status) => status !== 'valid') ?? 'valid';
}

function bestOf(statuses: readonly DoseStatus[]): DoseStatus {
  if (statuses.includes('valid')) return 'valid';
  return statuses.find((status) => status === 'notValid') ?? statuses[0] ?? 'undetermined';
}
