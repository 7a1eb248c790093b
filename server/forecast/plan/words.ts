// The words of a plan in Japanese and English: dates and ages as people say them, and why something is as it is.
import { civilOf, type Day } from '../days.ts';
import type { Text } from '../rule.ts';
import { weekdayOf } from './calendar.ts';
import type { ChangeReason } from './changes.ts';
import type { UnplannedReason, VisitNote } from './types.ts';

export const UNPLANNED_WORDS: Record<UnplannedReason, Text> = {
  agedOut: { ja: '対象の期間を過ぎています', en: 'its eligible period is over' },
  contraindicated: { ja: '受けられない理由が記録にあります', en: 'the record names a contraindication' },
  notRecommended: {
    ja: '今からの接種は勧められていません。医師に相談してください',
    en: 'advised against now: ask the clinician',
  },
  noOpenDay: { ja: '期限までに受けられる日がありません', en: 'no open day is left before its last legal day' },
  afterUntil: { ja: '計画の終わりより後です', en: 'after the end of the plan' },
  noValidDay: {
    ja: '計画に入れられる日が見つかりません。医師に相談してください',
    en: 'no valid day was found: ask the clinician',
  },
};

export const CHANGE_WORDS: Record<ChangeReason, Text> = {
  pinned: { ja: 'ご希望の日です', en: 'the day you chose' },
  past: { ja: '予定の日を過ぎました', en: 'its day is over' },
  given: { ja: '接種が済みました', en: 'it has been given' },
  notOpen: { ja: '休診日か、避けたい期間に当たります', en: 'the clinic is closed, or the family is away' },
  interval: { ja: '前の接種からの間隔が足りません', en: 'too soon after the dose before it' },
  afterUntil: { ja: '計画の終わりより後です', en: 'after the end of the plan' },
  notPlannable: {
    ja: '受ける必要がなくなったか、受けられなくなりました',
    en: 'no longer asked for, or no longer possible',
  },
  newlyDue: { ja: '新しく必要になりました', en: 'newly due' },
  otherProduct: { ja: '使うワクチンが変わりました', en: 'another product is used' },
  betterVisit: { ja: '来院の回数や時期がよりよくなります', en: 'it fits better with the other visits' },
};

export const NOTE_WORDS: Record<VisitNote | 'holidays' | 'oneSeason' | 'bounded', Text> = {
  pinnedOnClosedDay: {
    ja: 'ご希望の日は、休診日か避けたい期間に当たっています',
    en: 'The day you chose is one on which the clinic is closed or you are away',
  },
  pinsAboveMaximum: {
    ja: 'ご希望により、1回の本数の上限を超えています',
    en: 'What you chose is more injections than your maximum',
  },
  holidays: {
    ja: '祝日や臨時の休診は分かりません。予約のときに確かめてください',
    en: 'Public holidays and other closures are not known here: check them when you book',
  },
  oneSeason: {
    ja: '毎年受けるワクチンは、次の1シーズン分だけを計画しています',
    en: 'Vaccines of a season are planned for the next season only',
  },
  bounded: {
    ja: '組み合わせが多いため、一部は先の期間を短くして比べています',
    en: 'There are many combinations: some were compared over a shorter time ahead',
  },
};

const WEEKDAY_WORDS = {
  mon: { ja: '月', en: 'Mon' },
  tue: { ja: '火', en: 'Tue' },
  wed: { ja: '水', en: 'Wed' },
  thu: { ja: '木', en: 'Thu' },
  fri: { ja: '金', en: 'Fri' },
  sat: { ja: '土', en: 'Sat' },
  sun: { ja: '日', en: 'Sun' },
} as const;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `2026年4月25日（土）` · `Sat 25 Apr 2026` */
export function dayWords(day: Day): Text {
  const { year, month, day: date } = civilOf(day);
  const { ja, en } = WEEKDAY_WORDS[weekdayOf(day)];
  return { ja: `${year}年${month}月${date}日（${ja}）`, en: `${en} ${date} ${MONTHS[month - 1]} ${year}` };
}
