// A dose of the plan, told as the forecast that asked for it.
import { type Day, parseDay } from '../days.ts';
import type { ForecastResult } from '../types.ts';
import { type Due, isInjected } from './due.ts';
import { recommendationIn, type Step, type Task } from './task.ts';
import type { Pin, PlannedDose } from './types.ts';

/** `day` is the one planned. */
export function plannedDose(one: Due, day: Day, isPinned: boolean): PlannedDose {
  const { recommendation, standardEnd, latest } = one;
  return {
    series: one.series.key,
    vaccine: one.vaccine,
    doseNumber: recommendation.doseNumber ?? 1,
    label: recommendation.label ?? '',
    isInjection: one.isInjection,
    earliest: one.earliest,
    recommended: one.recommended,
    standardEnd,
    latest,
    coverageEnd: recommendation.coverageEnd === undefined ? undefined : parseDay(recommendation.coverageEnd),
    isPinned,
    isLate: standardEnd !== undefined && day > standardEnd,
    needsClinician: recommendation.needsClinician,
    because: recommendation.because,
  };
}

/** A pinned dose is told as the series that counts it asked for it, whatever product that series prefers. */
export function pinnedDose(task: Task, step: Step, pin: Pin, result: ForecastResult, id: string): PlannedDose {
  const evaluation = result.evaluations.find(({ doseId, status }) => doseId === id && status === 'valid');
  const recommendation = recommendationIn(step.result, evaluation?.series ?? '');
  const { label = '', earliest, recommended, standardEnd, latest, coverageEnd } = recommendation ?? {};
  const dayIn = (text: string | undefined) => (text === undefined ? undefined : parseDay(text));
  const lastStandard = dayIn(standardEnd);
  return {
    series: evaluation?.series ?? '',
    vaccine: pin.vaccine,
    doseNumber: evaluation?.doseNumber ?? 1,
    label,
    isInjection: isInjected(task.schedule, pin.vaccine),
    earliest: dayIn(earliest) ?? pin.day,
    recommended: dayIn(recommended) ?? pin.day,
    standardEnd: lastStandard,
    latest: dayIn(latest),
    coverageEnd: dayIn(coverageEnd),
    isPinned: true,
    isLate: lastStandard !== undefined && pin.day > lastStandard,
    needsClinician: recommendation?.needsClinician !== false || evaluation?.needsClinician === true,
    because: recommendation?.because ?? [],
  };
}
