// Items that the national form of maternal and child check-ups leaves out as sensitive, or that a town asks in confidence: they are
// taken only where the person agreed to it expressly, and then as restricted. Source: expert panel of 2023-02-02, paper 2-1 (MHLW).

import type { Meta } from '@medplum/fhirtypes';

export type SensitiveItem = { word: RegExp; ja: string; security: NonNullable<Meta['security']> };

const restricted = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };
const hiv = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' };
const sexual = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'SEX' };

const items: readonly SensitiveItem[] = [
  { word: /hiv|エイズ/i, ja: 'HIV', security: [restricted, hiv] },
  { word: /syphilis|梅毒|\b(?:rpr|tpha)\b/i, ja: '梅毒', security: [restricted, sexual] },
  { word: /smok|tobacco|喫煙|たばこ|タバコ/i, ja: '喫煙', security: [restricted] },
  { word: /alcohol|飲酒/i, ja: '飲酒', security: [restricted] },
  { word: /miscarr|stillb|abortion|pregnancy[-_ ]?loss|流産|死産|中絶/i, ja: '流産・死産', security: [restricted] },
  { word: /econom|経済|家計|暮らし/i, ja: '暮らしの経済的な状況', security: [restricted] },
  {
    word: /abus|harsh|\bhit(?:s|ting)?\b|shaking|虐待|たたい|叩|揺さぶ|感情的/i,
    ja: '子どもへの接し方',
    security: [restricted],
  },
  { word: /raise.*(?:town|here)|この地域|子育てをしたい/i, ja: '地域での子育て', security: [restricted] },
];

/** The sensitive item that a field or a question is about, by its name or words; undefined for any other. */
export const sensitiveItem = (...words: string[]): SensitiveItem | undefined => {
  const text = words.join(' ').normalize('NFKC');
  return items.find(({ word }) => word.test(text));
};
