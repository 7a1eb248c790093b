// The states of a dose and of a series as people say them: Japanese for a family, English beside the code for whoever builds on it.

import type { Text } from '../forecast/rule.ts';
import type { DoseStatus, SeriesStatus } from '../forecast/types.ts';

export const DOSE_STATUS_WORDS: Record<DoseStatus, Text> = {
  valid: { ja: '有効', en: 'Valid' },
  notValid: { ja: '有効と認められない', en: 'Not valid' },
  extraneous: { ja: '必要な回数を超えている', en: 'Extraneous' },
  subStandard: { ja: '製品の状態に問題がある', en: 'Substandard' },
  undetermined: { ja: '判定できない（医師に確認）', en: 'Undetermined' },
};

/** `due` and `overdue` are R4's words for an open series. */
export const SERIES_STATUS_WORDS: Record<SeriesStatus | 'due' | 'overdue', Text> = {
  notComplete: { ja: 'これから', en: 'Not complete' },
  due: { ja: '接種の時期', en: 'Due' },
  overdue: { ja: '標準の時期を過ぎている', en: 'Overdue' },
  complete: { ja: '完了', en: 'Complete' },
  immune: { ja: '免疫があるため不要', en: 'Immune' },
  contraindicated: { ja: '接種できない', en: 'Contraindicated' },
  notRecommended: { ja: '勧められない', en: 'Not recommended' },
  agedOut: { ja: '対象の期間を過ぎている', en: 'Aged out' },
  notRelevant: { ja: '対象ではない', en: 'Not recommended' },
};
