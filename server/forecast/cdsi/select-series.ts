// Chooses one prioritized series for each series group of an antigen, and of these the best. CDSi 4.6, chapter 8
// (SELECTB-24, SELECTSCORE-2, Tables 8-3 and 8-14).
import type { Antigen } from './compiled.ts';
import type { SeriesForecast } from './forecast-series.ts';
import { ageDay } from './patient.ts';
import { bestScore, COMPLETE, IN_PROCESS, MOST_VALID, NO_VALID_DOSE } from './score-series.ts';

/** What an antigen has to say: the prioritized series of each group, and those of them that answer. */
export type Chosen = { prioritized: SeriesForecast[]; best: SeriesForecast[] };

/** Chooses among the relevant series of one antigen. */
export function selectSeries(antigen: Antigen, forecasts: readonly SeriesForecast[]): Chosen {
  const prioritized: SeriesForecast[] = [];
  for (const id of antigen.groupIds) {
    const isOnly = antigen.groupIds.length === 1;
    const group = isOnly ? forecasts : forecasts.filter(({ state }) => state.series.groupId === id);
    const one = group.length === 0 ? undefined : prioritizedOf(group);
    if (one !== undefined) prioritized.push(one);
  }
  return { prioritized, best: prioritized.filter((one) => isBest(one, prioritized)) };
}

function prioritizedOf(group: readonly SeriesForecast[]): SeriesForecast | undefined {
  const isOpen = ({ status }: SeriesForecast) => status !== 'contraindicated';
  const open = group.every(isOpen) ? group : group.filter(isOpen);
  if (open.length === 0) return bestScore(group, MOST_VALID);
  const scorable = scorableOf(group, open);
  const [only] = scorable;
  const defaultSeries = bestScore(open.filter(isDefault), MOST_VALID);
  if (scorable.length === 0) return defaultSeries ?? bestScore(open, MOST_VALID);
  if (scorable.length === 1) return only;

  const complete = scorable.filter(({ status }) => status === 'complete');
  if (complete.length === 1) return complete[0];
  if (complete.length > 1) return bestScore(complete, COMPLETE);
  const inProcess = scorable.filter(({ status, state }) => status === 'notComplete' && state.satisfied > 0);
  if (inProcess.length === 1) return inProcess[0];
  if (inProcess.length > 1) return bestScore(inProcess, IN_PROCESS);
  if (defaultSeries !== undefined) return defaultSeries;
  return bestScore(scorable, scorable.every(({ state }) => state.satisfied === 0) ? NO_VALID_DOSE : MOST_VALID);
}

function isDefault({ state }: SeriesForecast): boolean {
  return state.series.isDefault;
}

/** Candidates that may compete, by the type of each series. */
function scorableOf(group: readonly SeriesForecast[], open: readonly SeriesForecast[]): SeriesForecast[] {
  let bestPriority: string | undefined;
  for (const { state } of group) {
    const { type, priority } = state.series;
    if (type === 'risk' && (bestPriority === undefined || priority < bestPriority)) bestPriority = priority;
  }
  const isAnyOpen = group.every(({ state }) => state.satisfied === 0) && !group.some(isDefault);
  return open.filter((one) => {
    const { type, priority } = one.state.series;
    if (type === 'risk') return priority === bestPriority;
    if (type === 'evaluationOnly') return one.status === 'complete';
    return isAnyOpen || hasStartedInTime(one);
  });
}

function hasStartedInTime({ state }: SeriesForecast): boolean {
  const first = state.passed.find(({ by }) => by !== undefined)?.by;
  if (first === undefined) return false;
  const { maxAgeToStart } = state.series;
  return maxAgeToStart === undefined || first.day < ageDay(state.patient, maxAgeToStart);
}

/** Table 8-14: complete first; then not behind a complete or (for a standard series) a risk series of an equivalent group. */
function isBest(one: SeriesForecast, prioritized: readonly SeriesForecast[]): boolean {
  if (one.status === 'complete') return true;
  const { series } = one.state;
  const { equivalentGroups } = series;
  const equivalent = prioritized.filter(
    ({ state }) => equivalentGroups.includes(state.series.groupId) || equivalentGroups.includes(state.series.groupName),
  );
  if (equivalent.some(({ status }) => status === 'complete')) return false;
  if (series.type === 'evaluationOnly') return false;
  return series.type === 'risk' || !equivalent.some(({ state }) => state.series.type === 'risk');
}
