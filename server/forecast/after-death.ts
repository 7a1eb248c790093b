// The answer for a person who has died: what was given stays judged, and nothing is due any more. A reminder to a bereaved
// family is an error like a wrong date.
import type { Rule } from './rule.ts';
import type { ForecastResult, Recommendation } from './types.ts';

/** The answer with every open series closed. */
export function afterDeath(result: ForecastResult): ForecastResult {
  const { changesOn: _, ...rest } = result;
  return { ...rest, recommendations: result.recommendations.map(closed) };
}

function closed(one: Recommendation): Recommendation {
  if (one.status !== 'notComplete') return one;
  return {
    series: one.series,
    status: 'notRecommended',
    reason: 'deceased',
    isOverdue: false,
    followUps: [],
    because: [{ rule: DECEASED, sets: 'status' }],
    needsClinician: false,
    ...(one.antigens === undefined ? {} : { antigens: one.antigens }),
    ...(one.seriesName === undefined ? {} : { seriesName: one.seriesName }),
    ...(one.seriesType === undefined ? {} : { seriesType: one.seriesType }),
  };
}

const DECEASED: Rule = {
  id: 'TSUMUGI-5',
  confidence: 'O',
  text: {
    ja: '亡くなられた方には、これからの接種の計画を作りません',
    en: 'For a person who has died no dose is planned',
  },
  source: { ja: '患者記録の死亡の記載', en: 'the death recorded in Patient' },
};
