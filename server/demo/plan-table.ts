// The answer of $forecast as a table that a person can read.

import type {
  ImmunizationEvaluation,
  ImmunizationRecommendation,
  Parameters,
  ParametersParameter,
} from '@medplum/fhirtypes';

const earliest = '30981-5';
const due = '30980-7';
const latest = '59777-3';

const statusWords: Record<string, string> = {
  complete: '✓ complete',
  notComplete: 'to give',
  immune: 'immune',
  contraindicated: 'not possible',
  agedOut: 'too late',
  notRecommended: 'not advised',
};

export const planHead = ['vaccine', 'status', 'dose', 'from', 'best from', 'until', 'rule'];

/** Rows for what is done or can be given before `until`; of the rest only the names and first days. */
export function planRows(answer: Parameters, until: string): { soon: string[][]; later: string[] } {
  const [plan] = resources<ImmunizationRecommendation>(answer, 'recommendation');
  const relevant = (plan?.recommendation ?? []).filter(
    ({ forecastStatus }) => !forecastStatus.coding?.some(({ code }) => code === 'notEligible'),
  );
  const isLater = (one: Recommendation) => statusOf(one) === 'notComplete' && dateOf(one, earliest) > until;
  return {
    soon: relevant.filter((one) => !isLater(one)).map(row),
    later: relevant.filter(isLater).map((one) => `${one.series} ${dateOf(one, earliest)}`),
  };
}

/** `13 doses valid, 2 reported twice and counted once`, of the answers of $forecast and $events. */
export function judgedDoses(answer: Parameters, events: Parameters): string {
  const valid = new Set<string>();
  for (const { immunizationEvent, doseStatus } of resources<ImmunizationEvaluation>(answer, 'evaluation'))
    if (doseStatus.coding?.[0]?.code === 'valid') valid.add(immunizationEvent.reference ?? '');
  const isToldTwice = ({ part }: ParametersParameter) => part?.some(({ name }) => name === 'other');
  const twice = (events.parameter ?? []).filter(isToldTwice).length;
  if (valid.size === 0) return '';
  return `${valid.size} doses valid${twice > 0 ? `, ${twice} reported twice and counted once` : ''}`;
}

type Recommendation = ImmunizationRecommendation['recommendation'][0];

function row(one: Recommendation): string[] {
  const status = statusOf(one);
  const dates = status === 'notComplete' ? [earliest, due, latest].map((code) => dateOf(one, code)) : ['', '', ''];
  const rule = one.extension
    ?.find(({ url }) => url.endsWith('forecast-rule'))
    ?.extension?.find(({ url }) => url === 'id');
  const label = status === 'notComplete' ? extension(one.extension, 'forecast-dose-label') : '';
  return [one.series ?? '', statusWords[status] ?? status, label, ...dates, rule?.valueCode ?? ''];
}

const statusOf = ({ forecastStatus }: Recommendation): string => forecastStatus.coding?.[0]?.code ?? '';

function dateOf({ dateCriterion }: Recommendation, code: string): string {
  return dateCriterion?.find(({ code: what }) => what.coding?.[0]?.code === code)?.value?.slice(0, 10) ?? '';
}

function resources<T>(answer: Parameters, name: string): T[] {
  return (answer.parameter ?? []).filter((one) => one.name === name).map(({ resource }) => resource as T);
}

function extension(list: Recommendation['extension'], name: string): string {
  return list?.find(({ url }) => url.endsWith(name))?.valueString ?? '';
}
