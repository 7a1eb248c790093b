// Says why, in Japanese or English: each rule that decided something, what it decided, the day it set, and where it
// stands. An answer is as certain as its least certain rule.
import { type Day, formatDay, parseDay } from './days.ts';
import type { Confidence, Rule, Text } from './rule.ts';
import type { Because, Place, Recommendation, Sets } from './types.ts';

/** A rule (and the row it was applied to, where it has one) with everything it decided in one answer. */
export type Ground = { rule: Rule; place: Place | undefined; decisions: { sets: Sets; day: Day | undefined }[] };

/**
 * O when every rule is official, S when one is a society's or a label's, U when one is uncertain. Standard dates are a
 * margin, not a limit, and do not lower the letter.
 */
export function certaintyOf(because: readonly Because[]): Confidence {
  let letter: Confidence = 'O';
  for (const one of because) {
    if (!isDecisive(one) || one.rule.confidence === 'O') continue;
    if (one.rule.confidence === 'U') return 'U';
    letter = 'S';
  }
  return letter;
}

/** True unless only a recommended or a last standard day hangs on it. */
function isDecisive({ sets }: Because): boolean {
  return sets !== 'recommended' && sets !== 'standardEnd';
}

/** The rules of an answer, each once for a row, with what they decided. */
export function groundsOf(because: readonly Because[]): Ground[] {
  const grounds: Ground[] = [];
  for (const { rule, sets, day, place } of because) {
    const ground = grounds.find((one) => one.rule === rule && one.place === place);
    if (ground === undefined) grounds.push({ rule, place, decisions: [{ sets, day }] });
    else if (!ground.decisions.some((one) => one.sets === sets && one.day === day))
      ground.decisions.push({ sets, day });
  }
  return grounds;
}

/** One sentence a rule: what it decided, the rule, its id and source. */
export function explain(because: readonly Because[], language: keyof Text): string[] {
  return groundsOf(because).map(({ rule, place, decisions }) => {
    const row = place === undefined ? '' : placeText(place);
    const heads = decisions.map(
      ({ sets, day }) => WORDS[sets][language] + (day === undefined ? '' : ` ${formatDay(day)}`),
    );
    return language === 'ja'
      ? `${heads.join('、')}: ${rule.text.ja}（${rule.id}${row && `、${row}`}、${rule.source.ja}）`
      : `${heads.join(', ')}: ${rule.text.en} (${rule.id}${row && `; ${row}`}; ${rule.source.en})`;
  });
}

/**
 * The rows that bind: those whose day is the date answered, and those that decided something without a day. An uncertain
 * row is always among them: it might have bound, and is why the clinician is asked.
 */
export function binding(answer: Recommendation): Because[] {
  const earliest = dayOf(answer.earliest);
  const recommended = dayOf(answer.recommended);
  const standardEnd = dayOf(answer.standardEnd);
  const latest = dayOf(answer.latest);
  return answer.because.filter(({ rule, sets, day }) => {
    if (day === undefined || rule.confidence === 'U') return true;
    if (sets === 'earliest') return day === earliest;
    if (sets === 'recommended') return day === recommended;
    if (sets === 'standardEnd') return day === standardEnd;
    return sets !== 'latest' || day === latest;
  });
}

function dayOf(date: string | undefined): Day | undefined {
  return date === undefined ? undefined : parseDay(date);
}

/** Where a row stands, by the names of the written schedule: `Measles, Measles 2-dose series, dose 1, ages[0].minAge: 12 months`. */
export function placeText({ antigen, series, dose, field, value }: Place): string {
  const parts = [antigen, series, dose === undefined ? undefined : `dose ${dose}`, field];
  return parts.filter((part) => part !== undefined).join(', ') + (value === undefined ? '' : `: ${value}`);
}

/** What a rule decided, as people say it. */
export const WORDS: Record<Sets, Text> = {
  valid: { ja: '有効', en: 'valid' },
  ageTooYoung: { ja: '対象年齢より前', en: 'too young' },
  ageTooOld: { ja: '対象年齢を過ぎている', en: 'too old' },
  gestationalAgeTooEarly: { ja: '対象の妊娠週数より前', en: 'too early in the pregnancy' },
  gestationalAgeTooLate: { ja: '対象の妊娠週数を過ぎている', en: 'too late in the pregnancy' },
  outsideAnyWindow: { ja: 'どの期間にも当たらない', en: 'outside any window' },
  intervalTooSoon: { ja: '間隔が足りない', en: 'interval too short' },
  inadvertentVaccine: { ja: '誤って使われた製品', en: 'product given in error' },
  noRelevantSeries: { ja: '判定の対象外', en: 'not judged' },
  vaccineConflict: { ja: '他のワクチンとの間隔が足りない', en: 'too soon after another vaccine' },
  seriesAlreadyComplete: { ja: '必要な回数を超えている', en: 'series already complete' },
  comboProductAllowed: { ja: '混合ワクチンとして差し支えない', en: 'allowed as part of a combination' },
  duplicateRecord: { ja: '同じ接種の重複記録', en: 'duplicate record' },
  notPreferableOrAllowable: { ja: 'この製品は使えない', en: 'product not allowed' },
  partOfCombination: { ja: '組み合わせの一部', en: 'part of a combination' },
  dateTooVague: { ja: '日付が確かでなく判定できない', en: 'date too vague' },
  lotExpired: { ja: '有効期限切れ', en: 'expired' },
  doseCondition: { ja: '製品の状態に問題がある', en: 'below standard' },
  warning: { ja: '注意', en: 'note' },
  status: { ja: '状態', en: 'status' },
  path: { ja: '接種の進め方', en: 'path' },
  earliest: { ja: '最も早い日', en: 'earliest' },
  recommended: { ja: '標準の開始', en: 'standard from' },
  standardEnd: { ja: '標準の終わり', en: 'standard until' },
  latest: { ja: '最後の日', en: 'latest' },
  coverage: { ja: '費用の助成', en: 'paid for' },
  product: { ja: '製品', en: 'product' },
  dropped: { ja: '行わない回', en: 'dose left out' },
  review: { ja: '医師に確認', en: 'ask the clinician' },
};
