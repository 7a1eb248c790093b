// The rules of CDSi that answers name, in our words: ids are CDSi's own (logic specification 4.6); `CDSi-6.6` is a section
// whose table has no id, a small letter tells apart what one of these decides in several ways, and `TSUMUGI-…` fills a gap
// that the text leaves open.
import type { Confidence, Rule } from '../rule.ts';

/** Every rule an answer can name, by what it is for. */
export const cdsiRules = {
  evaluable: rule('CDSi-6.1', '期限切れや保管不良の製品は数えない。', 'An expired or spoilt product does not count.'),
  skipped: rule(
    'CONDSKIP-1',
    '条件に当たるため、この回は不要。',
    'The dose is not needed, because a skip condition holds.',
  ),
  inadvertent: rule(
    'CDSi-6.3',
    'この回に誤って使われる製品。',
    'The product is listed as given in error for this dose.',
  ),
  absoluteMinimumAge: rule('CALCDTAGE-5', '許容される最低年齢より前。', 'Given before the absolute minimum age.'),
  minimumAge: rule(
    'CALCDTAGE-4b',
    '最低年齢より前だが、許容の範囲内。',
    'Given before the minimum age, but within the grace that counts.',
  ),
  ageFrom: rule('CALCDTAGE-4', 'この回の最低年齢。', 'Minimum age of this dose.'),
  maximumAge: rule('CALCDTAGE-1', 'この回の上限年齢に達している。', 'The maximum age of this dose has been reached.'),
  absoluteMinimumInterval: rule(
    'CALCDTINT-3',
    '許容される最短の間隔より短い。',
    'Given before the absolute minimum interval was over.',
  ),
  minimumInterval: rule(
    'CALCDTINT-4b',
    '最短の間隔より短いが、許容の範囲内。',
    'Given before the minimum interval was over, but within the grace that counts.',
  ),
  intervalFrom: rule('CALCDTINT-4', 'この回までの最短の間隔。', 'Minimum interval before this dose.'),
  allowableInterval: rule(
    'CDSi-6.6',
    '望ましい間隔より短いが、認められる間隔は満たす。',
    'The preferable interval is not met, an allowable one is.',
  ),
  conflict: rule(
    'CALCDTCONFLICT-2',
    '他の（生）ワクチンとの間隔が必要。',
    'Another vaccine given before asks for an interval.',
  ),
  product: rule(
    'CDSi-6.9',
    '望ましい製品にも認められる製品にも当たらない。',
    'The product is neither preferable nor allowable for this dose at this age.',
  ),
  volume: rule(
    'CDSi-6.8',
    '記録された量が少ない（有効性は変えない）。',
    'The recorded volume is low; it still counts.',
  ),
  satisfied: rule('CDSi-6.10', 'この回の条件をすべて満たす。', 'All conditions of this dose are met.'),
  extra: rule('CDSi-6.10b', '残っている回がない。', 'No dose of the series was left to be given.'),
  immuneByObservation: rule('CDSi-7.2', '免疫の証拠がある。', 'There is evidence of immunity.'),
  immuneByBirth: rule('CDSi-7.2b', '生年月日から免疫があるとみなす。', 'Taken as immune by date of birth.'),
  contraindicated: rule('CALCDTCI-1', '禁忌に当たる状態がある。', 'An active condition is a contraindication.'),
  productContraindicated: rule(
    'CALCDTCI-2',
    'この製品の禁忌に当たる状態がある。',
    'An active condition is a contraindication of this product.',
  ),
  complete: rule('CDSi-7.4', '必要な回がすべて済んでいる。', 'Every dose that is needed has been given.'),
  notNeeded: rule('CDSi-7.4b', '必要な回がない。', 'No dose is needed.'),
  seasonPast: rule('CDSi-7.4c', '季節の接種期間が終わっている。', 'The season is over.'),
  agedOut: rule('CDSi-7.4d', '上限年齢に達している。', 'The maximum age has been reached.'),
  cannotFinish: rule(
    'CDSi-7.4e',
    '上限年齢までにこの回を行えない。',
    'The dose cannot be given before the maximum age.',
  ),
  open: rule('CDSi-7.4f', 'まだ済んでいない回がある。', 'A dose is still to be given.'),
  lastRecord: rule('FORECASTDTCAN-1', '最後の接種日より前にはならない。', 'Not before the latest dose on record.'),
  seasonStart: rule('FORECASTDTCAN-1b', '季節の接種期間の始まり。', 'Start of the season.'),
  birth: rule('TSUMUGI-1', '出生日より前にはならない。', 'No date precedes birth.'),
  recommendedAge: rule('FORECASTDT-2', '勧められる年齢。', 'Recommended from this age.'),
  recommendedInterval: rule('FORECASTDT-2b', '勧められる間隔。', 'Recommended after this interval.'),
  pastDueAge: rule('FORECASTDT-3', 'この年齢を過ぎると遅れ。', 'Overdue after this age.'),
  pastDueInterval: rule('FORECASTDT-3b', 'この間隔を過ぎると遅れ。', 'Overdue after this interval.'),
  latest: rule('FORECASTDT-4', '上限年齢の前日まで。', 'Until the day before the maximum age.'),
  series: rule('SELECTBEST-2', 'この系列を基に判定した。', 'Series that answers, chosen among its group.'),
  risk: rule('CDSi-5.1', 'リスクに当たる状態がある。', 'An active condition is an indication.'),
  severalAntigens: rule('MULTIANTVG-1', '複数の抗原の予定を合わせた。', 'Dates of several antigens put together.'),
  priority: rule(
    'FORECASTPRIORITY-1',
    '優先される間隔による予定。',
    'An interval with priority goes before the other antigens.',
  ),
  leftOut: rule(
    'TSUMUGI-2',
    '禁忌の抗原を除いて予定した。',
    'Planned without the antigen that is contraindicated.',
    'U',
  ),
  duplicate: rule(
    'TSUMUGI-3',
    '同じ日の同じ製品の記録は一回とみなす。',
    'Two records of one product on one day are one dose.',
  ),
  vague: rule(
    'TSUMUGI-4',
    '日付が年または月までしか分からない。',
    'Only the year or the month of the dose is known.',
    'U',
  ),
  undated: rule(
    'TSUMUGI-5',
    '起点となる出来事の日が分からないため、この間隔は入れていない。',
    'The interval counts from an event whose day is not known, and was left out.',
    'U',
  ),
  notJudged: rule(
    'CDSi-5.1b',
    'この人に当てはまる接種の系列がない。',
    'No series of the schedule is for this person, so the dose was not judged.',
  ),
} as const satisfies Record<string, Rule>;

export type CdsiRuleName = keyof typeof cdsiRules;

function rule(id: string, ja: string, en: string, confidence: Confidence = 'O'): Rule {
  const isOurs = id.startsWith('TSUMUGI');
  return {
    id,
    confidence,
    text: { ja, en },
    source: {
      ja: isOurs ? 'つむぎの判断（CDSi に定めなし）' : 'CDC CDSi 論理仕様 4.6',
      en: isOurs ? 'our reading, where CDSi is silent' : 'CDC CDSi logic specification 4.6',
    },
  };
}
