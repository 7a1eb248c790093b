// What an answer takes for granted because the record does not say it. Each is named, so that whoever knows better can say so.
import type { Assumption, ForecastInput, ForecastResult } from './types.ts';

/** The assumptions an answer rests on; empty where the record said everything the planner asks for. */
export function assumptionsOf(input: ForecastInput, result: ForecastResult): Assumption[] {
  const assumed: Assumption[] = [];
  if (input.observations === undefined || input.observations.length === 0) assumed.push(NO_CONDITION);
  if (input.doses.length === 0) assumed.push(NO_DOSE);
  if (input.sex !== 'female' && input.sex !== 'male') assumed.push(NO_SEX);
  for (const { id, date } of input.doses) if (date.length === 4 || date.length === 7) assumed.push(vagueDate(id, date));
  const chosen = seriesWithoutProduct(result);
  if (chosen.length > 0) assumed.push({ ...CHOSEN_PRODUCT, series: chosen });
  return assumed;
}

const NO_CONDITION: Assumption = {
  code: 'noConditionKnown',
  text: {
    ja: '持病・アレルギー・妊娠などの情報がないため、健康な人として計画しています。',
    en: 'No condition, allergy or pregnancy is known: planned as for a healthy person.',
  },
};

const NO_DOSE: Assumption = {
  code: 'noDoseKnown',
  text: {
    ja: '接種の記録がないため、まだ何も受けていないものとして計画しています。',
    en: 'No dose is on record: planned as if none had been given.',
  },
};

const NO_SEX: Assumption = {
  code: 'sexUnknown',
  text: {
    ja: '性別が分からないため、男女の一方だけが受ける接種は対象でないものとして計画しています。',
    en: 'The sex is not known: what is for one sex only is planned as not for this person.',
  },
};

const CHOSEN_PRODUCT: Assumption = {
  code: 'productDefault',
  text: {
    ja: 'まだ接種の記録がないものは、第一に勧められる製品で計画しています。',
    en: 'Where no dose is on record, the product recommended first is planned.',
  },
};

function vagueDate(doseId: string, date: string): Assumption {
  return {
    code: 'vagueDate',
    doseId,
    text: {
      ja: `接種日が「${date}」までしか分からないため、その最初の日と最後の日の両方で判定し、次の間隔は最後の日から数えています。`,
      en: `No more than "${date}" is known of this dose: judged on the first and on the last day it can mean; intervals run from the last.`,
    },
  };
}

/** Open series whose product was chosen by the schedule alone, none of it having been given. */
function seriesWithoutProduct({ recommendations, evaluations }: ForecastResult): string[] {
  const chosen: string[] = [];
  for (const { series, status, product } of recommendations) {
    if (status !== 'notComplete' || product === undefined) continue;
    if (!evaluations.some((one) => one.series === series)) chosen.push(series);
  }
  return chosen;
}
