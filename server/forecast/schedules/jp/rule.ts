// Short hand for the rule tables of the Japanese schedule: where a rule stands, how sure it is, what it says.

import type { WindowSource } from '../../law/schedule.ts';
import type { Confidence, Layer, RuleSource } from '../../rule.ts';

/** The texts rules stand in, by legal layer. */
const SOURCES: Record<Layer, { ja: string; en: string }> = {
  L1: { ja: '予防接種法', en: 'Immunization Act (Act No. 68 of 1948)' },
  L2: { ja: '予防接種法施行令', en: 'Immunization Act Enforcement Order (Cabinet Order No. 197 of 1948)' },
  L3: { ja: '予防接種法施行規則', en: 'Immunization Act Enforcement Regulation' },
  L4: { ja: '予防接種実施規則', en: 'Regulation on the Practice of Immunization' },
  L5: { ja: '定期接種実施要領', en: 'Guideline for Routine Immunization (MHLW notice)' },
  L6: { ja: '厚生労働省事務連絡', en: 'MHLW memo' },
  L7: { ja: '添付文書', en: 'product label' },
  L8: { ja: '日本小児科学会の推奨', en: 'Japan Pediatric Society recommendation' },
};

/** A rule whose source is its layer, or its layer with a place in it (`detail`, Japanese and English). */
export function rule(
  layer: Layer,
  confidence: Confidence,
  ja: string,
  en: string,
  detail?: { ja: string; en: string },
): RuleSource {
  const source = SOURCES[layer];
  return {
    layer,
    confidence,
    text: { ja, en },
    source: detail === undefined ? source : { ja: `${source.ja} ${detail.ja}`, en: `${source.en}, ${detail.en}` },
  };
}

/** The target ages of routine immunization stand in article 3 of the Enforcement Order. */
export const ARTICLE_3 = { ja: '第3条', en: 'article 3' };

/** People excluded from routine immunization stand in article 2 of the Enforcement Regulation. */
export const ARTICLE_2 = { ja: '第2条', en: 'article 2' };

/** The window reopened for two years after a long illness (X7), never below the age the series opens at. */
export function afterLongIllness(key: string, from: string, to?: string): WindowSource {
  return {
    rule: 'X7',
    from: ['illnessEnd', from],
    to: ['reach 24 months of illnessEnd', ...(to === undefined ? [] : [to])],
    givenFrom: '2013-01-30',
    when: { has: `missed:${key}` },
    extension: 'longTermIllness',
    labelSuffix: '(長期療養特例)',
  };
}
